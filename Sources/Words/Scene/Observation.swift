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
    /// The same of an aligned face, whose five points are given.
    public let aligned: @Sendable (SnapshotPolicy, Landmarks5) -> Snapshot?
    /// How an aligned face is lit and how sharp it is: about two milliseconds. `nil` when there is no telling.
    public let warpQuality: @Sendable (Landmarks5) -> WarpQuality?
    /// Of the faces of tracks that this frame shows, what the analytic wants.
    public let estimates: [Track.ID: FaceEstimates]

    public init(
        time: FrameTime, frameSize: PixelSize, tracks: [Track] = [], headcount: Headcount,
        snapshot: @escaping @Sendable (SnapshotPolicy, PixelRect?) -> Snapshot? = { _, _ in nil },
        aligned: @escaping @Sendable (SnapshotPolicy, Landmarks5) -> Snapshot? = { _, _ in nil },
        warpQuality: @escaping @Sendable (Landmarks5) -> WarpQuality? = { _ in nil },
        estimates: [Track.ID: FaceEstimates] = [:]
    ) {
        (self.time, self.frameSize, self.tracks) = (time, frameSize, tracks)
        (self.headcount, self.snapshot) = (headcount, snapshot)
        (self.aligned, self.warpQuality, self.estimates) = (aligned, warpQuality, estimates)
    }
}
