import Synchronization

/// A flag that is raised once and can be waited for.
final class Signal: Sendable {
    private let stream: AsyncStream<Void>
    private let continuation: AsyncStream<Void>.Continuation
    private let flag = Atomic<Bool>(false)

    init() { (stream, continuation) = AsyncStream.makeStream(bufferingPolicy: .bufferingNewest(1)) }

    var isRaised: Bool { flag.load(ordering: .acquiring) }
    func raise() {
        flag.store(true, ordering: .releasing)
        continuation.finish()
    }
    /// Returns when the signal is raised or the task is cancelled. One waiter.
    func wait() async { for await _ in stream {} }
}
