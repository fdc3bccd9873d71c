public import Foundation
import ObjectStore
import Postgres
public import SQL
public import Sealing
import SQLite

/// Which database a store is kept in.
public enum DatabaseChoice: Hashable, Sendable {
    /// A file in the data directory.
    case sqlite
    /// A server. The address holds no password, which is given beside it and never shown.
    case postgres(url: String, password: String?)
}

extension Store {
    /// The file of the embedded database in the data directory (and its `-wal` and `-shm` while it is open).
    public static let fileName = "sightline.sqlite"
    /// Of the file in the data directory in which events wait while the database is gone.
    public static let spoolName = "events.spool"
    /// Of the file with those that the database refused.
    public static let refusedName = spoolName + ".refused"

    /// Of the folder in the data directory in which the bytes of objects lie.
    public static let objectsName = "objects"

    /// Opens the store, making directory and tables when they are absent, and brings the schema up to date. Blocks.
    /// - Parameters:
    ///   - directory: the data directory, which belongs to one process at a time, also when the database is elsewhere.
    ///   - keys: where the key comes from that secrets are sealed under; `nil`: a file beside the directory.
    ///   - reserve: what is left free in the data directory.
    ///   - objects: how long bytes are kept, and how many.
    ///   - report: told what becomes of events while the database or the disk takes none.
    public convenience init(
        directory: URL, database choice: DatabaseChoice = .sqlite, keys: KeySource? = nil,
        reserve: DiskReserveConfiguration = DiskReserveConfiguration(),
        objects: ObjectConfiguration = ObjectConfiguration(),
        report: @escaping @Sendable (StoreReport) -> Void = { _ in }
    ) throws(OpeningError) {
        do {
            // Pictures of people lie in it: for the owner's eyes only.
            try FileManager.default.createDirectory(
                at: directory, withIntermediateDirectories: true, attributes: [.posixPermissions: 0o700])
        } catch {
            throw .unusableDirectory(path: directory.path, reason: error.localizedDescription)
        }
        let lock = try DirectoryLock(directory: directory)
        guard !RestoreSite.isCutOff(in: directory) else { throw .halfRestored(path: directory.path) }
        guard choice != .sqlite || !DamagedStore.isCutOff(in: directory) else {
            throw .halfRecovered(path: directory.path)
        }
        let vault: Vault
        do { vault = try Vault(keys ?? .beside(directory)) } catch { throw .unusableKey(reason: error.description) }
        let room = DiskRoom(of: directory, reserve, report: report)
        let spool = try EventSpool(file: directory.appendingPathComponent(Self.spoolName), vault: vault, room: room)
        let database: any Database =
            switch choice {
            case .sqlite:
                try SQLiteDatabase(
                    path: directory.appendingPathComponent(Self.fileName).path, migrations: Schema.migrator(vault))
            case .postgres(let url, let password):
                try PostgresDatabase(url: url, password: password, migrations: Schema.migrator(vault))
            }
        let tree: ObjectTree
        do { tree = try ObjectTree(directory.appendingPathComponent(Self.objectsName)) } catch {
            throw .unusableDirectory(path: directory.path, reason: error.description)
        }
        self.init(
            database, lock: lock, vault: vault, spool: spool, room: room, tree: tree, objects: objects, report: report)
    }
    /// To be asked before anything is made in a database that may be new.
    /// - Parameter directory: the data directory.
    /// - Throws: `OpeningError.eventsOfAnother` when events wait in it for another database, which this one would refuse.
    public func checkSpool(in directory: URL) async throws {
        do {
            guard try await events.isOfSpool() else {
                throw OpeningError.eventsOfAnother(path: directory.appendingPathComponent(Self.spoolName).path)
            }
        } catch let error as SQLError { throw StoreError(error) }
    }
}
