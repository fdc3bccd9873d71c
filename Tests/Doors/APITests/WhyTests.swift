import DoorSupport
import Foundation
import JSON
import Records
import Store
import Testing

/// Why there was an event, and why there was none, as far as the store knows it.
struct WhyTests {
    private static let noon = Date(rfc3339: "2026-03-02T12:00:00Z")!
    /// A frame as traces have it.
    private static func frame(_ second: Double, _ verdict: String, event: UUID?) -> JSONValue {
        [
            "frame": 1, "time": .string(noon.addingTimeInterval(second).rfc3339), "time_offset": .number(second),
            "people_count": 3, "boxes": [], "text": "3 people are counted",
            "decisions": [
                [
                    "track": nil, "event_id": event.map { .string($0.wire) } ?? .null, "verdict": .string(verdict),
                    "conditions": [], "text": "3 people are counted",
                ]
            ],
        ]
    }
    /// Stores a crowd of a stream with its trace.
    private static func event(_ server: TestServer, in stream: UUID) async throws -> (id: UUID, trace: JSONValue) {
        let id = try await server.createGeneralEvent(stream: stream, at: noon)
        let trace: JSONValue = [
            "event_id": .string(id.wire), "event_type": "crowd", "stream_id": .string(stream.wire),
            "account_id": .string(server.user.id.wire), "begin": .string(noon.rfc3339), "end": .string(noon.rfc3339),
            "is_open": false, "frames_seen": 40, "answer": ["It began."], "missing": [],
            "rules": [
                "analytic": "people_count", "index": 0, "parameters": [:], "parameters_sha256": "ff", "thresholds": [:],
                "model": nil,
            ],
            "frames": [
                frame(0, "opened", event: id), frame(1, "continued", event: id), frame(100, "closed", event: id),
            ],
        ]
        let kept = KeptTrace(
            event: id, stream: stream, account: server.user.id, begin: noon, end: noon.addingTimeInterval(100),
            document: JSONText(trace))
        #expect(try await server.store.add([kept]).isEmpty)
        return (id, trace)
    }

    @Test func anEventTellsItsTraceToItsAccountAlone() async throws {
        try await withServer { server in
            let stream = try await server.createStream().id
            let (id, trace) = try await Self.event(server, in: stream)
            for path in ["/6/events", "/6/general/events"] {
                let own = "\(path)/\(id.wire)/why"
                let reply = try await server.send("GET", own)
                #expect(reply.status == 200)
                #expect(try reply.json == JSONValue(parsing: Data(trace.text.utf8)))
                #expect(try await server.send("GET", own, headers: TestServer.basic(server.stranger)).status == 404)
                #expect(try await server.send("GET", own, headers: TestServer.basic(server.admin)).status == 200)
                #expect(try await server.send("GET", "\(path)/\(UUID().wire)/why").json["error_code"] == 23001)
            }
        }
    }
    @Test func anEventWithoutATraceSaysThatNothingIsKnown() async throws {
        try await withServer { server in
            for id in [try await server.createEvent(), try await server.createGeneralEvent()] {
                let reply = try await server.send("GET", "/6/events/\(id.wire)/why")
                #expect(reply.status == 200)
                let why = try reply.json
                #expect(why["frames"] == [] && why["rules"] == .null && why["event_id"] == .string(id.wire))
                #expect(why["missing"]?.array?.map { $0["reason"] } == ["no_trace"])
                let reason = why["missing"]?.array?.first?["text"]?.string ?? ""
                #expect(why["answer"] == [.string("Nothing is known of the event: \(reason).")] && !reason.isEmpty)
            }
            // As everywhere under that path, an event of a handler is none.
            let handled = try await server.createEvent()
            #expect(try await server.send("GET", "/6/general/events/\(handled.wire)/why").status == 404)
        }
    }
    @Test func anOldTimeIsToldByTheTracesOfEventsThatCoverIt() async throws {
        try await withServer { server in
            let stream = try await server.createStream().id
            let (id, _) = try await Self.event(server, in: stream)
            func why(_ time: String, _ rest: String = "") async throws -> JSONValue {
                let reply = try await server.send("GET", "/6/streams/\(stream.wire)/why?time=\(time)\(rest)")
                #expect(reply.status == 200)
                return try reply.json
            }
            let told = try await why("2026-03-02T12:00:01Z")
            let analytic = try #require(told["analytics"]?.array?.first)
            #expect(analytic["source"] == "event" && analytic["event_ids"] == [.string(id.wire)])
            #expect(analytic["frames"]?.array?.count == 2)
            let sentence = "An event at 2026-03-02T12:00:01.000Z (time_offset 1): 3 people are counted."
            #expect(analytic["answer"] == [.string(sentence)])
            #expect(told["answer"] == [.string("people_count: \(sentence)")])
            #expect(told["from"] == "2026-03-02T11:59:56.000Z" && told["to"] == "2026-03-02T12:00:06.000Z")
            // In the midst of a long event its nearest frame speaks.
            let between = try await why("2026-03-02T12:00:40Z", "&within=1")
            #expect(between["analytics"]?.array?.first?["frames"]?.array?.first?["time_offset"] == 1)
            // Of a time that no event covers nothing is made up.
            let nothing = try await why("2026-03-02T13:00:00Z")
            #expect(nothing["analytics"] == [] && nothing["missing"]?.array?.count == 2)
            let words = nothing["answer"]?.array?.compactMap(\.string) ?? []
            #expect(words.count == 1 && words[0].hasPrefix("Nothing is known of that time: "), "\(words)")
        }
    }
    @Test func aStreamIsToldToItsAccountAloneAndForATimeThatIsOne() async throws {
        try await withServer { server in
            let path = "/6/streams/\(try await server.createStream().id.wire)/why"
            for bad in [
                "", "?time=", "?time=noon", "?time=2026-03-02T12:00:01Z&within=-1",
                "?time=2026-03-02T12:00:01Z&within=61",
            ] {
                #expect(try await server.send("GET", path + bad).status == 400, "\(bad)")
            }
            let asked = path + "?time=2026-03-02T12:00:01Z"
            #expect(try await server.send("GET", asked).status == 200)
            #expect(try await server.send("GET", asked, headers: TestServer.basic(server.stranger)).status == 404)
            let nowhere = "/6/streams/\(UUID().wire)/why?time=2026-03-02T12:00:01Z"
            #expect(try await server.send("GET", nowhere).json["error_code"] == 44001)
        }
    }
}
