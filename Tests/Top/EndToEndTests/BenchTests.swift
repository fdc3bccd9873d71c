import Foundation
import JSON
import Testing

/// `sightline bench`, as briefly as it can be: that it measures, not what.
struct BenchTests {
    @Test func itTellsWhatTheMachineCanDoAndWhatIsolationCosts() async throws {
        let clip = try await Footage.shared.clip()
        let outcome = try await Program.run(
            "sightline", ["bench", "--json", "--clip", clip.path, "--streams", "1", "--seconds", "0.5"])
        #expect(outcome.status == 0, "\(outcome.error)")
        let told = try JSONValue(parsing: Data(outcome.output.utf8))
        let row = try #require(told["rows"]?.array?.first), isolation = try #require(told["isolation"])
        for key in ["decode_fps", "inference_fps", "pipeline_fps", "cpu_ms_per_frame", "pss_mb"] {
            #expect(row[key]?.double ?? 0 > 0, "\(key)")
        }
        for key in [
            "decode_fps_ratio", "decode_cpu_ratio", "pipeline_fps_ratio", "pipeline_cpu_ratio", "stream_mb",
            "restart_ms",
        ] {
            #expect(isolation[key]?.double ?? 0 > 0, "\(key)")
        }
    }
}
