import API
import DoorSupport
import Foundation
import JSON
import Records
import Store
import Streams
import Synchronization
import Testing

struct StreamHealthTests {
    private final class Health: Sendable {
        let streams = Mutex<[UUID: StreamHealth]>([:])
    }

    @Test func aStreamThatIsUnwellSaysWhyAndOneThatIsWellSaysNothing() async throws {
        let health = Health()
        let since = Date(timeIntervalSince1970: 1_715_418_701.674)
        try await withServer(daemon: { $0.streamHealth = { health.streams.withLock { $0 } } }) { server in
            let (stream, well) = (try await server.createRunningStream(), try await server.createRunningStream())
            health.streams.withLock {
                $0[stream.id] = StreamHealth([
                    .init(
                        .reconnecting, since: since, attempt: 3,
                        lastError: "rtsp://admin:canary@camera/1 refused the connection"),
                    .init(.analysisTooSlow, since: since),
                ])
            }
            let expected: JSONValue = [
                "reasons": [
                    [
                        "reason": "reconnecting", "message": "The source was lost and is being opened again.",
                        "since": "2024-05-11T09:11:41.674Z", "attempt": 3,
                        "last_error": "rtsp://admin:***@camera/1 refused the connection",
                    ],
                    [
                        "reason": "analysis_too_slow",
                        "message": "Frames are dropped because they come faster than they can be analysed.",
                        "since": "2024-05-11T09:11:41.674Z",
                    ],
                ]
            ]
            #expect(try await server.send("GET", "/6/streams/\(stream.id.wire)").json["health"] == expected)
            #expect(try await server.send("GET", "/6/streams/\(well.id.wire)").json["health"] == nil)
            let list = try #require(try await server.send("GET", "/6/streams").json["streams"]?.array)
            #expect(list.map { $0["health"] } == [nil, expected])

            // What is over is not unwell.
            #expect(try await server.store.stopStream(id: stream.id, account: server.user.id) == .done)
            #expect(try await server.send("GET", "/6/streams/\(stream.id.wire)").json["health"] == nil)
        }
    }
}
