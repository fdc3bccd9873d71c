import DoorSupport
import Foundation
import Identity
import JSON
import Records
import Store
import Streams
import Testing

@testable import API

/// `/6/streams/{stream_id}/sse`.
struct EventSourceTests {
    private static func path(_ stream: RegisteredStream) -> String { "/6/streams/\(stream.id.wire)/sse" }
    private static let finished: JSONValue = ["stream_status": "finished", "error": nil]

    @Test func eventsSayWhereTheClientGoesOn() async throws {
        try await withServer { server in
            let stream = try await server.createRunningStream()
            let event = Seen(stream)
            try await server.follow(Self.path(stream)) { source in
                #expect(source.reply.status == 200)
                #expect(source.reply.headers["content-type"] == "text/event-stream")
                #expect(source.reply.headers["cache-control"] == "no-store")
                #expect(source.reply.headers["x-accel-buffering"] == "no")
                let begin = try await source.next()
                #expect(begin?.id == "0" && begin?.data["position"] == 0)
                try await server.record(event, .opened, at: 1)
                let opened = try await source.next()
                #expect(opened?.id == "1")
                #expect(opened?.data == event.told(.opened, at: 1, sequence: 1, previous: 0))
                server.hub.offer(.updates([event.updates(.continued, at: 2)]), to: stream.id)
                let frame = try await source.next()
                #expect(frame?.id == nil && frame?.data == event.told(.continued, at: 2))
            }
            try await server.record(event, .closed, at: 3)
            // What the client last heard goes before what its address says.
            try await server.follow("\(Self.path(stream))?after=0", headers: ["Last-Event-ID": "1"]) { source in
                let begin = try await source.next()
                #expect(begin?.data["position"] == 1)
                let closed = try await source.next()
                #expect(closed?.data == event.told(.closed, at: 3, sequence: 2, previous: 1))
                try await server.end(stream)
                let end = try await source.next()
                #expect(end?.id == "2.end" && end?.data == Self.finished)
                #expect(try await source.chunk() == nil)
            }
        }
    }

    @Test func whoeverHasTheEndIsToldNotToComeAgain() async throws {
        try await withServer { server in
            let stream = try await server.createRunningStream(), event = Seen(stream)
            try await server.record(event, .opened, at: 1)
            try await server.end(stream)
            try await server.follow(Self.path(stream), headers: ["Last-Event-ID": "1.end"]) {
                #expect($0.reply.status == 204)
            }
            // One who has not heard the end is told it.
            try await server.follow(Self.path(stream), headers: ["Last-Event-ID": "1"]) { source in
                _ = try await source.next()
                #expect(try await source.next()?.data == Self.finished)
            }
            // Something came behind the end that he knows.
            try await server.record(event, .closed, at: 2)
            try await server.follow(Self.path(stream), headers: ["Last-Event-ID": "1.end"]) { source in
                _ = try await source.next()
                #expect(try await source.next()?.id == "2")
            }
        }
    }

    @Test func theAnswerEndsWithItsToken() async throws {
        try await withServer { server in
            let stream = try await server.createRunningStream()
            let viewer = TokenSpecification(permissions: TokenPermissions(["video_stream": ["view"]]))
            let token = try await server.identity.createToken(viewer, account: server.user.id)
            try await server.follow(Self.path(stream), headers: ["Authorization": "Bearer \(token.jwt)"]) { source in
                _ = try await source.next()
                _ = try await server.send("DELETE", "/6/tokens/\(token.id.wire)")
                #expect(try await source.chunk() == nil)
            }
        }
    }

    @Test func aClientThatLeavesGivesItsPlaceFree() async throws {
        try await withServer { server in
            let stream = try await server.createRunningStream()
            try await server.follow(Self.path(stream)) { source in
                _ = try await source.next()
                #expect(server.hub.subscriberCount(of: stream.id) == 1)
            }
            while server.hub.subscriberCount(of: stream.id) > 0 { await Task.yield() }
        }
    }

    @Test func aShutdownEndsTheAnswer() async throws {
        try await withServer { server in
            let stream = try await server.createRunningStream()
            try await server.follow(Self.path(stream)) { source in
                _ = try await source.next()
                await server.shutDown()
                #expect(try await source.chunk() == nil)
            }
        }
    }

    @Test func whatIsNoPlaceOrNoStreamIsRefused() async throws {
        try await withServer { server in
            let stream = try await server.createRunningStream()
            var headers = TestServer.basic(server.user)
            let path = "/6/streams/\(stream.id.wire)/sse"
            try await server.send("GET", "\(path)?after=1").expectError(
                400, 12012, "Bad/incomplete input data", "Bad query parameters 'after'")
            headers["Last-Event-ID"] = "x"
            try await server.send("GET", path, headers: headers).expectError(
                400, 12012, "Bad/incomplete input data", "Bad query parameters 'after'")
            try await server.send("GET", path, headers: TestServer.basic(server.stranger)).expectError(
                404, 44001, "Object not found", "Stream with id '\(stream.id.wire)' not found")
        }
    }
}
