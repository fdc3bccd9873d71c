import Synchronization

/// Lets so many work at once, and the others wait for their turn in the order in which they came.
public final class Turns: Sendable {
    private struct State {
        var free: Int
        var waiting: [CheckedContinuation<Void, Never>] = []
    }
    private let state: Mutex<State>
    /// - Parameter count: those who may work at once; at least one.
    public init(_ count: Int) { state = Mutex(State(free: count)) }

    /// Runs `body` when it is its turn, and passes the turn on however it ends. A task that is cancelled waits on.
    public func take<Value: Sendable>(_ body: () async throws -> Value) async rethrows -> Value {
        await withCheckedContinuation { continuation in
            let isFree = state.withLock { state in
                guard state.free > 0 else {
                    state.waiting.append(continuation)
                    return false
                }
                state.free -= 1
                return true
            }
            if isFree { continuation.resume() }
        }
        defer { pass() }
        return try await body()
    }
    /// To whoever has waited longest.
    private func pass() {
        let next = state.withLock { state -> CheckedContinuation<Void, Never>? in
            guard !state.waiting.isEmpty else {
                state.free += 1
                return nil
            }
            return state.waiting.removeFirst()
        }
        next?.resume()
    }
}
