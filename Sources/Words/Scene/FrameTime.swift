public import Foundation

/// When a frame was: on the stream's own clock and on the wall's.
public struct FrameTime: Hashable, Sendable {
    /// Number of the decoded frame since the source was opened, from 0; a live stream that is opened again begins anew.
    /// Frames that were not analysed are counted too.
    public let index: Int
    /// Since the stream's first frame, plus the stream's `pts.start_time`; `time_offset` on the wire.
    public let pts: MediaTime
    /// When the frame was taken, where the camera tells it and the stream goes by it; else when it arrived (live streams) or was
    /// decoded (files).
    public let wallClock: Date
    /// How far the clock of `wallClock` was set forward since the source was opened, in seconds: a camera's may become known, or be set,
    /// while it is looked at.
    public let clockStep: Double
    /// What the source itself calls the frame's time, counted from anywhere; coded video that is passed on has the same. `nil`: nothing.
    public let label: MediaTime?
    public init(index: Int, pts: MediaTime, wallClock: Date, clockStep: Double = 0, label: MediaTime? = nil) {
        (self.index, self.pts, self.wallClock, self.clockStep) = (index, pts, wallClock, clockStep)
        self.label = label
    }

    /// The same frame by the clock as `earlier` knew it, so that what lasts from there to here is no longer than it took.
    public func byClock(of earlier: FrameTime) -> FrameTime {
        guard clockStep != earlier.clockStep else { return self }
        return FrameTime(
            index: index, pts: pts, wallClock: wallClock - (clockStep - earlier.clockStep),
            clockStep: earlier.clockStep,
            label: label)
    }
}
