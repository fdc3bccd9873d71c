import Synchronization

/// Infer requests that are free, and the tasks that wait for one, first come first served.
final class RequestPool: Sendable {
    private struct State {
        var free: [InferRequest]
        var waiting: [CheckedContinuation<InferRequest, Never>] = []
    }
    private let state: Mutex<State>

    init(_ requests: [InferRequest]) { state = Mutex(State(free: requests)) }

    func with<R>(_ body: (InferRequest) async throws -> R) async rethrows -> R {
        let request = await take()
        defer { give(request) }
        return try await body(request)
    }

    private func take() async -> InferRequest {
        await withCheckedContinuation { continuation in
            let request = state.withLock { state -> InferRequest? in
                if let request = state.free.popLast() { return request }
                state.waiting.append(continuation)
                return nil
            }
            if let request { continuation.resume(returning: request) }
        }
    }
    private func give(_ request: InferRequest) {
        let next = state.withLock { state -> CheckedContinuation<InferRequest, Never>? in
            guard state.waiting.isEmpty else { return state.waiting.removeFirst() }
            state.free.append(request)
            return nil
        }
        next?.resume(returning: request)
    }
}
