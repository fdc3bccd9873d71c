public import Frames
public import Synchronization

/// Counts of one running stream since it was taken up, through reconnections.
public struct StreamStatistics: Hashable, Sendable {
    public var framesDecoded = 0
    /// Wanted, but forgotten because the analysis was slower than a live source.
    public var framesDropped = 0
    /// Decoded, and waiting for the analysis at this moment.
    public var framesWaiting = 0
    /// Packets or frames that were damaged.
    public var packetsCorrupt = 0
    /// Packets that got lost on their way.
    public var packetsLost = 0
    /// Memory of its decoded pictures at this moment.
    public var pictureBytes = 0
    /// Frames in which the detector looked for people.
    public var framesAnalysed = 0
    /// Frames of which an analytic could not be told anything, since looking failed.
    public var framesFailed = 0
    /// People found in them, each region of interest for itself; those too unsure to report are not counted.
    public var detections = 0
    /// Those who were just not sure enough, `ModelCard.Thresholds.doubts`.
    public var doubted = 0
    /// Events that began.
    public var events = 0
    /// Reports of events that were due to callbacks, each to each.
    public var callbacksDue = 0
    /// Times that its source was lost and opened again.
    public var reconnections = 0
    /// How many of these because it was silent for too long.
    public var stalls = 0
    public init() {}
}

/// What a stream's pipeline counts while it runs. Written by one task, read by anybody.
public final class StreamCounters: Sendable {
    public init() {}
    let framesAnalysed = Atomic(0)
    let framesFailed = Atomic(0)
    let detections = Atomic(0)
    let doubted = Atomic(0)
    let events = Atomic(0)
    let callbacksDue = Atomic(0)
    public let reconnections = Atomic(0)

    public func statistics(of source: SourceStatistics) -> StreamStatistics {
        var statistics = StreamStatistics()
        statistics.framesDecoded = source.framesDecoded
        statistics.framesDropped = source.framesDropped
        statistics.framesWaiting = source.framesWaiting
        statistics.pictureBytes = source.pictureBytes
        statistics.packetsCorrupt = source.packetsCorrupt
        statistics.packetsLost = source.packetsLost
        statistics.framesAnalysed = framesAnalysed.load(ordering: .relaxed)
        statistics.framesFailed = framesFailed.load(ordering: .relaxed)
        statistics.detections = detections.load(ordering: .relaxed)
        statistics.doubted = doubted.load(ordering: .relaxed)
        statistics.events = events.load(ordering: .relaxed)
        statistics.callbacksDue = callbacksDue.load(ordering: .relaxed)
        statistics.reconnections = reconnections.load(ordering: .relaxed)
        return statistics
    }
}
