import DoorSupport
import Foundation
import HTTPEdge
import Identity
import JSON
import Streams
import Records
import Scene
import Store
import Testing

@testable import API

struct StreamFeedTests {
    private static let noon = Date(timeIntervalSince1970: 1_715_418_701)
    /// What subscribers are told of a frame with so many people.
    private struct Crowd: Facts {
        let people: Int
        var members: [String: JSONValue] { ["people_count": .integer(Int64(people))] }
    }
    private static let trackID = UUID()
    private static func update(people: Int) -> EventUpdate {
        let time = FrameTime(index: 0, pts: .zero, wallClock: noon)
        let event = Event(
            id: trackID, trackID: trackID, type: "crowd", begin: time, end: time, facts: Crowd(people: people))
        return EventUpdate(
            event: event, change: .opened, status: .started, isReported: false, time: time,
            live: Crowd(people: people))
    }
    private static func said(_ updates: EventUpdate...) -> LiveMessage {
        .updates([AnalyticUpdates(origin: EventOrigin(name: "people_count", resultName: "crowd"), updates: updates)])
    }
    private static func message(people: Int) -> JSONValue {
        let id = JSONValue.string(trackID.wire)
        return [
            "stream_status": "in_progress", "error": nil,
            "analytics_results": [
                "crowd": [
                    "people_count": .integer(Int64(people)), "track_id": id, "event_id": id,
                    "event_status": "started", "time_offset": 0,
                ]
            ],
        ]
    }
    private static let finished: JSONValue = ["stream_status": "finished", "error": nil]

    /// Waits until the server has noticed something that the client did.
    private static func until(_ condition: () -> Bool) async { while !condition() { await Task.yield() } }

    @Test func subscribersAreToldWhatHappensUntilTheStreamEnds() async throws {
        try await withServer { server in
            let stream = try await server.createRunningStream()
            var headers = TestServer.basic(server.user)
            headers["Luna-Request-Id"] = "1536751345,8b8b5937-2e9c-4e8b-a7a7-5caf86621b5a"
            try await RawWebSocket.open(server, stream: stream.id, headers: headers) { socket in
                #expect(socket.reply.status == 101)
                #expect(socket.reply.headers["luna-request-id"] == headers["Luna-Request-Id"])
                server.hub.offer(Self.said(Self.update(people: 2), Self.update(people: 3)), to: stream.id)
                server.hub.offer(.analyticError(resultName: "crowd", "frame 7"), to: stream.id)
                server.hub.offer(.finished, to: stream.id)
                for people in [2, 3] {
                    #expect(try await socket.nextMessage() == Self.message(people: people))
                }
                #expect(try await socket.nextMessage()?["analytics_results"]?["crowd"]?["error"] == "frame 7")
                #expect(try await socket.nextMessage() == Self.finished)
                #expect(try await socket.next() == .close(1000))
                try await socket.sendClose(1000)
                #expect(try await socket.next() == nil)
            }
        }
    }

    @Test func aBrokenStreamClosesWithAnError() async throws {
        try await withServer(listener: { $0.writeTimeout = .seconds(1) }) { server in
            let stream = try await server.createRunningStream()
            try await RawWebSocket.open(
                server, stream: stream.id, headers: ["Luna-Account-Id": server.user.id.uuidString.lowercased()]
            ) { socket in
                server.hub.offer(.failed("connection refused"), to: stream.id)
                let message = try await socket.nextMessage()
                #expect(message == ["stream_status": "error", "error": "connection refused"])
                #expect(try await socket.next() == .close(1011))
                // The client never answers: the server ends the connection all the same.
                #expect(try await socket.next() == nil)
            }
        }
    }

    @Test func aRefusedUpgradeIsAnOrdinaryAnswer() async throws {
        try await withServer { server in
            let running = try await server.createRunningStream().id.uuidString.lowercased()
            let pending = try await server.createStream().id.uuidString.lowercased()
            let unknown = UUID().uuidString.lowercased()
            func upgrade(_ id: String, _ change: KeyValuePairs<String, String?> = [:]) async throws -> Reply {
                var headers = RawWebSocket.handshake.merging(TestServer.basic(server.user)) { $1 }
                for (name, value) in change { headers[name] = value }
                return try await RawConnection.open(port: server.port) { connection in
                    var head = "GET /6/streams/\(id)/ws HTTP/1.1\r\nHost: localhost\r\n"
                    for (name, value) in headers { head += "\(name): \(value)\r\n" }
                    try await connection.write("\(head)\r\n")
                    return try Reply(await connection.readToEnd())
                }
            }
            try await upgrade(running, ["Authorization": nil]).expectError(
                403, 12010, "Bad/incomplete input data", "This resource needs 'Authorization' authorization headers")
            let wrong = TestServer.basic("user@example.org:wrong")["Authorization"]
            try await upgrade(running, ["Authorization": wrong]).expectError(
                401, 11065, "Authorization failed", "Account login or password are incorrect")
            try await upgrade(unknown).expectError(
                404, 44001, "Object not found", "Stream with id '\(unknown)' not found")
            let stranger = TestServer.basic(server.stranger)["Authorization"]
            try await upgrade(running, ["Authorization": stranger]).expectError(
                404, 44001, "Object not found", "Stream with id '\(running)' not found")
            try await upgrade(pending).expectError(
                422, 44013, "Stream status is unsuitable",
                "Stream with id '\(pending)' is not currently being processed")
            try await upgrade("1").expectError(404, 12013, "Resource not found", "Page not found")
            for change: KeyValuePairs<String, String?> in [
                ["Sec-WebSocket-Key": nil], ["Sec-WebSocket-Key": "short"], ["Connection": "close"],
            ] {
                let reply = try await upgrade(running, change)
                try reply.expectError(400, 12017, "Bad/incomplete input data", "Bad content type")
            }
            for change: KeyValuePairs<String, String?> in [
                ["Upgrade": "h2c"], ["Upgrade": nil, "Connection": "close"], ["Sec-WebSocket-Version": "8"],
                ["Sec-WebSocket-Version": nil],
            ] {
                try await upgrade(running, change).expectUpgradeWanted()
                try await upgrade(pending, change).expectError(
                    422, 44013, "Stream status is unsuitable",
                    "Stream with id '\(pending)' is not currently being processed")
            }
            let stream = try #require(UUID(uuidString: running))
            #expect(server.hub.subscriberCount(of: stream) == 0)
        }
    }

    @Test func whoSeesAllAccountsMayWatchTheirStreams() async throws {
        try await withServer { server in
            let stream = try await server.createRunningStream()
            try await RawWebSocket.open(server, stream: stream.id, headers: TestServer.basic(server.advanced)) {
                #expect($0.reply.status == 101)
            }
        }
    }

    @Test func aClientThatLeavesIsForgotten() async throws {
        try await withServer { server in
            let stream = try await server.createRunningStream()
            try await RawWebSocket.open(server, stream: stream.id) { socket in
                #expect(server.hub.subscriberCount(of: stream.id) == 1)
                try await socket.sendClose(1001)
                #expect(try await socket.next() == .close(1001))
                #expect(try await socket.next() == nil)
            }
            await Self.until { server.hub.subscriberCount(of: stream.id) == 0 }
            try await RawWebSocket.open(server, stream: stream.id) { _ in }  // without a word
            await Self.until { server.hub.subscriberCount(of: stream.id) == 0 }
        }
    }

    @Test func aClientThatReadsTooSlowlyIsToldSo() async throws {
        try await withServer { server in
            let stream = try await server.createRunningStream()
            try await RawWebSocket.open(server, stream: stream.id) { socket in
                // More than the kernel, the connection and the feed together can hold while nobody reads.
                let filler = String(repeating: "x", count: 8 << 10)
                for _ in 0..<20 {
                    for _ in 0..<1000 { server.hub.offer(.analyticError(resultName: "crowd", filler), to: stream.id) }
                    await Task.yield()
                }
                var count = 0
                var last: RawWebSocket.Frame?
                while let frame = try await socket.next() {
                    last = frame
                    guard case .text = frame else { break }
                    count += 1
                }
                #expect(count >= LiveFeed.capacity && count < 20_000)
                #expect(last == .close(1013))
            }
        }
    }

    private static func bearer(_ token: Token) -> [String: String] { ["Authorization": "Bearer \(token.jwt)"] }
    private static let viewer = TokenSpecification(permissions: TokenPermissions(["video_stream": ["view"]]))

    @Test(arguments: ["DELETE", "PUT"])
    func aFeedEndsWithItsToken(method: String) async throws {
        try await withServer { server in
            let stream = try await server.createRunningStream()
            let token = try await server.identity.createToken(Self.viewer, account: server.user.id)
            let path = "/6/tokens/\(token.id.uuidString.lowercased())"
            try await RawWebSocket.open(server, stream: stream.id, headers: Self.bearer(token)) { socket in
                #expect(socket.reply.status == 101)
                // What leaves it the right leaves the feed.
                let kept: JSONValue = ["expiration_time": nil, "permissions": ["video_stream": ["view", "deletion"]]]
                #expect(try await server.send("PUT", path, kept).status == 201)
                server.hub.offer(Self.said(Self.update(people: 2)), to: stream.id)
                #expect(try await socket.nextMessage() != nil)
                let without: JSONValue = ["expiration_time": nil, "permissions": ["video_stream": ["creation"]]]
                _ = try await server.send(method, path, method == "PUT" ? without : nil)
                #expect(try await socket.next() == .close(1008))
            }
            await Self.until { server.hub.subscriberCount(of: stream.id) == 0 }
        }
    }

    @Test func aFeedEndsWhenItsTokenExpires() async throws {
        try await withServer { server in
            let stream = try await server.createRunningStream()
            for lifetime in [1.0, 4, 16, 64, 256] {
                var specification = Self.viewer
                specification.expirationTime = .now + lifetime
                let token = try await server.identity.createToken(specification, account: server.user.id)
                var wasOpened = false
                try await RawWebSocket.open(server, stream: stream.id, headers: Self.bearer(token)) { socket in
                    wasOpened = socket.reply.status == 101
                    guard wasOpened else { return }
                    let end = try await socket.next()
                    #expect(end == .close(1008))
                }
                if wasOpened { return }  // else this machine was slower than the token lived
            }
            Issue.record("no handshake was faster than the lifetime of its token")
        }
    }

    @Test func aFeedEndsWhenItsPasswordIsChanged() async throws {
        try await withServer { server in
            let stream = try await server.createRunningStream()
            let known = ["Luna-Account-Id": server.user.id.uuidString.lowercased()]
            try await RawWebSocket.open(server, stream: stream.id, headers: known) { other in
                try await RawWebSocket.open(server, stream: stream.id) { socket in
                    let changed = try await server.send("PATCH", "/6/account", ["password": "another"])
                    let end = try await socket.next()
                    #expect(changed.status == 204 && end == .close(1008))
                }
                server.hub.offer(.finished, to: stream.id)
                #expect(try await other.nextMessage() == Self.finished)
            }
        }
    }

    @Test func aFeedOfAnotherAccountEndsWhenThatIsNoLongerSeen() async throws {
        try await withServer { server in
            let stream = try await server.createRunningStream()
            let watcher = TestServer.basic(server.advanced)
            try await RawWebSocket.open(server, stream: stream.id, headers: watcher) { socket in
                let lowered = try await server.send("PATCH", "/6/account", ["account_type": "user"], headers: watcher)
                #expect(lowered.status == 204)
                #expect(try await socket.next() == .close(1008))
            }
        }
    }

    @Test func aShutdownClosesOpenFeeds() async throws {
        try await withServer { server in
            let stream = try await server.createRunningStream()
            try await RawWebSocket.open(server, stream: stream.id) { socket in
                await server.shutDown()
                #expect(try await socket.next() == .close(1001))
                try await socket.sendClose(1001)
                #expect(try await socket.next() == nil)
            }
        }
    }

    @Test func theServerAsksForSignsOfLife() async throws {
        try await withServer(listener: { $0.pingInterval = .milliseconds(10) }) { server in
            let stream = try await server.createRunningStream()
            try await RawWebSocket.open(server, stream: stream.id) { socket in
                #expect(try await socket.next() == .ping([]))
                // No pong: given up without a word after three of them.
                while let frame = try await socket.next() { #expect(frame == .ping([])) }
            }
            await Self.until { server.hub.subscriberCount(of: stream.id) == 0 }
        }
    }
}
