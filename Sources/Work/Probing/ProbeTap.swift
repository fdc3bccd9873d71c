import Frames
import Pipeline
import Records
import Scene
import Synchronization

/// Keeps one picture of what is probed, as it may be shown, and counts what is looked at. Events are nobody's.
final class ProbeTap: FrameTap, EventSink {
    private static let policy = SnapshotPolicy(quality: 0.8, maximumSize: 640)
    private struct State {
        var frames = 0
        var picture: Snapshot?
        var failure: String?
    }
    private let state = Mutex(State())

    /// Frames that were looked at.
    var frames: Int { state.withLock { $0.frames } }
    /// A JPEG; `nil` when there is none, or none may be shown.
    var picture: [UInt8]? { state.withLock { $0.picture }.flatMap { try? $0.bytes } }
    /// Why the first frame that could not be looked at could not.
    var failure: String? { state.withLock { $0.failure } }

    var keepsPicture: Bool { state.withLock { $0.frames == 0 } }
    func take(_ frame: Frame, _ results: [AnalyticResult]) {
        let isFirst = keepsPicture
        let picture = isFirst ? (try? frame.picture.snapshot(Self.policy)) : nil
        state.withLock { state in
            state.frames += 1
            if isFirst { state.picture = picture }
        }
    }

    func record(_ updates: [AnalyticUpdates]) {}
    func fail(_ analytic: EventOrigin, _ reason: String) {
        state.withLock { $0.failure = $0.failure ?? "\(analytic.name): \(reason)" }
    }
}
