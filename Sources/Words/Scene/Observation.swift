/// What is known about the people in one analysed frame: the input of an analytic.
public struct Observation: Sendable {
    public let time: FrameTime
    public let frameSize: PixelSize
    /// The tracker's view after this frame; empty for an analytic that asked for no tracking.
    public let tracks: [Track]
    /// Who is there, of those that the analytic counts.
    public let headcount: Headcount
    /// A picture of this frame, or of a part inside it. `nil` when there can be none. Valid while the observation is being handled;
    /// its pixels are copied, so it is called only when the picture may be kept.
    public let snapshot: @Sendable (SnapshotPolicy, PixelRect?) -> Snapshot?

    public init(
        time: FrameTime, frameSize: PixelSize, tracks: [Track] = [], headcount: Headcount,
        snapshot: @escaping @Sendable (SnapshotPolicy, PixelRect?) -> Snapshot? = { _, _ in nil }
    ) {
        (self.time, self.frameSize, self.tracks) = (time, frameSize, tracks)
        (self.headcount, self.snapshot) = (headcount, snapshot)
    }
}
