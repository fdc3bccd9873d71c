import Foundation

/// The time of day by a camera's own clock, along a stream's elapsed time. It never goes backward.
///
/// Sender reports tie labels to the camera's clock. Between them time goes on by the labels, which are finer. What would come
/// out earlier than the frame before, since the server's time was used until then or the camera's clock was set back, is
/// caught up with at half pace; so is no more than a few minutes, and the rest waits for the next connection.
struct CameraClock {
    /// Steps back of more seconds are not followed.
    static let longestCatchUp = 600.0
    /// Reports may be so many seconds off before they are followed, and must be so for some frames in a row: FFmpeg may tell
    /// a frame's report one frame early, and frames may be far apart for once.
    static let tolerance = 1.0, framesAstray = 10
    /// FFmpeg tells no frame's report earlier than so many seconds.
    private static let longestLag = 5.0

    /// The time of day at elapsed 0.
    private var start: Date
    /// Of the latest frame.
    private var last: (time: Date, elapsed: Int64)
    /// Reported time less the clock's own, at the first report.
    private var lag: Double?
    private var astray = 0
    /// How far it was set forward so far, beyond what went by, in seconds.
    private(set) var step = 0.0

    /// - Parameters:
    ///   - time: when the frame at `elapsed` nanoseconds was taken.
    ///   - latest: what the frame before it was given.
    /// - Returns: `nil` when that is too far ahead.
    init?(_ time: Date, at elapsed: Int64, after latest: (time: Date, elapsed: Int64)?) {
        if let latest, latest.time.timeIntervalSince(time) > Self.longestCatchUp { return nil }
        start = time - Double(elapsed) / 1e9
        last = latest ?? (time, elapsed)
        let ahead = time.timeIntervalSince(last.time) - Double(elapsed - last.elapsed) / 1e9
        if ahead > Self.tolerance { step = ahead }
    }

    /// When the next frame was taken.
    /// - Parameters:
    ///   - elapsed: in nanoseconds, not before that of the frame before.
    ///   - reported: about when, by the latest sender report.
    mutating func time(at elapsed: Int64, reported: Date?) -> Date {
        if let reported { check(reported, at: elapsed) }
        let slowest = last.time + Double(elapsed - last.elapsed) / 2e9
        last = (max(slowest, start + Double(elapsed) / 1e9), elapsed)
        return last.time
    }

    /// Sees whether the camera's clock was set, or has run away from its labels.
    private mutating func check(_ reported: Date, at elapsed: Int64) {
        let found = reported.timeIntervalSince(start + Double(elapsed) / 1e9)
        if lag == nil, abs(found) < Self.longestLag { lag = found }
        let step = found - (lag ?? 0)
        astray = abs(step) > Self.tolerance && step > -Self.longestCatchUp ? astray + 1 : 0
        guard astray >= Self.framesAstray else { return }
        (start, astray) = (start + step, 0)
        self.step += max(0, step)
    }
}
