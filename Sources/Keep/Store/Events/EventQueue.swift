import Foundation
import Matching
import Records
import SQL
import Synchronization

/// The way of events into the database: many callers in one transaction, and behind a spool while the database takes nothing.
///
/// What the database cannot take at the moment is written to the spool, and the caller is told that it is kept. While anything
/// is in the spool all that comes later goes behind it, so the order of each stream stays; the spool is written into the database
/// as soon as that takes it. A batch that is written twice is there once, so a process may be killed at any point. Where the spool
/// has no room either, the caller waits; but one whose task is cancelled, which is a stream that ends, only for a moment.
final class EventQueue: Sendable {
    /// How long things are waited for.
    struct Patience: Sendable {
        /// Between two tries to write into the database, or into the spool.
        var pause = GrowingPause(from: .milliseconds(200), upTo: .seconds(5))
        /// For the database, by a stream that ends.
        var last = Duration.seconds(1)
    }
    /// Batches of the spool in one transaction, and their bytes: a disk that was full a moment ago has room for little.
    private static let drainLimit = 64, drainSize = 4 << 20
    private static let behind = SQLError(
        .unavailable, "the database has not yet taken all that was kept while it took nothing",
        plain: "it has not yet taken all that was kept while it took nothing")

    private let database: any Database
    private let commit: GroupCommit<EventBatch>
    private let spool: EventSpool
    private let room: DiskRoom
    private let patience: Patience
    private let descriptors: DescriptorIndex
    /// Where a batch is when `write` returns.
    enum Taken: Hashable, Sendable {
        case stored
        /// In the spool.
        /// - Parameter ticket: `nil` when it is on the disk.
        case spooled(_ ticket: EventTicket?)

        /// What to wait for until it outlives the process; `nil` when it does.
        var ticket: EventTicket? {
            switch self {
            case .stored: nil
            case .spooled(let ticket): ticket
            }
        }
    }
    private struct State {
        var isDraining = false
        var isStopped = false
        /// Callers that wait for room in the spool.
        var heldUp = 0
        /// Why the spool could not be emptied when that was last tried.
        var trouble: SQLError?
    }
    private let state = Mutex(State())
    private let lost = Atomic(0)
    private let report: @Sendable (StoreReport) -> Void

    /// - Parameter descriptors: those of events, in memory.
    init(
        _ database: any Database, spool: EventSpool, room: DiskRoom, patience: Patience, descriptors: DescriptorIndex,
        report: @escaping @Sendable (StoreReport) -> Void
    ) {
        (self.database, self.spool, self.room, self.report) = (database, spool, room, report)
        (self.patience, self.descriptors) = (patience, descriptors)
        commit = GroupCommit(database) { batch, connection in try connection.apply(batch, descriptors) }
    }

    /// Batches that wait for a transaction.
    var waitingCount: Int { commit.waitingCount }
    /// Batches in the spool.
    var spooledCount: Int { spool.count }
    /// Of these, the ones that are in memory alone.
    var memoryCount: Int { spool.memoryCount }
    /// Callers that wait for room in the spool.
    var heldUpCount: Int { state.withLock { $0.heldUp } }
    /// Batches that nothing took.
    var lostCount: Int { lost.load(ordering: .relaxed) }
    /// Why something waits; `nil` when nothing does.
    var trouble: SQLError? {
        let (heldUp, trouble) = state.withLock { ($0.heldUp, $0.trouble) }
        return spool.count > 0 || heldUp > 0 ? trouble ?? Self.behind : nil
    }

    /// Whether the database is the one that what is in the spool waits for: it knows whose events they are.
    func isOfSpool() async throws -> Bool {
        guard let batch = try await spool.oldest(1, size: 0).batches.first else { return true }
        return try await database.read { connection -> Int? in
            try connection.value("SELECT 1 FROM account WHERE id = ?", [batch.accountID])
        } != nil
    }

    // MARK: In

    /// Returns when `batch` is in the database or in the spool.
    /// - Throws: `SQLError`: what the database refused; or, when the task is cancelled and nothing takes the batch, why.
    func write(_ batch: EventBatch) async throws -> Taken {
        var entry: SpoolEntry?
        var isHeldUp = false
        var pause = patience.pause
        defer { if isHeldUp { goOn() } }
        while true {
            var reason = state.withLock(\.trouble) ?? Self.behind
            if spool.count == 0 {
                do {
                    try await commitInTime(batch)
                    return .stored
                } catch let error as SQLError where error.kind != .refused {
                    reason = error
                }
            }
            let isLast = Task.isCancelled
            let waiting = entry ?? SpoolEntry(batch)
            entry = waiting
            let kept = await spool.append(waiting, isLast: isLast)
            if kept != .nowhere {
                drainSoon(reason)
                return .spooled(kept.ticket)
            }
            guard !isLast else {
                lost.add(1, ordering: .relaxed)
                // What did not answer may have taken it.
                if batch.hasDescriptors { descriptors.doubt() }
                report(.lost(count: 1))
                throw reason
            }
            if !isHeldUp { holdUp(reason) }
            isHeldUp = true
            drainSoon(reason)
            try? await pause.wait()  // not at all when the task is cancelled
        }
    }

    /// Of the room for what goes into the database.
    private var diskLevel: DiskRoom.Level { database.dialect.name == .sqlite ? room.level : .ample }
    private func checkRoom() throws {
        if diskLevel == .exhausted {
            throw SQLError(
                .unavailable, "the reserve of the disk is used up", plain: "the reserve of the disk is used up")
        }
    }
    /// The first who is held up is news.
    private func holdUp(_ reason: SQLError) {
        let count = state.withLock { state in
            state.heldUp += 1
            return state.heldUp
        }
        if count == 1 { report(.full(reason: reason.description)) }
    }
    private func goOn() {
        let count = state.withLock { state in
            state.heldUp -= 1
            return state.heldUp
        }
        if count == 0 { report(.roomAgain) }
    }

    /// Commits `batch`. A cancelled task does not wait long: what the database then does with the batch, it may do.
    private func commitInTime(_ batch: EventBatch) async throws {
        try checkRoom()
        let outcome = Outcome()
        try await withTaskCancellationHandler {
            try await withCheckedThrowingContinuation { continuation in
                outcome.expect(continuation)
                Task.detached { [commit] in
                    do {
                        try await commit.write(batch)
                        outcome.settle(.success(()))
                    } catch {
                        outcome.settle(.failure(error))
                    }
                }
            }
        } onCancel: {
            Task.detached { [patience] in
                try? await Task.sleep(for: patience.last)
                outcome.settle(
                    .failure(
                        SQLError(
                            .unavailable, "the database does not answer in time", plain: "it does not answer in time")))
            }
        }
    }
    /// What becomes of one commit; the first who knows says it.
    private final class Outcome: Sendable {
        private let continuation = Mutex<CheckedContinuation<Void, any Error>?>(nil)
        func expect(_ continuation: CheckedContinuation<Void, any Error>) {
            self.continuation.withLock { $0 = continuation }
        }
        func settle(_ result: Result<Void, any Error>) {
            let waiting = continuation.withLock { continuation in
                defer { continuation = nil }
                return continuation
            }
            waiting?.resume(with: result)
        }
    }

    /// As `EventLog` says.
    func untilDurable(_ ticket: EventTicket) async -> Bool { await spool.durability.until(ticket) }

    // MARK: Out

    /// Writes what an earlier process has left in the spool, also into what is left of the disk's reserve. Returns when the spool
    /// is empty.
    /// - Throws: `SQLError`; then the rest stays.
    func drainLeftOver() async throws {
        while try await drainSome() {}
    }

    /// Removes what the database had refused of an account.
    /// - Returns: how many batches that were.
    func removeRefused(of account: UUID) throws -> Int { try spool.removeRefused(of: account) }

    /// Ends the attempts to empty the spool. What is in memory goes to the disk, for the next start, or into the database.
    func stop() async {
        state.withLock { $0.isStopped = true }
        if spool.flush() > 0 { try? await drainLeftOver() }
        let count = spool.flush()
        spool.durability.end()
        guard count > 0 else { return }
        lost.add(count, ordering: .relaxed)
        report(.lost(count: count))
    }

    private func drainSoon(_ reason: SQLError) {
        let isFirst = state.withLock { state in
            guard !state.isDraining, !state.isStopped else { return false }
            (state.isDraining, state.trouble) = (true, reason)
            return true
        }
        guard isFirst else { return }
        report(.began(reason: reason.description))
        Task.detached { await self.drain() }
    }
    private func drain() async {
        var pause = patience.pause
        while !state.withLock({ $0.isStopped }) {
            do {
                try checkRoom()
                let isMore = try await drainSome()
                state.withLock { $0.trouble = nil }
                pause.reset()
                if !isMore, endDraining() { return report(.ended) }
            } catch {
                state.withLock { $0.trouble = error as? SQLError ?? SQLError(.unavailable, "\(error)") }
                try? await pause.wait()
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
        let portion = try await spool.oldest(Self.drainLimit, size: Self.drainSize)
        let refused = try await database.write { [descriptors] connection in
            try portion.batches.filter { batch in
                do {
                    try connection.savepoint { try connection.apply(batch, descriptors) }
                    return false
                } catch let error as SQLError where error.kind == .refused {
                    try connection.checkThatAccountsAreThere()
                    return true
                }
            }
        }
        let count = try await spool.remove(portion, refused: refused)
        if count > 0 { report(.putAside(count: count)) }
        return true
    }
}

extension EventSpool.Kept {
    fileprivate var ticket: EventTicket? { if case .inMemory(let ticket) = self { ticket } else { nil } }
}

extension Connection {
    /// What refuses an event because it does not know the account is worth believing only if it knows any: a database that was
    /// emptied, or is being restored, says so of every event.
    fileprivate func checkThatAccountsAreThere() throws {
        guard try value("SELECT 1 FROM account LIMIT 1") as Int? != nil else {
            throw SQLError(.unworkable, "the database has lost its accounts")
        }
    }
}
