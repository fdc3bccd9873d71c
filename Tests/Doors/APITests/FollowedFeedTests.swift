import DoorSupport
import Foundation
import Identity
import JSON
import Records
import Scene
import Store
import Streams
import Testing

@testable import API

/// `/6/streams/{stream_id}/ws?after=`.
struct FollowedFeedTests {
    private static func open(
        _ server: TestServer, _ stream: RegisteredStream, after: String, headers: [String: String]? = nil,
        _ body: (RawWebSocket) async throws -> Void
    ) async throws {
        try await RawWebSocket.open(
            port: server.port, "/6/streams/\(stream.id.wire)/ws?after=\(after)",
            headers: headers ?? TestServer.basic(server.user)
        ) { socket in
            #expect(socket.reply.status == 101)
            try await body(socket)
        }
    }
    private static func position(_ place: Int64) -> JSONValue {
        ["stream_status": "in_progress", "error": nil, "position": .integer(place)]
    }
    private static let finished: JSONValue = ["stream_status": "finished", "error": nil]

    @Test func whatWasMissedIsToldAndThenWhatHappens() async throws {
        try await withServer { server in
            let stream = try await server.createRunningStream()
            let first = Seen(stream), second = Seen(stream)
            try await server.record(first, .opened, at: 1)
            try await server.record(first, .closed, at: 2)
            try await Self.open(server, stream, after: "1") { socket in
                #expect(try await socket.nextMessage() == Self.position(1))
                #expect(try await socket.nextMessage() == first.told(.closed, at: 2, sequence: 2, previous: 1))
                try await server.record(second, .opened, at: 3)
                #expect(try await socket.nextMessage() == second.told(.opened, at: 3, sequence: 3, previous: 2))
                try await server.record(second, .closed, at: 4)
                #expect(try await socket.nextMessage() == second.told(.closed, at: 4, sequence: 4, previous: 3))
                try await server.end(stream)
                #expect(try await socket.nextMessage() == Self.finished)
                #expect(try await socket.next() == .close(1000))
            }
            // Whoever comes back then is told the rest in any state of the stream.
            try await Self.open(server, stream, after: "3") { socket in
                #expect(try await socket.nextMessage() == Self.position(3))
                let record = try await socket.nextMessage()
                #expect(record?["sequence"] == 4)
                #expect(try await socket.nextMessage() == Self.finished)
            }
        }
    }

    @Test func recordsOfOthersShowInWhatWasToldBefore() async throws {
        try await withServer { server in
            let (stream, other) = (try await server.createRunningStream(), try await server.createRunningStream())
            let event = Seen(stream)
            try await server.record(event, .opened, at: 1)
            for _ in 0..<3 { try await server.record(Seen(other), .closed, at: 1) }  // 2 … 7
            try await server.record(event, .closed, at: 2)
            try await server.record(Seen(other), .closed, at: 1)  // 9, 10
            try await Self.open(server, stream, after: "0") { socket in
                let begin = try await socket.nextMessage()
                #expect(begin == Self.position(0))
                #expect(try await socket.nextMessage() == event.told(.opened, at: 1, sequence: 1, previous: 0))
                #expect(try await socket.nextMessage() == event.told(.closed, at: 2, sequence: 8, previous: 1))
            }
            try await Self.open(server, stream, after: "now") { socket in
                let begin = try await socket.nextMessage()
                #expect(begin == Self.position(10))
            }
        }
    }

    @Test func aPositionIsToldNowAndThen() async throws {
        try await withServer {
            $0.feedPace.positionInterval = .milliseconds(5)
        } _: { server in
            let (stream, other) = (try await server.createRunningStream(), try await server.createRunningStream())
            try await Self.open(server, stream, after: "0") { socket in
                #expect(try await socket.nextMessage() == Self.position(0))
                try await server.record(Seen(other), .closed, at: 1)
                var message = try await socket.nextMessage()
                while message == Self.position(0) { message = try await socket.nextMessage() }
                #expect(message == Self.position(2))
            }
        }
    }

    @Test func framesAreToldOfEventsWhoseBeginningWasAndWhoseEndWasNot() async throws {
        try await withServer { server in
            let stream = try await server.createRunningStream()
            let (known, unknown) = (Seen(stream), Seen(stream))
            try await server.record(known, .opened, at: 1)
            try await Self.open(server, stream, after: "1") { socket in
                #expect(try await socket.nextMessage() == Self.position(1))
                server.hub.offer(.updates([unknown.updates(.continued, at: 2)]), to: stream.id)
                server.hub.offer(.updates([known.updates(.continued, at: 3)]), to: stream.id)
                #expect(try await socket.nextMessage() == known.told(.continued, at: 3))
                server.hub.offer(.analyticError(resultName: "crowd", "frame 7"), to: stream.id)
                let failure = try await socket.nextMessage()
                #expect(failure?["analytics_results"]?["crowd"]?["error"] == "frame 7")
                try await server.record(known, .closed, at: 4)
                #expect(try await socket.nextMessage() == known.told(.closed, at: 4, sequence: 2, previous: 1))
                server.hub.offer(.updates([known.updates(.continued, at: 5)]), to: stream.id)
                try await server.record(unknown, .opened, at: 6)
                #expect(try await socket.nextMessage() == unknown.told(.opened, at: 6, sequence: 3, previous: 2))
            }
        }
    }

    @Test func aBrokenStreamEndsWithItsErrorOnceAllIsTold() async throws {
        try await withServer { server in
            let stream = try await server.createRunningStream()
            try await server.record(Seen(stream), .opened, at: 1)
            try await server.end(stream, .failure, error: "connection refused")
            try await Self.open(server, stream, after: "0") { socket in
                #expect(try await socket.nextMessage() == Self.position(0))
                let (record, last) = (try await socket.nextMessage(), try await socket.nextMessage())
                #expect(record?["sequence"] == 1)
                let reason = "fatal error during stream processing: connection refused"
                #expect(last == ["stream_status": "error", "error": .string(reason)])
                #expect(try await socket.next() == .close(1011))
            }
        }
    }

    @Test func aStreamThatIsBeingStoppedHasNotEnded() async throws {
        try await withServer { server in
            let stream = try await server.createRunningStream()
            let event = Seen(stream)
            try await server.record(event, .opened, at: 1)
            server.hub.begin(stream.id)
            try await Self.open(server, stream, after: "1") { socket in
                #expect(try await socket.nextMessage() == Self.position(1))
                try await server.end(stream, .done)
                // Its run still has something to say.
                try await server.record(event, .closed, at: 2)
                #expect(try await socket.nextMessage() == event.told(.closed, at: 2, sequence: 2, previous: 1))
                server.hub.end(stream.id, .finished)
                #expect(try await socket.nextMessage() == Self.finished)
            }
        }
    }

    @Test func aStreamThatWaitsIsFollowed() async throws {
        try await withServer { server in
            let stream = try await server.createStream()
            let event = Seen(stream)
            try await Self.open(server, stream, after: "0") { socket in
                #expect(try await socket.nextMessage() == Self.position(0))
                server.hub.offer(.finished, to: stream.id)  // of a version that was replaced
                try await server.record(event, .opened, at: 1)
                #expect(try await socket.nextMessage() == event.told(.opened, at: 1, sequence: 1, previous: 0))
            }
        }
    }

    @Test func whatIsNoLongerKeptIsTold() async throws {
        try await withServer { server in
            let stream = try await server.createRunningStream()
            for second in 1...3 { try await server.record(Seen(stream), .closed, at: Double(second)) }
            try await server.store.deleteEvents(beyond: 1)
            try await Self.open(server, stream, after: "1") { socket in
                #expect(try await socket.nextMessage() == Self.position(1))
                let gone = try await socket.nextMessage()
                #expect(
                    gone == ["stream_status": "in_progress", "error": nil, "expired": ["from": 2, "to": 4]])
                let next = try await socket.nextMessage()
                #expect(next?["sequence"] == 5 && next?["previous"] == 4)
            }
        }
    }

    @Test func aReaderWhoIsTooSlowIsToldWhatWaitsAndMayComeBack() async throws {
        try await withServer {
            $0.feedPace.patience = .zero  // nobody is as fast
        } _: { server in
            let stream = try await server.createRunningStream()
            for second in 1...2 { try await server.record(Seen(stream), .closed, at: Double(second)) }
            var place: Int64 = 0
            for expected in 0...3 {
                try await Self.open(server, stream, after: "\(place)") { socket in
                    #expect(try await socket.nextMessage() == Self.position(Int64(expected)))
                    let waiting = try await socket.nextMessage()
                    let range: JSONValue = ["from": .integer(place + 1), "to": 4]
                    #expect(waiting == ["stream_status": "in_progress", "error": nil, "lagged": range])
                    #expect(try await socket.next() == .close(1013))
                }
                place += 1
            }
        }
    }

    @Test func whatIsNoPlaceIsRefused() async throws {
        try await withServer { server in
            let stream = try await server.createRunningStream()
            try await server.record(Seen(stream), .closed, at: 1)
            for after in ["", "-1", "+1", "1.5", "a", "3", "99999999999999999999", "YWxsOjE"] {
                let headers = RawWebSocket.handshake.merging(TestServer.basic(server.user)) { $1 }
                let reply = try await server.sendRaw(
                    "GET", "/6/streams/\(stream.id.wire)/ws?after=\(after)", headers: headers)
                try reply.expectError(400, 12012, "Bad/incomplete input data", "Bad query parameters 'after'")
            }
            let unknown = UUID().wire
            try await server.send("GET", "/6/streams/\(unknown)/ws?after=0").expectError(
                404, 44001, "Object not found", "Stream with id '\(unknown)' not found")
            let stranger = TestServer.basic(server.stranger)
            try await server.send("GET", "/6/streams/\(stream.id.wire)/ws?after=0", headers: stranger).expectError(
                404, 44001, "Object not found", "Stream with id '\(stream.id.wire)' not found")
            try await server.send("GET", "/6/streams/\(stream.id.wire)/ws?after=0").expectUpgradeWanted()
        }
    }

    @Test func aFollowedFeedEndsWithItsToken() async throws {
        try await withServer { server in
            let stream = try await server.createRunningStream()
            let viewer = TokenSpecification(permissions: TokenPermissions(["video_stream": ["view"]]))
            let token = try await server.identity.createToken(viewer, account: server.user.id)
            let bearer = ["Authorization": "Bearer \(token.jwt)"]
            try await Self.open(server, stream, after: "0", headers: bearer) { socket in
                #expect(try await socket.nextMessage() == Self.position(0))
                _ = try await server.send("DELETE", "/6/tokens/\(token.id.wire)")
                #expect(try await socket.next() == .close(1008))
            }
        }
    }

    @Test func cursorsAreTakenByTheirOwnScopeAlone() {
        let account = RecordScope.account(UUID())
        #expect(account.cursor(at: 7) == 7 && account.place(ofCursor: "7") == 7)
        let all = RecordScope.everything.cursorText(at: 7)
        #expect(RecordScope.everything.cursor(at: 7) == .string(all))
        #expect(RecordScope.everything.place(ofCursor: all) == 7)
        #expect(account.place(ofCursor: all) == nil && RecordScope.everything.place(ofCursor: "7") == nil)
    }
}
