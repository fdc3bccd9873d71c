public import Scene

/// Says of each decoded frame whether an analytic's `Rate` needs it.
public struct FrameSampler: Sendable {
    private let rate: Rate
    private var nextDue: MediaTime?

    public init(_ rate: Rate) { self.rate = rate }

    /// Asks about the next decoded frame. Call once per frame, in order.
    ///
    /// With `Rate.seconds` the grid starts at the first frame and does not drift: a frame that comes late does not
    /// push the later ones back, and after a gap longer than a period counting starts anew. A clock that jumps back by
    /// more than a period starts anew too.
    public mutating func wants(_ time: FrameTime) -> Bool {
        switch rate {
        case .frames(let period): return time.index % max(1, period) == 0
        case .seconds(let period):
            guard period > 0 else { return true }
            let step = Duration.nanoseconds(Int64(period * 1e9))
            guard let due = nextDue else {
                nextDue = time.pts + step
                return true
            }
            if due - time.pts > step + step {
                nextDue = time.pts + step
                return true
            }
            // Half a millisecond of slack: media time stamps are rounded to their time base.
            guard time.pts + .microseconds(500) >= due else { return false }
            nextDue = time.pts - due >= step ? time.pts + step : due + step
            return true
        }
    }
}
