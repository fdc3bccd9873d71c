public import Scene

/// Turns what is seen in a stream's frames into events. A value owned by the stream that runs it; sees no pixels.
public protocol Analytic: Sendable {
    var requirements: AnalyticRequirements { get }
    /// Takes one analysed frame and says what it changed, in the order in which it happened.
    mutating func observe(_ observation: Observation) -> [EventUpdate]
    /// Ends every event that is still going on: the stream ended or was stopped. Nothing is observed after it.
    mutating func finish() -> [EventUpdate]
}

/// What an analytic needs of each frame.
public struct AnalyticRequirements: Hashable, Sendable {
    public var rate: Rate
    /// `nil`: the whole frame.
    public var roi: RegionOfInterest?
    /// `nil`: detections are enough.
    public var tracking: TrackingRequirement?
    /// `nil`: the one of the daemon's settings.
    public var model: DetectorModel?
    public init(
        rate: Rate, roi: RegionOfInterest? = nil, tracking: TrackingRequirement? = nil, model: DetectorModel? = nil
    ) {
        (self.rate, self.roi, self.tracking, self.model) = (rate, roi, tracking, model)
    }
}

public struct TrackingRequirement: Hashable, Sendable {
    /// Analysed frames in which a person must be found before the track is confirmed; 0 acts as 1.
    public var probeCount: Int
    public init(probeCount: Int) { self.probeCount = probeCount }
}
