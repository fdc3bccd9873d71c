import Foundation
public import Records
import SQL

/// Everything the daemon remembers: accounts, streams, their logs and their events, in one database.
///
/// A value returned from a writing method is on disk: neither a killed process nor a lost power supply takes it back. Only
/// events do not wait for a database that is gone: `record` says where they are then. Writes are not abandoned when the calling
/// task is cancelled; reads are.
///
/// Every method throws `StoreError`, and a read `CancellationError` when its task was cancelled.
public final class Store: Sendable {
    let database: any Database
    let events: EventQueue
    private let lock: DirectoryLock

    /// - Parameters:
    ///   - lock: on the data directory, which holds what the database cannot take at the moment.
    init(
        _ database: any Database, lock: DirectoryLock, spool: EventSpool,
        onSpool: @escaping @Sendable (SpoolReport) -> Void = { _ in }
    ) {
        (self.database, self.lock) = (database, lock)
        events = EventQueue(database, spool: spool, report: onSpool)
    }

    /// What commits have changed.
    public var changes: ChangeFeed { database.changes }

    /// Ends all work on the database. Every later call throws.
    public func close() throws(StoreError) {
        events.stop()
        do { try database.close() } catch { throw .failed(reason: "\(error)") }
    }

    /// Whether the database answers a trivial question, and takes what is written.
    public func check() async throws {
        do { try events.check() } catch let error as SQLError { throw StoreError(error) }
        _ = try await read { (connection) -> Int? in try connection.value("SELECT 1") }
    }

    func read<Value: Sendable>(
        _ body: @escaping @Sendable (any Connection) throws -> Value
    ) async throws -> Value {
        do { return try await database.read(body) } catch let error as SQLError { throw StoreError(error) }
    }
    func write<Value: Sendable>(
        _ body: @escaping @Sendable (any Connection) throws -> Value
    ) async throws -> Value {
        do { return try await database.write(body) } catch let error as SQLError { throw StoreError(error) }
    }
}
