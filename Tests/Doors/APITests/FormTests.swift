import DoorSupport
import Foundation
import JSON
import Records
import Scene
import Streams
import Testing

@testable import API

/// The forms in which one crowd and one person are told, against `api/examples`; `scripts/fuzz` holds those to the document.
struct FormTests {
    private static func example(_ name: String) throws -> JSONValue {
        let file = TestServer.documentFolder.appending(path: "examples/\(name).json")
        return try JSONValue(parsing: Array(Data(contentsOf: file)))
    }
    /// With the ids of the examples.
    private static func named(_ value: JSONValue?, _ noticed: Noticed) throws -> JSONValue {
        let event = noticed.event, account = noticed.stream.accountID
        var text = try #require(value).text
        for (id, example) in [
            (account, "8b8b5937-2e9c-4e8b-a7a7-5caf86621b5a"),
            (BuiltInHandler.id(of: account), "7d1e3c52-90ab-4c0d-8f6e-1a2b3c4d5e6f"),
            (noticed.stream.id, "557d54ec-29ad-4f3c-93b4-c9092ef12515"),
            (event.id, "0f0e0d0c-1b2a-4c3d-9e8f-102030405060"), (event.trackID, "9a8b7c6d-5e4f-4a3b-8c2d-1e0f9a8b7c6d"),
            (event.pictures.first?.id ?? UUID(), "2c4e6a8b-1d3f-4b5d-9f7e-6a5b4c3d2e1f"),
        ] { text = text.replacing(id.wire, with: example) }
        return try JSONValue(parsing: Array(text.utf8))
    }
    private static func callback(_ noticed: Noticed) -> JSONValue {
        noticed.event.wire(at: EventPlace(noticed.stream)) { .link($0.kind.path(of: $0.id)) }
    }

    @Test func aCrowdIsToldInThePublishedForms() async throws {
        try await withServer { server in
            var noticed = try Noticed(of: server.user.id)
            noticed.event.pictures = [
                Event.Picture(
                    role: .frame(member: "overview"), time: noticed.event.end,
                    facts: Told(members: ["people_coordinates": [[64, 128], [491, 375]]]),
                    snapshot: Snapshot(mediaType: .jpeg, bytes: [1, 2, 3]))
            ]
            try await server.subscribe("/6/general/ws?event_type=crowd") { [noticed] socket in
                try await server.happen(noticed)
                let message = try await socket.nextMessage()
                #expect(try Self.named(message, noticed) == Self.example("GeneralNotice"))
            }
            let one = try await server.send("GET", "/6/general/events/\(noticed.event.id.wire)")
            #expect(try Self.named(one.json, noticed) == Self.example("GeneralEvent"))
            #expect(try Self.named(Self.callback(noticed), noticed) == Self.example("CallbackBody.crowd"))
            let update = EventUpdate(
                event: noticed.event, change: .closed, status: .finished, isReported: true, time: noticed.event.end,
                live: noticed.event.facts)
            let live = LiveWire.messages(for: .updates([AnalyticUpdates(origin: noticed.origin, updates: [update])]))
            #expect(live.count == 1)
            #expect(try Self.named(live.first, noticed) == Self.example("LiveMessage"))
        }
    }

    @Test func aPersonIsToldInThePublishedForms() async throws {
        try await withServer { server in
            var noticed = try Noticed("human_tracking", [:], of: server.user.id, form: .generated)
            noticed.event.pictures = [
                Event.Picture(
                    role: .body([.samples, .thumbnail]), time: noticed.event.end,
                    facts: Told(members: [
                        "rect": ["x": 70, "y": 40, "width": 10, "height": 20], "score": 0.42,
                    ]),
                    snapshot: Snapshot(mediaType: .jpeg, bytes: [1, 2, 3]))
            ]
            try await server.subscribe("/6/ws") { [noticed] socket in
                try await server.happen(noticed)
                let message = try await socket.nextMessage()
                #expect(try Self.named(message, noticed) == Self.example("HandlerNotice"))
            }
            let one = try await server.send("GET", "/6/events/\(noticed.event.id.wire)")
            #expect(try Self.named(one.json, noticed) == Self.example("StoredEvent"))
            #expect(try Self.named(Self.callback(noticed), noticed) == Self.example("CallbackBody.human_tracking"))
        }
    }

    @Test func aRawEventIsToldWithTheRequestThatBroughtIt() async throws {
        try await withServer { server in
            try await server.subscribe("/6/ws") { socket in
                var headers = TestServer.basic(server.user)
                headers["Luna-Request-Id"] = "1536751345,8b8b5937-2e9c-4e8b-a7a7-5caf86621b5a"
                let path = "/6/handlers/\(BuiltInHandler.id(of: server.user.id).wire)/events/raw"
                let reply = try await server.send("POST", path, ["source": "gate-2"], headers: headers)
                let message = try await socket.nextMessage()
                #expect(message?["Luna-Request-id"]?.string == headers["Luna-Request-Id"])
                let id = try reply.json["event_id"]
                #expect(message?["event"]?["event_id"] == id)
                #expect(message?["event"]?["source"] == "gate-2" && message?.object?.count == 5)
                // A list also where nothing was seen; of those that are found both sides are null.
                #expect(message?["event"]?["detections"] == [])
                let found = try await server.send("GET", "/6/events/\(id?.string ?? "")").json
                #expect(found["face_detections"] == .null && found["body_detections"] == .null)
            }
        }
    }
}
