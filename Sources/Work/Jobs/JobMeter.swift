import Synchronization

/// How far the work on one item has come: written by whoever does it, as often as he likes, and read by whoever asks.
public final class JobMeter: Sendable {
    private let state = Mutex((done: 0, total: nil as Int?))
    public init() {}

    /// - Parameters:
    ///   - done: frames of a video; 1 for a picture that is done.
    ///   - total: `nil`: not known.
    public func set(done: Int, of total: Int? = nil) { state.withLock { $0 = (done, total) } }
    public var done: Int { state.withLock(\.done) }
    public var total: Int? { state.withLock(\.total) }
}
