import Frames
import Inference
import Scene
import Synchronization

/// Remembers whether the latest inference went well, for the health check.
final class DetectorWatch: Sendable {
    struct Failing: Error, CustomStringConvertible {
        let description = "the latest inference failed"
    }
    fileprivate let isFailing = Atomic(false)

    /// Returns while all is well.
    func check() throws(Failing) { if isFailing.load(ordering: .relaxed) { throw Failing() } }
}

/// A detector whose inferences are watched.
struct WatchedDetector: Detector {
    let detector: any Detector
    let watch: DetectorWatch

    func detect(in frame: Frame, region: PixelRect) async throws -> [Detection] {
        do {
            let detections = try await detector.detect(in: frame, region: region)
            watch.isFailing.store(false, ordering: .relaxed)
            return detections
        } catch {
            if !(error is CancellationError) { watch.isFailing.store(true, ordering: .relaxed) }
            throw error
        }
    }
}
