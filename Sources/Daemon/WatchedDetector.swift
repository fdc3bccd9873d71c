import Frames
import Inference
import Scene
import Synchronization

/// A detector that remembers whether the latest inference went well, for the health check.
final class WatchedDetector: Detector {
    struct Failing: Error, CustomStringConvertible {
        let description = "the latest inference failed"
    }
    private let detector: any Detector
    private let isFailing = Atomic(false)
    init(_ detector: any Detector) { self.detector = detector }

    func detect(in frame: Frame, region: PixelRect) async throws -> [Detection] {
        do {
            let detections = try await detector.detect(in: frame, region: region)
            isFailing.store(false, ordering: .relaxed)
            return detections
        } catch {
            if !(error is CancellationError) { isFailing.store(true, ordering: .relaxed) }
            throw error
        }
    }
    /// Returns while all is well.
    func check() throws(Failing) { if isFailing.load(ordering: .relaxed) { throw Failing() } }
}
