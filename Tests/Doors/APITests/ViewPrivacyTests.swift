import DoorSupport
import Foundation
import JSON
import Logging
import Pipeline
import Records
import Scene
import Store
import Streams
import Testing

/// What is shown of a stream that hides people, while it runs, shows nobody.
struct ViewPrivacyTests {
    @Test(.timeLimit(.minutes(30)), arguments: [nil, Privacy(.faces), Privacy(.people), Privacy(.countsOnly)])
    func nobodyIsShownByWhatIsWatched(privacy: Privacy?) async throws {
        let catalogue = try PrivacyTests.catalogue()
        try await withServer(analytics: catalogue) { server in
            let showsHeads = privacy?.mode == .faces, clip = try Patterned(size: showsHeads ? (20, 24) : (40, 120))
            var specification = StreamSpecification(
                source: SourceSpecification(kind: .stream, reference: clip.name),
                analytics: [
                    AnalyticChoice(
                        name: "people_count", parameters: ["parameters": ["rate": ["unit": "frame", "period": 1]]])
                ])
            specification.privacy = privacy
            let stream = try await server.store.createStream(specification, account: server.user.id)
            let supervisor = StreamSupervisor(
                ledger: server.store, changes: server.store.changes,
                workshop: Workshop(
                    opener: clip.opener, models: PatternShelf(showsHeads: showsHeads, isInParts: false),
                    catalogue: catalogue),
                hub: server.hub, views: server.views, configuration: SupervisorConfiguration(),
                logger: Logger(label: "test"))
            let pictures = try await withThrowingTaskGroup(of: Void.self) { group in
                group.addTask { try await supervisor.run() }
                async let watched = Self.pictures(watchedOf: stream.id, on: server)
                let pictures = try await Self.pictures(of: stream.id, on: server) + watched
                supervisor.shutDown()
                try await group.waitForAll()
                return pictures
            }
            let shows = try pictures.map(PrivacyTests.showsPattern)
            #expect(pictures.isEmpty == (privacy?.mode == .countsOnly))
            #expect(shows.contains(true) == (privacy == nil))
        }
    }

    /// All that a viewer is shown until the stream is over.
    private static func pictures(watchedOf stream: UUID, on server: TestServer) async throws -> [Data] {
        var pictures: [Data] = [], counts: [Int64] = []
        try await RawWebSocket.open(
            port: server.port, "/6/streams/\(stream.wire)/live?fps=25", headers: TestServer.basic(server.user)
        ) { socket in
            while let frame = try await socket.next() {
                switch frame {
                case .binary(let bytes): pictures.append(Data(bytes))
                case .text(let text):
                    let message = try JSONValue(parsing: Data(text.utf8))
                    if let count = message["people_count"]?.integer {
                        counts.append(count)
                        #expect(message["tracks"]?.array?.count { $0["state"] != "uncounted" } == Int(count))
                    }
                case .close(let code):
                    #expect(code == 1000)
                    return
                case .ping, .pong: break
                }
            }
        }
        #expect(counts.contains(1), "people are shown, whatever is hidden of them")
        return pictures
    }
    /// All that whoever asks again and again is shown until the stream is over.
    private static func pictures(of stream: UUID, on server: TestServer) async throws -> [Data] {
        var pictures: Set<Data> = [], quality = 90
        while true {
            let found = try #require(try await server.store.stream(id: stream, account: nil))
            if [.done, .failure].contains(found.status) {
                #expect(found.status == .done, "\(found.lastError ?? "")")
                return Array(pictures)
            }
            // In another form each time, so that none is the one before.
            quality = quality == 95 ? 90 : quality + 1
            let path = "/6/streams/\(stream.wire)/preview.jpg?quality=\(quality)"
            let reply = try await server.send("GET", path)
            pictures.formUnion(PrivacyTests.pictures(in: reply.body).map { Data($0) })
            if reply.status != 200 { try await Task.sleep(for: .milliseconds(10)) }
            let small = try await server.send("GET", "\(path)&width=160")
            if small.status == 200 { #expect(try PatternFolder().pixels(of: small.body)?.count == 160 * 120 * 3) }
        }
    }
}
