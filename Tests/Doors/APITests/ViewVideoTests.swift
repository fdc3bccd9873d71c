import DoorSupport
import Foundation
import JSON
import Records
import Scene
import TestSupport
import Testing

@testable import API

/// `/6/streams/{stream_id}/live?video=1`: coded video as it is, and who never gets any of it.
struct ViewVideoTests {
    private static func watch(
        _ stream: RegisteredStream, on server: TestServer, _ query: String, _ body: (RawWebSocket) async throws -> Void
    ) async throws {
        try await RawWebSocket.open(
            port: server.port, "/6/streams/\(stream.id.wire)/live\(query)", headers: TestServer.basic(server.user)
        ) { socket in
            #expect(socket.reply.status == 101)
            try await body(socket)
        }
    }

    /// What registers the stream as it is, with a privacy.
    private static func body(of stream: RegisteredStream, hiding mode: Privacy.Mode) -> JSONValue {
        [
            "data": ["type": "stream", "reference": .string(stream.specification.source.reference)],
            "analytics": [["analytic_name": "people_count"]], "privacy": ["mode": .string(mode.rawValue)],
        ]
    }

    @Test func videoComesWithFramesOnItsOwnTime() async throws {
        try await withServer { server in
            let stream = try await server.createRunningStream(), source = PassingSource()
            try await ShownStream(stream, on: server, passing: source).whileShowing {
                try await Self.watch(stream, on: server, "?fps=25&video=1") { socket in
                    // Pictures until there is video.
                    #expect(try await socket.nextMessage()?["kind"] == "jpeg")
                    source.passHead(origin: MediaTime(seconds: 0.04))
                    source.passFragments(5)
                    var message = try await socket.nextMessage()
                    while message?["kind"] != "video" { message = try await socket.nextMessage() }
                    #expect(message == ["kind": "video", "type": "video/mp4; codecs=\"avc1.64001f\""])
                    #expect(try await socket.next() == .binary(PassingSource.head))
                    var numbers: [Int] = [], heads: [JSONValue] = [], frames: [JSONValue] = []
                    while numbers.count < 5 || frames.count < 3 {
                        switch try #require(try await socket.next()) {
                        case .binary(let bytes): numbers.append(try #require(PassingSource.number(of: bytes)))
                        case .text(let text):
                            let message = try JSONValue(parsing: Data(text.utf8))
                            if message["kind"] == nil { frames.append(message) } else { heads.append(message) }
                        default: break
                        }
                    }
                    #expect(numbers == [0, 1, 2, 3, 4])
                    #expect(heads == [["kind": "mp4", "width": 640, "height": 360, "zones": []]])
                    for frame in frames {
                        let offset = try #require(frame["time_offset"]?.double)
                        let place = try #require(frame["video_time"]?.double)
                        #expect(abs(offset - place - 0.04) < 1e-3)
                    }
                }
            }
        }
    }

    @Test func whoDoesNotAskForVideoGetsPictures() async throws {
        try await withServer { server in
            let stream = try await server.createRunningStream(), source = PassingSource()
            try await ShownStream(stream, on: server, passing: source).whileShowing {
                try await Self.watch(stream, on: server, "?fps=25&video=0") { socket in
                    for _ in 0..<6 {
                        let frame = try await socket.next()
                        #expect(frame != .binary(PassingSource.head))
                    }
                    #expect(source.asked == 0)
                }
            }
            for value in ["2", "yes", ""] {
                let headers = TestServer.basic(server.user).merging(RawWebSocket.handshake) { $1 }
                try await server.sendRaw(
                    "GET", "/6/streams/\(stream.id.wire)/live?video=\(value)", headers: headers
                ).expectError(400, 12012, "Bad/incomplete input data", "Bad query parameters 'video'")
            }
        }
    }

    /// The old run goes on for as long as it likes.
    @Test(arguments: [Privacy.Mode.faces, .people, .countsOnly])
    func whatIsHiddenWhileItIsWatchedIsPassedOnNoMore(mode: Privacy.Mode) async throws {
        try await withServer(analytics: PrivacyTests.catalogue()) { server in
            let stream = try await server.createRunningStream(), source = PassingSource()
            try await ShownStream(stream, on: server, passing: source).whileShowing {
                try await Self.watch(stream, on: server, "?fps=25&video=1") { socket in
                    while !source.isWatched { await Task.yield() }
                    source.passHead()
                    source.passFragments(1)
                    while try await socket.next() != .binary(PassingSource.head) {}
                    // So many that they wait in the connection and before it.
                    source.passFragments(400, byteCount: 20_000)
                    let body = Self.body(of: stream, hiding: mode)
                    #expect(try await server.send("PUT", "/6/streams/\(stream.id.wire)", body).status == 200)
                    #expect(!source.isWatched)
                    // Of what was on its way before the answer some may still come; of what is read now nothing does.
                    source.passHead()
                    source.passFragments(3)
                    var frames = 0
                    while frames < 30 {
                        switch try #require(try await socket.next()) {
                        case .binary(let bytes): #expect((PassingSource.number(of: bytes) ?? 0) < 401)
                        case .text(let text): if text.contains("time_offset") { frames += 1 }
                        default: break
                        }
                    }
                }
            }
        }
    }
}
