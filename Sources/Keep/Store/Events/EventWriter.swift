import Foundation
import GRDB
import JSON
import Records
import Scene
import Synchronization

/// Writes what happens to events, many callers in one transaction.
///
/// While a transaction runs, what comes in waits and is written together in the next one, so that the cost of a durable
/// commit is shared by all streams that have something to say. Callers wait for their commit, which bounds the queue to one
/// batch per stream and keeps each stream's order.
final class EventWriter: Sendable {
    /// What one call brought.
    struct Batch: Sendable {
        struct Change: Sendable {
            let event: Event
            let isClosing: Bool
            let body: String
        }
        let streamID, accountID: UUID
        let changes: [Change]
        let deliveries: [Delivery]
    }
    private struct Waiting: Sendable {
        let batch: Batch
        let time: Date
        let continuation: CheckedContinuation<Void, any Error>
    }
    private struct State {
        var waiting: [Waiting] = []
        var isWriting = false
    }
    /// Batches in one transaction at most, so that no caller waits long.
    private static let transactionLimit = 256

    private let pool: DatabasePool
    private let state = Mutex(State())

    init(pool: DatabasePool) { self.pool = pool }

    /// Batches that wait for their turn; those that are being written no longer count.
    var waitingCount: Int { state.withLock { $0.waiting.count } }

    /// Returns when `batch` is on disk, whether or not the calling task has been cancelled.
    func write(_ batch: Batch, at time: Date) async throws {
        try await withCheckedThrowingContinuation { continuation in
            let isFirst = state.withLock { state in
                state.waiting.append(Waiting(batch: batch, time: time, continuation: continuation))
                defer { state.isWriting = true }
                return !state.isWriting
            }
            if isFirst { scheduleTransaction() }
        }
    }

    private func scheduleTransaction() {
        pool.asyncWriteWithoutTransaction { database in
            let current = self.state.withLock { state in
                let current = Array(state.waiting.prefix(Self.transactionLimit))
                state.waiting.removeFirst(current.count)
                return current
            }
            let outcomes = Self.commit(current, in: database)
            for (waiting, outcome) in zip(current, outcomes) { waiting.continuation.resume(with: outcome) }
            let hasMore = self.state.withLock { state in
                state.isWriting = !state.waiting.isEmpty
                return state.isWriting
            }
            if hasMore { self.scheduleTransaction() }
        }
    }

    /// Each batch in a savepoint of its own: what is wrong with one is no concern of the others.
    private static func commit(_ batches: [Waiting], in database: Database) -> [Result<Void, any Error>] {
        var outcomes: [Result<Void, any Error>] = []
        do {
            try database.inTransaction {
                for waiting in batches {
                    outcomes.append(
                        Result {
                            try database.inSavepoint {
                                try database.apply(waiting.batch, at: waiting.time)
                                return .commit
                            }
                        })
                }
                return .commit
            }
        } catch {
            return batches.map { _ in .failure(error) }
        }
        return outcomes
    }
}

extension Database {
    fileprivate func apply(_ batch: EventWriter.Batch, at now: Date) throws {
        for change in batch.changes {
            let isNew = try insert(change, of: batch)
            if isNew { try appendRecord(.started, event: change.event.id, account: batch.accountID, at: now) }
            guard change.isClosing else { continue }
            let isClosed = try close(change)
            if isClosed { try appendRecord(.finished, event: change.event.id, account: batch.accountID, at: now) }
        }
        for delivery in batch.deliveries { try insert(delivery, account: batch.accountID, at: now) }
    }
    private func insert(_ delivery: Delivery, account: UUID, at now: Date) throws {
        try cachedStatement(
            sql: "INSERT INTO delivery (account_id, event_id, callback, create_time) VALUES (?, ?, ?, ?)"
        ).execute(arguments: [account, delivery.eventID, delivery.callback.wire.text, Milliseconds.nearest(now)])
    }
    /// Also for a closing whose opening was never told: no event is lost to that.
    private func insert(_ change: EventWriter.Batch.Change, of batch: EventWriter.Batch) throws -> Bool {
        let event = change.event
        try cachedStatement(
            sql: """
                INSERT INTO event (id, account_id, stream_id, type, track_id, begin_offset, begin_time, end_offset,
                    end_time, state, body)
                VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, 'open', ?) ON CONFLICT (id) DO NOTHING
                """
        ).execute(arguments: [
            event.id, batch.accountID, batch.streamID, event.type, event.trackID, event.begin.pts.nanoseconds,
            Milliseconds.nearest(event.begin.wallClock), event.end.pts.nanoseconds,
            Milliseconds.nearest(event.end.wallClock), change.body,
        ])
        return changesCount == 1
    }
    private func close(_ change: EventWriter.Batch.Change) throws -> Bool {
        let event = change.event
        try cachedStatement(
            sql: """
                UPDATE event SET state = 'closed', end_offset = ?, end_time = ?, body = ?
                WHERE id = ? AND state = 'open'
                """
        ).execute(arguments: [
            event.end.pts.nanoseconds, Milliseconds.nearest(event.end.wallClock), change.body,
            event.id,
        ])
        return changesCount == 1
    }
    /// Gives the record the account's next number; a transaction that fails takes the number back with it.
    func appendRecord(_ phase: EventRecord.Phase, event: UUID, account: UUID, at now: Date) throws {
        let sequence = try Int64.fetchOne(
            cachedStatement(
                sql: """
                    INSERT INTO event_counter (account_id, last) VALUES (?, 1)
                    ON CONFLICT (account_id) DO UPDATE SET last = last + 1 RETURNING last
                    """), arguments: [account])
        try cachedStatement(
            sql: "INSERT INTO event_record (account_id, sequence, event_id, phase, time) VALUES (?, ?, ?, ?, ?)"
        ).execute(arguments: [account, sequence, event, phase.rawValue, Milliseconds.nearest(now)])
    }
}
