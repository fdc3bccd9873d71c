import CameraSupport
import Testing

/// `sightline discover`, as a user runs it.
struct DiscoverTests {
    @Test func camerasAreShownInATable() async throws {
        let camera = ONVIFCamera()
        defer { camera.stop() }
        var lines: [Substring] = []
        // A machine that is busy with all other tests may let a device take longer than it has.
        for _ in 0..<10 where !lines.contains(where: { $0.contains("/main") }) {
            let outcome = try await Program.run(
                "sightline", ["discover", "--address", "127.0.0.1:\(camera.probePort)", "--seconds", "3"],
                environment: ["SIGHTLINE_DISCOVERY_ENABLED": "1"])
            #expect(outcome.status == 0, "\(outcome.error)")
            lines = outcome.output.split(separator: "\n")
        }
        #expect(lines.first?.hasPrefix("ADDRESS") == true)
        #expect(lines.contains { $0.hasPrefix("127.0.0.1  Lobby  Simulated 1  open") })
        #expect(lines.contains("  main  H265  1920x1080  25 fps  rtsp://127.0.0.1:554/main"))
    }
    @Test func itIsOffUnlessAskedFor() async throws {
        let outcome = try await Program.run("sightline", ["discover"])
        #expect(outcome.status == 1 && outcome.output.isEmpty && outcome.error.contains("discovery.enabled"))
    }
}
