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
    /// The client's side of server-sent events, taken apart.
    private struct Source {
        let connection: RawConnection
        let reply: Reply

        static func open(
            _ server: TestServer, _ stream: RegisteredStream, query: String = "", headers: [String: String] = [:],
            _ body: (Source) async throws -> Void
        ) async throws {
            try await RawConnection.open(port: server.port) { connection in
                var head = "GET /6/streams/\(stream.id.wire)/sse\(query) HTTP/1.1\r\nHost: localhost\r\n"
                for (name, value) in TestServer.basic(server.user).merging(headers, uniquingKeysWith: { $1 }) {
                    head += "\(name): \(value)\r\n"
                }
                try await connection.write("\(head)\r\n")
                let answer = String(decoding: try await connection.read(through: "\r\n\r\n"), as: UTF8.self)
                // The body is read as it comes.
                let reply = try Reply(Data(answer.replacing("ransfer-encoding: chunked", with: "e: chunked").utf8))
                let source = Source(connection: connection, reply: reply)
                if reply.status == 200 { #expect(try await source.chunk() == "retry: 1000\n\n") }
                try await body(source)
            }
        }
        /// `nil` at the end. One event is one chunk.
        func chunk() async throws -> String? {
            let line = String(decoding: try await connection.read(through: "\r\n"), as: UTF8.self)
            guard let size = Int(line.trimmingCharacters(in: .newlines), radix: 16), size > 0,
                let bytes = try await connection.read(count: size)
            else { return nil }
            _ = try await connection.read(count: 2)
            return String(decoding: bytes, as: UTF8.self)
        }
        func next() async throws -> (id: String?, data: JSONValue)? {
            guard let text = try await chunk() else { return nil }
            var id: String?, data = JSONValue.null
            for line in text.split(separator: "\n") {
                if line.hasPrefix("id: ") { id = String(line.dropFirst(4)) }
                if line.hasPrefix("data: ") { data = try JSONValue(parsing: Data(line.dropFirst(6).utf8)) }
            }
            return (id, data)
        }
    }
    private static let finished: JSONValue = ["stream_status": "finished", "error": nil]

    @Test func eventsSayWhereTheClientGoesOn() async throws {
        try await withServer { server in
            let stream = try await server.createRunningStream()
            let event = Seen(stream)
            try await Source.open(server, stream) { source in
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
            try await Source.open(server, stream, query: "?after=0", headers: ["Last-Event-ID": "1"]) { source in
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
            try await Source.open(server, stream, headers: ["Last-Event-ID": "1.end"]) {
                #expect($0.reply.status == 204)
            }
            // One who has not heard the end is told it.
            try await Source.open(server, stream, headers: ["Last-Event-ID": "1"]) { source in
                _ = try await source.next()
                #expect(try await source.next()?.data == Self.finished)
            }
            // Something came behind the end that he knows.
            try await server.record(event, .closed, at: 2)
            try await Source.open(server, stream, headers: ["Last-Event-ID": "1.end"]) { source in
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
            try await Source.open(server, stream, headers: ["Authorization": "Bearer \(token.jwt)"]) { source in
                _ = try await source.next()
                _ = try await server.send("DELETE", "/6/tokens/\(token.id.wire)")
                #expect(try await source.chunk() == nil)
            }
        }
    }

    @Test func aClientThatLeavesGivesItsPlaceFree() async throws {
        try await withServer { server in
            let stream = try await server.createRunningStream()
            try await Source.open(server, stream) { source in
                _ = try await source.next()
                #expect(server.hub.subscriberCount(of: stream.id) == 1)
            }
            while server.hub.subscriberCount(of: stream.id) > 0 { await Task.yield() }
        }
    }

    @Test func aShutdownEndsTheAnswer() async throws {
        try await withServer { server in
            let stream = try await server.createRunningStream()
            try await Source.open(server, stream) { source in
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
