public import Frames

/// What came of trying a source.
public struct ProbeReport: Sendable {
    /// What analysing takes at the source's own rate, in per cent of one core.
    public struct Cost: Hashable, Sendable {
        /// Reading and decoding; the models' looks.
        public var decoding, looking: Double
        /// Frames of a second that are looked at.
        public var looksPerSecond: Double
    }

    /// Why it could not be used; `nil`: it could.
    public var failure: ProbeFailure?
    /// What is known of it; `nil` when it was not opened.
    public var properties: SourceProperties?
    public var statistics = SourceStatistics()
    /// How long opening took, and for how long it was looked at then, in seconds.
    public var timeToOpen = 0.0, observed = 0.0
    /// JPEG, as far as it may be shown; neither side has more than 640 pixels.
    public var picture: [UInt8]?
    /// `nil` when too little was seen to tell.
    public var cost: Cost?
    init() {}
}
