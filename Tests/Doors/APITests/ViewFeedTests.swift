import DoorSupport
import Foundation
import HTTPEdge
import Identity
import JSON
import Records
import Scene
import Store
import Testing

@testable import API

/// `/6/streams/{stream_id}/live`.
struct ViewFeedTests {
    private static func path(_ stream: RegisteredStream, _ query: String = "") -> String {
        "/6/streams/\(stream.id.wire)/live\(query)"
    }
    /// Watches as the stream's owner unless other headers say who does.
    private static func watch(
        _ stream: RegisteredStream, on server: TestServer, _ query: String = "", headers: [String: String]? = nil,
        _ body: (RawWebSocket) async throws -> Void
    ) async throws {
        try await RawWebSocket.open(
            port: server.port, path(stream, query), headers: headers ?? TestServer.basic(server.user)
        ) { socket in
            #expect(socket.reply.status == 101)
            try await body(socket)
        }
    }
    private static let jpeg: JSONValue = ["kind": "jpeg", "width": 640, "height": 360, "zones": []]
    private static func waiting(_ status: String) -> JSONValue { ["kind": "waiting", "status": .string(status)] }

    @Test func eachFrameComesWithItsPicture() async throws {
        try await withServer { server in
            let stream = try await server.createRunningStream()
            try await ShownStream(stream, on: server).whileShowing {
                try await Self.watch(stream, on: server, "?fps=25&width=320") { socket in
                    #expect(try await socket.nextMessage() == Self.jpeg)
                    var offsets: [Double] = []
                    for _ in 0..<3 {
                        let frame = try #require(try await socket.nextMessage())
                        let members: Set = ["time_offset", "time", "people_count", "tracks"]
                        #expect(frame.object.map { Set($0.keys) } == members)
                        #expect(frame["people_count"] == 0 && frame["tracks"] == [])
                        offsets.append(try #require(frame["time_offset"]?.double))
                        #expect(try await socket.next() == .binary([1, 2, 3]))
                    }
                    #expect(offsets == offsets.sorted() && Set(offsets).count == 3)
                }
            }
        }
    }

    @Test func aStreamThatShowsNothingShowsBoxes() async throws {
        try await withServer { server in
            var specification = try await server.createStream().specification
            specification.privacy = Privacy(.countsOnly)
            let stream = try await server.store.createStream(specification, account: server.user.id)
            try await ShownStream(stream, on: server).whileShowing {
                try await Self.watch(stream, on: server) { socket in
                    let head = try await socket.nextMessage()
                    #expect(head?["kind"] == "boxes")
                    for _ in 0..<2 {
                        let frame = try await socket.nextMessage()
                        #expect(frame?["people_count"] == 0)
                    }
                }
            }
        }
    }

    @Test func aViewStaysOpenAsLongAsTheStreamGoesOn() async throws {
        try await withServer { server in
            let stream = try await server.createStream(), version = StreamVersion(id: stream.id, version: 1)
            let shown = ShownStream(stream, on: server)
            try await Self.watch(stream, on: server) { socket in
                #expect(try await socket.nextMessage() == Self.waiting("pending"))
                #expect(
                    try await server.store.transition(
                        version, from: .pending, to: .inProgress, error: nil, isFatal: false))
                #expect(try await socket.nextMessage() == Self.waiting("in_progress"))
                for _ in 0..<2 {
                    try await shown.whileShowing {
                        let head = try await socket.nextMessage(), frame = try await socket.nextMessage()
                        let picture = try await socket.next()
                        #expect(head == Self.jpeg && frame?["time_offset"] != nil && picture == .binary([1, 2, 3]))
                    }
                    // Frames that were on their way come before the word that the source is gone.
                    var message: JSONValue?
                    while message?["kind"] != "waiting" {
                        let frame = try #require(try await socket.next())
                        if case .text(let text) = frame { message = try JSONValue(parsing: Data(text.utf8)) }
                    }
                    #expect(message == Self.waiting("in_progress"))
                }
                #expect(
                    try await server.store.transition(
                        version, from: .inProgress, to: .done, error: nil, isFatal: false))
                #expect(try await socket.nextMessage() == ["kind": "ended", "status": "done", "error": nil])
                #expect(try await socket.next() == .close(1000))
            }
        }
    }

    @Test func aBrokenStreamSaysWhyAndADeletedOneThatItIsGone() async throws {
        try await withServer { server in
            let broken = try await server.createRunningStream(), deleted = try await server.createRunningStream()
            try await Self.watch(broken, on: server) { socket in
                #expect(try await socket.nextMessage() == Self.waiting("in_progress"))
                #expect(
                    try await server.store.transition(
                        StreamVersion(id: broken.id, version: 1), from: .inProgress, to: .failure,
                        error: "refused by rtsp://admin:secret@camera", isFatal: true))
                let last = try #require(try await socket.nextMessage())
                #expect(last["kind"] == "ended" && last["status"] == "failure")
                #expect(last["error"]?.string?.contains("refused") == true)
                #expect(last["error"]?.string?.contains("secret") == false)
                #expect(try await socket.next() == .close(1011))
            }
            try await Self.watch(deleted, on: server) { socket in
                let first = try await socket.nextMessage()
                #expect(first == Self.waiting("in_progress"))
                #expect(try await server.send("DELETE", "/6/streams/\(deleted.id.wire)").status == 204)
                #expect(try await socket.nextMessage() == ["kind": "ended", "status": nil, "error": nil])
                #expect(try await socket.next() == .close(1000))
            }
        }
    }

    @Test func aViewThatCannotBeOpenedIsAnOrdinaryAnswer() async throws {
        try await withServer {
            $0.streamSubscriberLimit = 1
        } _: { server in
            let stream = try await server.createRunningStream(), id = stream.id.wire
            func refusal(_ query: String = "", _ account: Account? = nil) async throws -> Reply {
                let headers = TestServer.basic(account ?? server.user).merging(RawWebSocket.handshake) { $1 }
                return try await server.sendRaw("GET", Self.path(stream, query), headers: headers)
            }
            try await refusal("", server.stranger).expectError(
                404, 44001, "Object not found", "Stream with id '\(id)' not found")
            for query in ["fps=0", "fps=26", "fps=2.5", "width=31", "width=3841"] {
                let name = query.prefix { $0 != "=" }
                try await refusal("?\(query)").expectError(
                    400, 12012, "Bad/incomplete input data", "Bad query parameters '\(name)'")
            }
            try await server.send("GET", Self.path(stream)).expectUpgradeWanted()
            try await Self.watch(stream, on: server) { socket in
                let first = try await socket.nextMessage()
                #expect(first == Self.waiting("in_progress"))
                #expect(try await refusal().status == 503)
            }
            let version = StreamVersion(id: stream.id, version: 1)
            #expect(
                try await server.store.transition(version, from: .inProgress, to: .done, error: nil, isFatal: false))
            try await refusal().expectError(
                422, 44013, "Stream status is unsuitable",
                "Stream with id '\(id)' is not currently being processed")
        }
    }

    @Test func aViewEndsWithItsToken() async throws {
        try await withServer { server in
            let stream = try await server.createRunningStream()
            let permissions = TokenPermissions(["video_stream": ["view"]])
            let token = try await server.identity.createToken(
                TokenSpecification(permissions: permissions), account: server.user.id)
            let headers = ["Authorization": "Bearer \(token.jwt)"]
            try await ShownStream(stream, on: server).whileShowing {
                try await Self.watch(stream, on: server, headers: headers) { socket in
                    #expect(try await socket.nextMessage() == Self.jpeg)
                    #expect(try await server.send("DELETE", "/6/tokens/\(token.id.wire)").status == 204)
                    var last: RawWebSocket.Frame?
                    while let frame = try await socket.next() {
                        last = frame
                        if case .close = frame { break }
                    }
                    #expect(last == .close(1008))
                }
            }
        }
    }
}
