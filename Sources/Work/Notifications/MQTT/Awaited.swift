import Synchronization

/// Something that one task waits for and another says. The first who says it counts, also before anybody waits; a waiting task that
/// is cancelled waits no longer.
final class Awaited: Sendable {
    private struct State {
        var waiting: CheckedContinuation<Void, any Error>?
        var result: Result<Void, any Error>?
    }
    private let state = Mutex(State())

    func settle(_ result: Result<Void, any Error>) {
        let waiting = state.withLock { state -> CheckedContinuation<Void, any Error>? in
            guard state.result == nil else { return nil }
            state.result = result
            defer { state.waiting = nil }
            return state.waiting
        }
        waiting?.resume(with: result)
    }
    /// - Throws: what was said, or `CancellationError`.
    func wait() async throws {
        try await withTaskCancellationHandler {
            try await withCheckedThrowingContinuation { continuation in
                let known = state.withLock { state in
                    if state.result == nil { state.waiting = continuation }
                    return state.result
                }
                if let known { continuation.resume(with: known) }
            }
        } onCancel: {
            settle(.failure(CancellationError()))
        }
    }
}
