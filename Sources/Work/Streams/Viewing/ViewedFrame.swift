public import Pipeline
public import Scene

/// A frame as viewers are shown it: who is in it, and its picture.
public struct ViewedFrame: Sendable {
    public let time: FrameTime
    /// What places are measured in; the picture may be smaller.
    public let size: PixelSize
    public let people: [ShownPerson]
    /// Where the stream's analytics look and count.
    public let regions: [PlannedRegion]
    /// How often the stream's source had been opened: people are numbered anew each time.
    public let opening: Int
    /// Whether the stream has no pictures at all.
    public let isWithheld: Bool
    /// When it was there to be shown.
    public let instant: ContinuousClock.Instant
    /// JPEG; `nil` where there is none, or it could not be made.
    public internal(set) var picture: [UInt8]?

    /// How many people everything else tells of this frame.
    public var count: Int { people.count { $0.isCounted } }
}
