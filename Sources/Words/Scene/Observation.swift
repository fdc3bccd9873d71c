/// What is known about the people in one analysed frame: the input of an analytic.
public struct Observation: Sendable {
    public let time: FrameTime
    public let frameSize: PixelSize
    /// The tracker's view after this frame; empty for an analytic that asked for no tracking.
    public let tracks: [Track]
    /// Who is there, of those that the analytic counts.
    public let headcount: Headcount
    /// Encodes this frame. `nil` when it cannot be encoded. Valid while the observation is being handled; costs a
    /// millisecond or so, so it is called only when the picture will be kept.
    public let snapshot: @Sendable (SnapshotPolicy) -> Snapshot?

    public init(
        time: FrameTime, frameSize: PixelSize, tracks: [Track] = [], headcount: Headcount,
        snapshot: @escaping @Sendable (SnapshotPolicy) -> Snapshot? = { _ in nil }
    ) {
        (self.time, self.frameSize, self.tracks) = (time, frameSize, tracks)
        (self.headcount, self.snapshot) = (headcount, snapshot)
    }
}
