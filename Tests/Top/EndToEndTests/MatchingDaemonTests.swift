import Foundation
import JSON
import KeepSupport
import Records
import Synchronization
import Testing

/// A daemon that is killed while faces are made and deleted. `scripts/trial/matching` does so for longer.
@Suite(.timeLimit(.minutes(30))) struct MatchingDaemonTests {
    private let data = TemporaryDirectory()

    /// What the daemon has acknowledged.
    private final class Told: Sendable {
        struct Content: Sendable {
            var faces: [String: Descriptor] = [:]
            var gone: [Descriptor] = []
            /// Of which nobody knows whether they are gone.
            var doubtful: Set<String> = []
        }
        private let content = Mutex(Content())
        var all: Content { content.withLock { $0 } }
        func change(_ body: (inout Content) -> Void) { content.withLock { body(&$0) } }
    }

    private static func change(_ daemon: RunningDaemon, _ told: Told) async throws {
        var own: [(id: String, descriptor: Descriptor)] = []
        while true {
            if let face = own.randomElement(), Int.random(in: 0..<3) == 0 {
                own.removeAll { $0.id == face.id }
                told.change { _ = $0.doubtful.insert(face.id) }
                guard try await daemon.request("DELETE", "/6/faces/\(face.id)").0 == 204 else { return }
                told.change {
                    $0.faces[face.id] = nil
                    $0.gone.append(face.descriptor)
                }
            } else {
                let descriptor = Descriptor((0..<Descriptor.count).map { _ in Float.random(in: -1...1) })!
                let features: JSONValue = ["face_descriptors": [.string(descriptor.text)]]
                let reply = try await daemon.request("POST", "/6/faces", ["attribute": features])
                guard reply.0 == 201, let id = reply.1["face_id"]?.string else { return }
                own.append((id, descriptor))
                told.change { $0.faces[id] = descriptor }
            }
        }
    }

    /// The most alike face, and how much it is.
    private static func find(
        _ descriptor: Descriptor, _ daemon: RunningDaemon
    ) async throws -> (id: String?, similarity: Double?) {
        let reply = try await daemon.request(
            "POST", "/6/matcher/faces",
            [
                "references": [["type": "sdk_descriptor", "id": "1", "data": .string(descriptor.text)]],
                "candidates": [["filters": ["origin": "faces"], "limit": 1]],
            ])
        #expect(reply.0 == 200)
        let best = reply.1.array?.first?["matches"]?.array?.first?["result"]?.array?.first
        return (best?["face"]?["face_id"]?.string, best?["similarity"]?.double)
    }

    @Test func afterAKillWhatIsSearchedIsWhatIsStored() async throws {
        let told = Told()
        for _ in 0..<2 {
            let daemon = try await RunningDaemon(data: data.url, media: data.url)
            let before = told.all.faces.count
            await withTaskGroup(of: Void.self) { group in
                for _ in 0..<3 { group.addTask { try? await Self.change(daemon, told) } }
                group.addTask {
                    while told.all.faces.count < before + 40 { try? await Task.sleep(for: .milliseconds(5)) }
                    await daemon.kill()
                }
            }
        }
        let daemon = try await RunningDaemon(data: data.url, media: data.url)
        let count = try #require(try await daemon.request("GET", "/6/faces/attributes/count").1["faces_count"]?.integer)
        let metrics = try await daemon.text("/metrics", accept: "*/*")
        #expect(metrics.contains("\nsightline_matching_faces \(Double(count))\n"))
        let known = told.all
        #expect(known.faces.count >= 80 && Int(count) >= known.faces.count - known.doubtful.count)
        for (id, descriptor) in known.faces where !known.doubtful.contains(id) {
            let found = try await Self.find(descriptor, daemon)
            #expect(found.id == id && found.similarity ?? 0 > 0.999999)
        }
        for descriptor in known.gone { #expect(try await Self.find(descriptor, daemon).similarity ?? 0 < 0.99) }
        #expect(await daemon.terminate() == 0)
    }
}

extension Descriptor {
    fileprivate var text: String { Data(sdkForm).base64EncodedString() }
}
