import Glibc
import Foundation
import Synchronization

extension NetworkPolicy {
    /// Names that are being looked up for `lookUp`, and how many may be: a resolver that does not answer holds a thread for each.
    private static let lookups = Atomic(0)
    private static let lookupLimit = 256

    /// As `addresses(of:)`, on a thread of its own. A task that is cancelled waits no longer; the lookup goes on by itself.
    /// - Throws: `AddressError`; `CancellationError`.
    public func lookUp(_ host: String) async throws -> [NetworkAddress] {
        if NetworkAddress(literal: host) != nil { return try addresses(of: host) }
        guard Self.lookups.add(1, ordering: .relaxed).newValue <= Self.lookupLimit else {
            Self.lookups.subtract(1, ordering: .relaxed)
            throw AddressError.cannotConnect(EAGAIN)
        }
        let answer = Answer()
        return try await withTaskCancellationHandler {
            try await withCheckedThrowingContinuation { continuation in
                answer.expect(continuation)
                Thread.detachNewThread {
                    let found = Result { try addresses(of: host) }
                    Self.lookups.subtract(1, ordering: .relaxed)
                    answer.settle(found)
                }
            }
        } onCancel: {
            answer.settle(.failure(CancellationError()))
        }
    }

    /// Of one lookup; the first who knows says it, also before anybody waits.
    private final class Answer: Sendable {
        private struct State {
            var waiting: CheckedContinuation<[NetworkAddress], any Error>?
            var result: Result<[NetworkAddress], any Error>?
        }
        private let state = Mutex(State())

        func expect(_ continuation: CheckedContinuation<[NetworkAddress], any Error>) {
            let known = state.withLock { state in
                if state.result == nil { state.waiting = continuation }
                return state.result
            }
            if let known { continuation.resume(with: known) }
        }
        func settle(_ result: Result<[NetworkAddress], any Error>) {
            let waiting = state.withLock { state -> CheckedContinuation<[NetworkAddress], any Error>? in
                guard state.result == nil else { return nil }
                state.result = result
                return state.waiting
            }
            waiting?.resume(with: result)
        }
    }
}
