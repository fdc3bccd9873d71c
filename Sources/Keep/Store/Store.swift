import Foundation
import Matching
import ObjectStore
public import Records
import SQL
import Sealing
import Synchronization

/// Everything the daemon remembers: accounts, streams, their logs and their events, in one database.
///
/// A value returned from a writing method is on disk: neither a killed process nor a lost power supply takes it back. Only
/// events do not wait for a database that is gone: `record` says where they are then. Writes are not abandoned when the calling
/// task is cancelled; reads are.
///
/// Every method throws `StoreError`, and a read `CancellationError` when its task was cancelled.
public final class Store: Sendable {
    let database: DamageWatch
    let events: EventQueue
    let settlements: GroupCommit<Settlement>
    let outcomes: GroupCommit<TimedOutcome>
    let room: DiskRoom
    /// The bytes of objects.
    let tree: ObjectTree
    let objectConfiguration: ObjectConfiguration
    let recentUsage = RecentUsage()
    /// Whether its files are known to be this database's.
    let isOwnTree = Atomic(false)
    /// Pictures of events that are open, which better ones may replace.
    let openPictures = Mutex<[UUID: [UUID]]>([:])
    let report: @Sendable (StoreReport) -> Void
    /// Seals what must not be read in the database's files.
    let vault: Vault
    private let lock: DirectoryLock
    /// Why the last write that was no event's failed; `nil` when it went through.
    let refusal = Mutex<SQLError?>(nil)
    let deletedEvents = Atomic(0)
    /// Streams that lists had to leave out, which are reported once.
    let unreadable = Mutex<Set<UUID>>([])
    let glances = SharedReads<RecordPlace, RecordGlance>()
    let recordReads = SharedReads<RecordQuestion, ReadRecords?>()
    let recordTurns = Turns(Store.recordReadLimit)
    let erasures = SharedReads<Erasure, Void>()
    /// The descriptors of all faces in memory, and those of events.
    let descriptors = DescriptorIndex()
    let eventDescriptors: DescriptorIndex
    let fillings = SharedReads<DescribedKind, Void>()
    /// Whether removed features of faces may still lie in the database's log.
    let isErasureDue = Atomic(true)
    /// Whether the log could not be cut when that was tried last.
    let isLogHeld = Atomic(false)
    let picturesDropped = Atomic(0)
    let reportedPictures = Atomic(0)

    /// - Parameters:
    ///   - lock: on the data directory, which holds what the database cannot take at the moment.
    init(
        _ database: any Database, lock: DirectoryLock, vault: Vault, spool: EventSpool, room: DiskRoom,
        tree: ObjectTree, objects: ObjectConfiguration = .init(), patience: EventQueue.Patience = .init(),
        report: @escaping @Sendable (StoreReport) -> Void = { _ in }
    ) {
        let database = DamageWatch(database, report: report)
        (self.database, self.lock, self.vault, self.room, self.report) = (database, lock, vault, room, report)
        settlements = GroupCommit(database) { settlement, connection in try connection.apply(settlement) }
        outcomes = GroupCommit(database) { outcome, connection in try connection.apply(outcome) }
        (self.tree, objectConfiguration) = (tree, objects)
        eventDescriptors = DescriptorIndex(beside: descriptors)
        events = EventQueue(
            database, spool: spool, room: room, patience: patience, descriptors: eventDescriptors
        ) { what in
            // Events that are given up leave their pictures behind.
            switch what {
            case .putAside, .lost: tree.doubt()
            default: break
            }
            report(what)
        }
    }

    /// What commits have changed.
    public var changes: ChangeFeed { database.changes }

    /// Ends all work on the database. Every later call throws. Events that wait in memory are written to the disk or into the
    /// database before; what neither takes is lost and reported.
    public func close() async throws(StoreError) {
        await events.stop()
        tree.close()
        do { try database.close() } catch { throw .failed(reason: "\(error)") }
    }

    /// Returns when what was removed is left in no file of an embedded database.
    func foldIn() async throws {
        do { try await database.foldIn() } catch let error as SQLError { throw StoreError(error) }
    }

    func read<Value: Sendable>(
        _ body: @escaping @Sendable (any Connection) throws -> Value
    ) async throws -> Value {
        do { return try await database.read(body) } catch let error as SQLError { throw StoreError(error) }
    }
    func write<Value: Sendable>(
        _ body: @escaping @Sendable (any Connection) throws -> Value
    ) async throws -> Value {
        do {
            let value = try await database.write(body)
            refusal.withLock { $0 = nil }
            return value
        } catch let error as SQLError {
            if error.kind != .refused { refusal.withLock { $0 = error } }
            // A server that went during a commit may have carried it out.
            if database.dialect.name == .postgres, error.kind == .unavailable { doubtDescriptors() }
            throw StoreError(error)
        }
    }
}
