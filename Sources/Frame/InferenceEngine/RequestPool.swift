import Inference
import Synchronization

/// The infer requests of one network. It has one for every place in the engine's budget, so whoever has a place finds one.
final class RequestPool: Sendable {
    private let budget: InferenceBudget
    private let free: Mutex<[InferRequest]>

    /// - Parameter requests: as many as the budget has places.
    init(_ requests: [InferRequest], budget: InferenceBudget) {
        self.budget = budget
        free = Mutex(requests)
    }

    /// Lends a request for as long as `body` runs; waits for a place first.
    func with<R>(_ urgency: Urgency, _ body: (InferRequest) async throws -> R) async rethrows -> R {
        await budget.take(urgency)
        let request = free.withLock { $0.removeLast() }
        defer {
            free.withLock { $0.append(request) }
            budget.give()
        }
        return try await body(request)
    }
}
