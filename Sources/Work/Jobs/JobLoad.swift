/// Items of all jobs.
public struct JobLoad: Hashable, Sendable {
    /// That are worked on, and how many may be at once.
    public var running = 0, limit = 0
    /// Since the daemon's start.
    public var done = 0, failed = 0
    public init() {}
}
