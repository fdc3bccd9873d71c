import Synchronization

/// A limit for the content of sources, as metrics know it.
public enum SourceLimit: String, CaseIterable, Sendable {
    /// Of addresses that may be reached.
    case address
    case tracks, pixels, memory
    case frameRate = "frame_rate"
    case download
}

/// Counts the sources that a limit refused or ended.
public final class SourceLimitCounts: Sendable {
    private let counts = Mutex<[SourceLimit: Int]>([:])
    public init() {}
    public func count(_ limit: SourceLimit) { counts.withLock { $0[limit, default: 0] += 1 } }
    public subscript(limit: SourceLimit) -> Int { counts.withLock { $0[limit] ?? 0 } }
}
