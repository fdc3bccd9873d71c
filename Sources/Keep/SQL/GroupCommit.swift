import Synchronization

/// Writes what many callers bring in one transaction.
///
/// While a transaction runs, what comes in waits and is written together in the next one, so that the cost of a durable
/// commit is shared by all who have something to say. Callers wait for their commit, which bounds the queue to one batch per
/// caller and keeps each caller's order. Each batch has a savepoint of its own: what is wrong with one is no concern of the
/// others.
public final class GroupCommit<Batch: Sendable>: Sendable {
    private struct Waiting: Sendable {
        let batch: Batch
        let continuation: CheckedContinuation<Void, any Error>
    }
    private struct State {
        var waiting: [Waiting] = []
        var isWriting = false
    }
    /// Batches in one transaction at most, so that no caller waits long.
    private static var transactionLimit: Int { 256 }

    private let database: any Database
    private let apply: @Sendable (Batch, any Connection) throws -> Void
    private let state = Mutex(State())

    /// - Parameter apply: writes one batch.
    public init(_ database: any Database, apply: @escaping @Sendable (Batch, any Connection) throws -> Void) {
        (self.database, self.apply) = (database, apply)
    }

    /// Batches that wait for their turn; those that are being written no longer count.
    public var waitingCount: Int { state.withLock { $0.waiting.count } }

    /// Returns when `batch` is on disk, whether or not the calling task has been cancelled.
    /// - Throws: `SQLError`, and what `apply` threw for this batch; then nothing of it was written.
    public func write(_ batch: Batch) async throws {
        try await withCheckedThrowingContinuation { continuation in
            let isFirst = state.withLock { state in
                state.waiting.append(Waiting(batch: batch, continuation: continuation))
                defer { state.isWriting = true }
                return !state.isWriting
            }
            // Of nobody's task: whoever came first must not take the others along when he is cancelled.
            if isFirst { Task.detached { await self.writeAll() } }
        }
    }

    private func writeAll() async {
        repeat {
            let current = Mutex<[Waiting]>([])
            do {
                let outcomes = try await database.write { connection in
                    // Taken when the transaction begins, so that all who came until then share it.
                    let taken = self.takeWaiting()
                    current.withLock { $0 = taken }
                    return try taken.map { waiting in
                        try Self.outcome { try connection.savepoint { try self.apply(waiting.batch, connection) } }
                    }
                }
                for (waiting, outcome) in zip(current.withLock { $0 }, outcomes) {
                    waiting.continuation.resume(with: outcome)
                }
            } catch {
                // The transaction never began or could not be committed: nothing of it was written.
                let failed = current.withLock { $0.isEmpty ? self.takeWaiting() : $0 }
                for waiting in failed { waiting.continuation.resume(throwing: error) }
            }
        } while goesOn()
    }

    private func takeWaiting() -> [Waiting] {
        state.withLock { state in
            let taken = Array(state.waiting.prefix(Self.transactionLimit))
            state.waiting.removeFirst(taken.count)
            return taken
        }
    }
    private func goesOn() -> Bool {
        state.withLock { state in
            state.isWriting = !state.waiting.isEmpty
            return state.isWriting
        }
    }
    /// What is wrong with the database itself is wrong for all.
    private static func outcome(_ body: () throws -> Void) throws -> Result<Void, any Error> {
        do {
            return .success(try body())
        } catch let error as SQLError where error.kind != .refused {
            throw error
        } catch {
            return .failure(error)
        }
    }
}
