import Scene

/// Decides when something seen frame by frame has begun and when it is over, so that a flickering count neither begins
/// nor ends an event.
///
/// It begins after `probeCount` consecutive frames that qualify. It is over only when frames *and* time say so: a
/// detector misses a person for a frame or two all the time, at any rate, so one frame proves nothing; and at 25 frames
/// per second a few frames pass while somebody turns round behind a pillar, so frames alone prove nothing either. Beyond
/// a frame interval of one second the time is always over and the frames decide.
struct EpisodeGate: Sendable {
    /// Frames in a row that must fail to qualify before an episode ends, unless `probeCount` is larger.
    static let minimumMissedFrames = 2
    /// Media time since the last qualifying frame before an episode ends.
    static let patience = Duration.seconds(1)

    enum Verdict: Hashable, Sendable {
        /// Nothing is going on.
        case idle
        /// The frame qualifies, but too few did so far. `isFirst` begins a new run; an earlier run came to nothing.
        case probing(isFirst: Bool)
        /// The episode begins, with the first frame of this run. `isFirst`: this very frame.
        case opened(isFirst: Bool)
        case continued
        /// The frame does not qualify, but the episode is not over yet.
        case paused
        /// The episode is over; it ended with its last qualifying frame.
        case closed
    }
    private enum State {
        case waiting(run: Int)
        case open(last: MediaTime, missed: Int)
    }
    /// How the latest frame stood to what begins and ends an episode.
    struct Standing: Hashable, Sendable {
        /// Frames in a row that qualified, up to `probeCount`.
        var run = 0
        /// Frames in a row that did not, while the episode is open, and the media time since the last that did.
        var missed = 0
        var absence = Duration.zero
    }
    private(set) var standing = Standing()
    /// Consecutive qualifying frames before an episode begins.
    let probeCount: Int
    private var state = State.waiting(run: 0)

    /// Frames in a row that must fail to qualify before an episode ends.
    var missedLimit: Int { max(Self.minimumMissedFrames, probeCount) }

    /// - Parameter probeCount: consecutive qualifying frames before an episode begins; 0 acts as 1.
    init(probeCount: Int) { self.probeCount = max(1, probeCount) }

    mutating func observe(_ isQualified: Bool, at pts: MediaTime) -> Verdict {
        switch (state, isQualified) {
        case (.waiting, false):
            state = .waiting(run: 0)
            standing = Standing()
            return .idle
        case (.waiting(let run), true):
            standing = Standing(run: run + 1)
            guard run + 1 >= probeCount else {
                state = .waiting(run: run + 1)
                return .probing(isFirst: run == 0)
            }
            state = .open(last: pts, missed: 0)
            return .opened(isFirst: run == 0)
        case (.open, true):
            standing = Standing(run: probeCount)
            state = .open(last: pts, missed: 0)
            return .continued
        case (.open(let last, let missed), false):
            standing = Standing(missed: missed + 1, absence: pts - last)
            let isEnoughFrames = missed + 1 >= missedLimit
            // A clock that went back cannot say how much time has passed; then the frames decide.
            let isEnoughTime = pts < last || pts - last >= Self.patience
            state = isEnoughFrames && isEnoughTime ? .waiting(run: 0) : .open(last: last, missed: missed + 1)
            return isEnoughFrames && isEnoughTime ? .closed : .paused
        }
    }
}
