import Pipeline
import Records

/// Notices when frames wait to be analysed and for a while none is, in any stream: then it is the daemon that stands still, and no
/// camera.
struct ProgressWatch {
    private let patience: Duration
    private var counts: [StreamVersion: Int] = [:]
    private var stuckSince, lastLook: ContinuousClock.Instant?

    init(patience: Duration) { self.patience = patience }

    mutating func look(_ streams: [StreamVersion: StreamStatistics], at now: ContinuousClock.Instant = .now) {
        let counts = streams.mapValues { $0.framesAnalysed + $0.framesFailed }
        let hasAdvanced = counts.contains { $0.value > self.counts[$0.key, default: 0] }
        let isWaiting = streams.values.contains { $0.framesWaiting > 0 }
        stuckSince = isWaiting && !hasAdvanced ? stuckSince ?? now : nil
        (self.counts, lastLook) = (counts, now)
    }
    /// Whether it was so at the latest look. What nobody has looked at since then may have advanced.
    var isStuck: Bool {
        guard let stuckSince, let lastLook else { return false }
        return lastLook - stuckSince >= patience
    }
}
