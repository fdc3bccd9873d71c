import Foundation
import SQL
import Synchronization

/// The way of events into the database: many callers in one transaction, and behind a spool while the database is gone.
///
/// What the database cannot take at the moment is written to the spool, and the caller is told that it is kept. While anything
/// is in the spool all that comes later goes behind it, so the order of each stream stays; the spool is written into the database
/// as soon as that takes it. A batch that is written twice is there once, so a process may be killed at any point.
final class EventQueue: Sendable {
    /// Batches of the spool in one transaction.
    private static let drainLimit = 64
    private static let firstPause = Duration.milliseconds(200), longestPause = Duration.seconds(5)

    private let database: any Database
    private let commit: GroupCommit<EventBatch>
    private let spool: EventSpool
    private struct State {
        var isDraining = false
        var isStopped = false
        /// Why the spool could not be emptied when that was last tried.
        var trouble: SQLError?
    }
    private let state = Mutex(State())
    private let report: @Sendable (SpoolReport) -> Void

    init(
        _ database: any Database, spool: EventSpool, report: @escaping @Sendable (SpoolReport) -> Void
    ) {
        (self.database, self.spool, self.report) = (database, spool, report)
        commit = GroupCommit(database) { batch, connection in try connection.apply(batch) }
    }

    /// Batches that wait for a transaction.
    var waitingCount: Int { commit.waitingCount }
    /// Batches in the spool.
    var spooledCount: Int { spool.count }

    /// Returns while the database takes what is written.
    /// - Throws: `SQLError`, why it last did not.
    func check() throws { if let trouble = state.withLock({ $0.trouble }) { throw trouble } }

    /// Returns when `batch` is in the database or in the spool.
    /// - Throws: what the database refused; `SQLError` when neither takes it.
    func write(_ batch: EventBatch) async throws {
        var reason = SQLError(.unavailable, "the database has not yet taken all that was kept while it was gone")
        if spool.count == 0 {
            do { return try await commit.write(batch) } catch let error as SQLError where error.kind == .unavailable {
                reason = error
            }
        }
        guard await spool.append(batch) else { throw reason }
        drainSoon(reason)
    }

    /// Whether the database is the one that what is in the spool waits for: it knows whose events they are.
    func isOfSpool() async throws -> Bool {
        guard let batch = try await spool.oldest(1).batches.first else { return true }
        return try await database.read { connection -> Int? in
            try connection.value("SELECT 1 FROM account WHERE id = ?", [batch.accountID])
        } != nil
    }

    /// Writes what an earlier process has left in the spool. Returns when the spool is empty.
    /// - Throws: `SQLError`; then the rest stays.
    func drainLeftOver() async throws {
        while try await drainSome() {}
    }

    /// Ends the attempts to empty the spool; what is on disk stays for the next start.
    func stop() { state.withLock { $0.isStopped = true } }

    private func drainSoon(_ reason: SQLError) {
        let isFirst = state.withLock { state in
            guard !state.isDraining else { return false }
            (state.isDraining, state.trouble) = (true, reason)
            return true
        }
        guard isFirst else { return }
        report(.began(reason: reason.description))
        Task.detached {
            var pause = Self.firstPause
            while !self.state.withLock({ $0.isStopped }) {
                do {
                    let isMore = try await self.drainSome()
                    self.state.withLock { $0.trouble = nil }
                    pause = Self.firstPause
                    if !isMore, self.endDraining() { return self.report(.ended) }
                } catch {
                    self.state.withLock { $0.trouble = error as? SQLError ?? SQLError(.unavailable, "\(error)") }
                    try? await Task.sleep(for: pause)
                    pause = min(pause * 2, Self.longestPause)
                }
            }
        }
    }
    /// False when something came in while the last was being written.
    private func endDraining() -> Bool {
        state.withLock { state in
            state.isDraining = spool.count > 0
            return !state.isDraining
        }
    }

    /// Writes the oldest batches of the spool. False when there were none.
    private func drainSome() async throws -> Bool {
        guard spool.count > 0 else { return false }
        let portion = try await spool.oldest(Self.drainLimit)
        let refused = try await database.write { connection in
            try portion.batches.filter { batch in
                do {
                    try connection.savepoint { try connection.apply(batch) }
                    return false
                } catch let error as SQLError where error.kind == .refused {
                    return true
                }
            }
        }
        let count = try await spool.remove(portion, refused: refused)
        if count > 0 { report(.putAside(count: count)) }
        return true
    }
}

/// What becomes of events while the database is gone, as an operator is told.
public enum SpoolReport: Hashable, Sendable {
    /// What streams have to say of events is kept in the data directory from now on.
    case began(reason: String)
    /// All of it is in the database.
    case ended
    /// So many batches can never be written, because the database refuses them or the disk has broken them; they lie in a
    /// file beside the spool.
    case putAside(count: Int)
}
