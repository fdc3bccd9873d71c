import Foundation
import Synchronization

/// Tells those who go on working for an account, as live feeds do, that its credentials are no longer what they were.
final class CredentialChanges: Sendable {
    private struct Listener {
        let account: UUID
        let continuation: AsyncStream<Void>.Continuation
    }
    private let listeners = Mutex<[UUID: Listener]>([:])

    /// Something about `account` or one of its tokens has changed.
    func announce(_ account: UUID) {
        let told = listeners.withLock { $0.values.filter { $0.account == account } }
        for listener in told { listener.continuation.yield() }
    }
    /// Has an element when something changed since the one before. One consumer; forgotten when nobody holds it.
    func of(_ account: UUID) -> AsyncStream<Void> {
        let (stream, continuation) = AsyncStream.makeStream(of: Void.self, bufferingPolicy: .bufferingNewest(1))
        let id = UUID()
        listeners.withLock { $0[id] = Listener(account: account, continuation: continuation) }
        continuation.onTermination = { [weak self] _ in _ = self?.listeners.withLock { $0.removeValue(forKey: id) } }
        return stream
    }
    var listenerCount: Int { listeners.withLock { $0.count } }
}
