import Hummingbird
public import JSON
import ServiceLifecycle

/// Why a client is not waited with any longer.
public enum PatienceEnd: Error, Hashable, Sendable {
    case clientLeft
    case timedOut(after: Duration)
    case shuttingDown
}

extension Call {
    /// Does long work on the JSON document in the body for a client that waits for the answer, and cancels it when the client leaves, its
    /// time is over or the server shuts down. The connection is closed after the answer, which ought to say so.
    /// - Throws: `Refusal`, as `body()`; `PatienceEnd`; what `work` throws.
    public func patiently<Value: Sendable>(
        atMost time: Duration, _ work: @escaping @Sendable (JSONReader) async throws -> Value
    ) async throws -> Value {
        let (presence, departure) = AsyncStream<Never>.makeStream()
        return try await withClientWatched { document in
            try await withThrowingTaskGroup(of: Value.self) { group in
                group.addTask { try await work(document) }
                group.addTask {
                    try await Task.sleep(for: time)
                    throw PatienceEnd.timedOut(after: time)
                }
                group.addTask {
                    try await gracefulShutdown()
                    throw PatienceEnd.shuttingDown
                }
                group.addTask {
                    for await _ in presence {}
                    throw PatienceEnd.clientLeft
                }
                defer { group.cancelAll() }
                guard let value = try await group.next() else { throw CancellationError() }
                return value
            }
        } onDeparture: {
            departure.finish()
        }
    }
}
