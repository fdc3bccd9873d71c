import Scene

/// When a model that can look at squares looks at all of its region: faces come into a picture anywhere, but those that are known are
/// near where they were, and a square is a small part of the cost.
///
/// Every seventh frame of a view is looked at whole, as v6's `detector_step` has it; where frames come more slowly than 25 in a second
/// sooner, so that nobody is found later than there.
struct WholeLooks: Sendable {
    static let step = 7
    static let patience = Duration.milliseconds(280)
    private struct Latest {
        let pts: MediaTime
        /// Frames of the view since, it included.
        var frames = 1
    }
    /// By view.
    private var latest: [Int: Latest] = [:]

    /// Whether the next frame of a view, which is called for each, is to be looked at whole.
    mutating func isDue(_ view: Int, at pts: MediaTime) -> Bool {
        if var known = latest[view], known.frames < Self.step, pts >= known.pts, pts - known.pts < Self.patience {
            known.frames += 1
            latest[view] = known
            return false
        }
        latest[view] = Latest(pts: pts)
        return true
    }
}
