public import Records

/// What is remembered of why there were events, and why there were none.
public struct WhyConfiguration: Hashable, Sendable {
    public enum Policy: String, Sendable, CaseIterable {
        /// Nothing.
        case off
        /// The latest frames of streams that run.
        case memory
        /// Those, and a trace of each event in the database.
        case keep
    }
    public var policy = Policy.keep
    /// Of each stream, and of each event.
    public var limits = TraceLimits()
    /// Traces of events go after so many days; 0: with their events.
    public var days = 30
    /// Of each stream.
    private var megabytes: Int {
        get { limits.bytes >> 20 }
        set { limits.bytes = newValue << 20 }
    }
    public init() {}

    public static let settings: [Setting<WhyConfiguration>] = [
        Setting("events.why", \.policy),
        Setting("events.why_days", \.days, in: 0...36_500),
        Setting("events.why_frames", \.limits.frames, in: 2...500),
        Setting("events.why_memory", \.megabytes, in: 1...1024),
        Setting("events.why_memory_time", \.limits.memory, seconds: 1...86_400),
    ]
}
