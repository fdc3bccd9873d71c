import Foundation
import GRDB
public import Records
public import SQL
import Synchronization

/// A database in a file, through GRDB: WAL with `synchronous=FULL`, one writing connection and four that read beside it, so
/// that neither a killed process nor a lost power supply takes back what was written.
public final class SQLiteDatabase: Sendable {
    public let dialect = Dialect.sqlite
    public let changes: ChangeFeed
    private let pool: DatabasePool
    private let connections = ConnectionTable()
    /// The database's file and its log. What is written into a file that has lost its name is gone with the process.
    private let files: [FileIdentity]
    private let isClosed = Atomic(false)
    let mark: DamageMark

    /// Opens the database, making it when it is absent, and brings its schema up to date. Blocks.
    /// - Parameters:
    ///   - path: of the file; `-wal` and `-shm` lie beside it while it is open.
    ///   - changes: told what commits have changed.
    public init(path: String, migrations: Migrator, changes: ChangeFeed = ChangeFeed()) throws(OpeningError) {
        self.changes = changes
        mark = DamageMark(of: path)
        do {
            pool = try Self.openPool(path: path)
            files = [path, path + "-wal"].compactMap(FileIdentity.init(path:))
            try migrate(by: migrations)
        } catch let error as OpeningError {
            throw error
        } catch Migrator.Refusal.databaseIsNewer {
            throw .newer(place: path)
        } catch let error as SQLError where error.kind == .damaged {
            throw .damaged(path: path, reason: error.description)
        } catch {
            throw .unusableDirectory(
                path: URL(fileURLWithPath: path).deletingLastPathComponent().path, reason: "\(error)")
        }
        // A directory that was there before may be open to others; SQLite gives its other files the mode of this one.
        try? FileManager.default.setAttributes([.posixPermissions: 0o600], ofItemAtPath: path)
    }

    /// How long a write waits for another process that holds the database. Events wait elsewhere then, and a stream that is being
    /// stopped has closed its events before anybody thinks that it hangs.
    private static let lockPatience = Duration.seconds(1)

    private static func openPool(path: String) throws -> DatabasePool {
        var configuration = Configuration()
        configuration.foreignKeysEnabled = true
        configuration.maximumReaderCount = 4
        configuration.busyMode = .timeout(lockPatience / .seconds(1))
        configuration.prepareDatabase { $0.add(function: noNumber) }
        do {
            let pool = try DatabasePool(path: path, configuration: configuration)
            // GRDB chooses NORMAL for WAL, which may lose the last transactions with the power; there is one writing connection.
            try pool.writeWithoutTransaction { try $0.execute(sql: "PRAGMA synchronous = FULL") }
            return pool
        } catch let error as DatabaseError {
            throw SQLError(error)
        }
    }

    /// Fails for a JSON value that is no number, see `Dialect.jsonNumber`; NULL stays NULL.
    private static let noNumber = DatabaseFunction("no_number", argumentCount: 2, pure: true) { values in
        guard let found = String.fromDatabaseValue(values[0]), let type = String.fromDatabaseValue(values[1]) else {
            return nil
        }
        let name = ["text": "string", "true": "boolean", "false": "boolean"][found] ?? found
        throw DatabaseError(message: "\(Dialect.castFailure) \(name) to type \(type)")
    }

    private func migrate(by migrations: Migrator) throws {
        do {
            // Rows keep what refers to them while a table is made anew.
            try pool.writeWithoutTransaction {
                try $0.execute(sql: "PRAGMA foreign_keys = OFF")
                // What is taken out of a row must be gone from its page, too, whoever takes it out.
                try $0.execute(sql: "PRAGMA secure_delete = ON")
            }
            let emptied = try pool.write { database in
                // Databases of before the schema had two homes were kept by GRDB's own migrator.
                if try database.tableExists("grdb_migrations") {
                    try database.execute(sql: "ALTER TABLE grdb_migrations RENAME TO migration")
                    try database.execute(sql: "ALTER TABLE migration RENAME COLUMN identifier TO name")
                }
                return try migrations.migrate(connections.connection(to: database))
            }
            try pool.writeWithoutTransaction { try $0.execute(sql: "PRAGMA foreign_keys = ON") }
            if !emptied.isEmpty {
                _ = try pool.writeWithoutTransaction { try $0.checkpoint(.truncate) }
            }
        } catch let error as DatabaseError {
            throw SQLError(error)
        }
    }

    public func read<V: Sendable>(
        _ body: @escaping @Sendable (any Connection) throws -> V
    ) async throws -> V {
        try checkFiles()
        do {
            return try await pool.read { [self] in try body(connection(to: $0)) }
        } catch { throw noted(error) }
    }

    public func write<V: Sendable>(
        _ body: @escaping @Sendable (any Connection) throws -> V
    ) async throws -> V {
        try checkFiles()
        return try await withCheckedThrowingContinuation { continuation in
            pool.asyncWrite { [self] database in
                let connection = try connection(to: database)
                connection.changes.removeAll()
                connection.actions.removeAll()
                return (try body(connection), connection.changes, connection.actions)
            } completion: { [self] _, result in
                switch result {
                case .success where !files.allSatisfy(\.isInPlace): continuation.resume(throwing: Self.isGone)
                case .success(let (value, changed, actions)):
                    for action in actions { action() }
                    changes.yield(changed)
                    continuation.resume(returning: value)
                case .failure(let error): continuation.resume(throwing: noted(error))
                }
            }
        }
    }

    /// On the connection's own queue: whoever comes to it after those that `close` has waited for makes no statement, with which
    /// the connection could not be closed.
    private func connection(to database: GRDB.Database) throws -> SQLiteConnection {
        if isClosed.load(ordering: .acquiring) { throw Self.isOver }
        return connections.connection(to: database)
    }
    private static let isOver = SQLError(.unavailable, "the database was closed", plain: "it was closed")

    private static let isGone = SQLError(
        .unavailable, "the file of the database was replaced or deleted", plain: "its file was replaced or deleted")
    private func checkFiles() throws {
        // The last to close a database removes its log.
        if !isClosed.load(ordering: .acquiring), !files.allSatisfy(\.isInPlace) { throw Self.isGone }
    }

    public func foldIn() async throws {
        do {
            _ = try await pool.barrierWriteWithoutTransaction { try $0.checkpoint(.truncate) }
        } catch let error as DatabaseError {
            throw SQLError(error)
        }
    }

    /// The log is folded in as far as that is possible, so that the database's file alone is all of it.
    public func close() throws {
        isClosed.store(true, ordering: .releasing)
        do {
            try pool.barrierWriteWithoutTransaction { database in
                // A connection with statements cannot be closed, and whoever is at work makes some.
                connections.removeAll()
                _ = try? database.checkpoint(.truncate)
            }
            try pool.close()
        } catch let error as DatabaseError {
            throw SQLError(error)
        }
    }
}

extension SQLError {
    init(_ error: DatabaseError) {
        let kind: Kind =
            switch error.resultCode {
            case .SQLITE_NOTADB, .SQLITE_CORRUPT: .damaged
            case .SQLITE_BUSY, .SQLITE_LOCKED, .SQLITE_FULL, .SQLITE_IOERR, .SQLITE_CANTOPEN, .SQLITE_READONLY,
                .SQLITE_NOMEM, .SQLITE_PROTOCOL, .SQLITE_INTERRUPT, .SQLITE_ABORT:
                .unavailable
            case .SQLITE_CONSTRAINT, .SQLITE_MISMATCH, .SQLITE_TOOBIG, .SQLITE_RANGE: .refused
            default: .unworkable
            }
        let plain: String? =
            switch error.resultCode {
            case .SQLITE_NOTADB, .SQLITE_CORRUPT: "its file is damaged"
            case .SQLITE_BUSY, .SQLITE_LOCKED: "another process holds it"
            case .SQLITE_FULL: "its disk is full"
            case .SQLITE_IOERR, .SQLITE_CANTOPEN, .SQLITE_READONLY: "its file cannot be read or written"
            default: nil
            }
        // What a copy between two databases ends with, the library says before SQLite has words for it.
        let hasNoWords = error.message == "not an error"
        let words = hasNoWords ? DatabaseError(resultCode: error.resultCode).message : error.message
        self.init(kind, words ?? "\(error.resultCode)", plain: plain)
    }
}
