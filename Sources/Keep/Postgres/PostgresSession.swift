import Records
import SQL
import Synchronization

/// One connection to the server, opened when it is needed and again when it was lost. Used on one queue alone.
final class PostgresSession {
    private let address: PostgresAddress
    private let reachability: Reachability
    /// Run on each new connection.
    private let greet: (PostgresPipeline) throws -> Void
    private var pipeline: PostgresPipeline?

    init(
        _ address: PostgresAddress, _ reachability: Reachability,
        greet: @escaping (PostgresPipeline) throws -> Void = { _ in }
    ) {
        (self.address, self.reachability, self.greet) = (address, reachability, greet)
    }

    /// The connection, alive as far as is known.
    /// - Throws: `SQLError`, `unavailable`, at once while the server was gone a moment ago.
    @discardableResult
    func open() throws -> PostgresPipeline {
        if let pipeline, pipeline.connection.inspect() { return pipeline }
        close()
        let new = try reachability.attempt {
            let pipeline = try PostgresPipeline(address)
            try greet(pipeline)
            return pipeline
        }
        pipeline = new
        return new
    }
    func close() { pipeline = nil }

    /// Runs `body` in a transaction that sees one state of the database and changes none. `settle` ends it.
    func read<V>(_ body: (any Connection) throws -> V) throws -> V {
        try transaction("BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY", body) { $0.leave() }
    }
    /// Runs `body` in a transaction; when it is over, listeners have been told what changed.
    func write<V>(_ body: (any Connection) throws -> V) throws -> V {
        try transaction("BEGIN ISOLATION LEVEL READ COMMITTED", body) { try $0.commit() }
    }
    /// Waits for what the server still has to do.
    func settle() {
        do { try pipeline?.settle() } catch { close() }
    }

    private func transaction<V>(
        _ begin: String, _ body: (any Connection) throws -> V, end: (PostgresTransaction) throws -> Void
    ) throws -> V {
        let pipeline = try open()
        try pipeline.tidy()
        let transaction = PostgresTransaction(begin, on: pipeline) { [unowned self] in try open() }
        do {
            let value = try body(transaction)
            try end(transaction)
            return value
        } catch {
            transaction.rollBack()
            throw error
        }
    }
}

/// Lets nobody wait for a server that is known to be gone: one at a time tries to reach it, after a pause that grows, and the
/// others are told at once.
final class Reachability: Sendable {
    private struct State {
        var failure: SQLError?
        var isTrying = false
        var pause = GrowingPause(from: .milliseconds(125), upTo: .seconds(1))
        var nextTry = ContinuousClock.now
    }
    private let state = Mutex(State())

    /// - Throws: what `body` throws, or has thrown a moment ago.
    func attempt<V>(_ body: () throws -> V) throws -> V {
        try state.withLock { state in
            if let failure = state.failure, state.isTrying || ContinuousClock.now < state.nextTry { throw failure }
            state.isTrying = true
        }
        do {
            let value = try body()
            state.withLock { $0 = State() }
            return value
        } catch {
            state.withLock { state in
                state.isTrying = false
                state.failure = error as? SQLError
                state.nextTry = .now + state.pause.next()
            }
            throw error
        }
    }
}
