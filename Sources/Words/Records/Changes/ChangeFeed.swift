import Synchronization

/// Passes on what the database's commits have changed to all who want to know. Never waits for them.
public final class ChangeFeed: Sendable {
    private struct Listener {
        let wants: @Sendable (Change) -> Bool
        let continuation: AsyncStream<Change>.Continuation
    }
    private let listeners = Mutex<(next: Int, all: [Int: Listener])>((0, [:]))

    public init() {}

    /// Tells of what one commit changed.
    public func yield(_ changes: Set<Change>) {
        guard !changes.isEmpty else { return }
        let all = listeners.withLock { $0.all.values.map { $0 } }
        for listener in all {
            for change in changes where change == .everything || listener.wants(change) {
                listener.continuation.yield(change)
            }
        }
    }

    /// Changes from now on. One consumer; forgotten when nobody holds the stream any longer. Whoever is slow gets the latest
    /// `capacity` of them: a change says where to look, so one told twice or late loses nothing, but no kind of change may be
    /// left out altogether, so listeners with many kinds should want few.
    public func changes(
        capacity: Int = 1, where wants: @escaping @Sendable (Change) -> Bool
    ) -> AsyncStream<Change> {
        let (stream, continuation) = AsyncStream.makeStream(
            of: Change.self, bufferingPolicy: .bufferingNewest(capacity))
        let id = listeners.withLock { listeners in
            defer { listeners.next += 1 }
            listeners.all[listeners.next] = Listener(wants: wants, continuation: continuation)
            return listeners.next
        }
        continuation.onTermination = { [weak self] _ in
            _ = self?.listeners.withLock { $0.all.removeValue(forKey: id) }
        }
        return stream
    }
    /// How many listen now.
    public var listenerCount: Int { listeners.withLock { $0.all.count } }
}
