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
            try await carryOut(while: presence, atMost: time) { try await work(document) }
        } onDeparture: {
            departure.finish()
        }
    }
    /// Likewise on the bytes of the body, which `work` reads first, however long it takes.
    /// - Throws: `Refusal`, as `bytes()`; `PatienceEnd`; what `work` throws.
    public func patiently<Value: Sendable>(
        _ work: @escaping @Sendable (IncomingBytes) async throws -> Value
    ) async throws -> Value {
        let (presence, departure) = AsyncStream<Never>.makeStream()
        return try await withSenderWatched { bytes in
            try await carryOut(while: presence) { try await work(bytes) }
        } onDeparture: {
            departure.finish()
        }
    }
}

/// - Parameters:
///   - presence: ends when the client leaves.
///   - time: `nil`: as long as it takes.
private func carryOut<Value: Sendable>(
    while presence: AsyncStream<Never>, atMost time: Duration? = nil,
    _ work: @escaping @Sendable () async throws -> Value
) async throws -> Value {
    try await withThrowingTaskGroup(of: Value.self) { group in
        group.addTask { try await work() }
        if let time {
            group.addTask {
                try await Task.sleep(for: time)
                throw PatienceEnd.timedOut(after: time)
            }
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
}
