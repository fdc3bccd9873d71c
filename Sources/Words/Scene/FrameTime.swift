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
    public init(index: Int, pts: MediaTime, wallClock: Date) {
        (self.index, self.pts, self.wallClock) = (index, pts, wallClock)
    }
}
