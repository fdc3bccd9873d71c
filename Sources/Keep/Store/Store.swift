public import Foundation
import GRDB
import Records

/// Everything the daemon remembers: accounts, streams, their logs and their events, in one SQLite database.
///
/// A value returned from a writing method is on disk: WAL with `synchronous=FULL`, so neither a killed process nor a lost
/// power supply takes it back. Writes are not abandoned when the calling task is cancelled; reads are.
///
/// Every method throws `StoreError`, and a read `CancellationError` when its task was cancelled.
public final class Store: Sendable {
    /// One file with this name per data directory (and its `-wal` and `-shm` while it is open).
    public static let fileName = "sightline.sqlite"

    let pool: DatabasePool
    let credentials = CredentialCache(capacity: 4096, lifetime: .seconds(60))
    let hasher = PasswordHasher()
    let throttle: LoginThrottle
    let logins = SharedWork<LoginAttempt, Account?>()
    let signer: TokenSigner
    let events: EventWriter
    private let lock: DirectoryLock

    /// Opens the store in `directory`, making directory and database when they are absent, and brings the schema up to date.
    public convenience init(directory: URL) throws(StoreError) {
        try self.init(directory: directory, throttle: LoginThrottle())
    }
    init(directory: URL, throttle: LoginThrottle) throws(StoreError) {
        self.throttle = throttle
        do {
            // Camera passwords lie in it: for the owner's eyes only.
            try FileManager.default.createDirectory(
                at: directory, withIntermediateDirectories: true, attributes: [.posixPermissions: 0o700])
        } catch {
            throw .unusableDirectory(path: directory.path, reason: error.localizedDescription)
        }
        lock = try DirectoryLock(directory: directory)
        let path = directory.appendingPathComponent(Self.fileName).path
        do {
            pool = try Self.openPool(path: path)
            signer = TokenSigner(
                key: try pool.write { try $0.secret("token key", length: TokenSigner.keyLength) })
        } catch let error as StoreError {
            throw error
        } catch let error as DatabaseError {
            let reason = error.message ?? "\(error.resultCode)"
            switch error.resultCode {
            case .SQLITE_NOTADB, .SQLITE_CORRUPT: throw .damaged(path: path, reason: reason)
            default: throw .unusableDirectory(path: directory.path, reason: reason)
            }
        } catch {
            throw .unusableDirectory(path: directory.path, reason: error.localizedDescription)
        }
        // A directory that was there before may be open to others; SQLite gives its other files the mode of this one.
        try? FileManager.default.setAttributes([.posixPermissions: 0o600], ofItemAtPath: path)
        events = EventWriter(pool: pool)
    }

    private static func openPool(path: String) throws -> DatabasePool {
        var configuration = Configuration()
        configuration.foreignKeysEnabled = true
        configuration.maximumReaderCount = 4
        configuration.busyMode = .timeout(5)
        let pool = try DatabasePool(path: path, configuration: configuration)
        // GRDB chooses NORMAL for WAL, which may lose the last transactions with the power; there is one writing connection.
        try pool.writeWithoutTransaction { try $0.execute(sql: "PRAGMA synchronous = FULL") }
        let migrator = Schema.migrator
        if try pool.read(migrator.hasBeenSuperseded) { throw StoreError.newerDatabase(path: path) }
        try migrator.migrate(pool)
        return pool
    }

    /// Ends all work on the database. Every later call throws.
    public func close() throws(StoreError) {
        do { try pool.close() } catch { throw .failed(reason: "\(error)") }
    }

    /// Whether the database answers a trivial question.
    public func check() async throws {
        _ = try await read { try Int.fetchOne($0, sql: "SELECT 1") }
    }

    func read<Value: Sendable>(_ body: @escaping @Sendable (Database) throws -> Value) async throws -> Value {
        do {
            return try await pool.read(body)
        } catch let error as DatabaseError {
            throw StoreError.failed(reason: error.message ?? "\(error.resultCode)")
        }
    }
    /// Runs `body` in one transaction, which is carried out even when the calling task has been cancelled: what a stream
    /// has to say while it is being stopped must be written too.
    func write<Value: Sendable>(_ body: @escaping @Sendable (Database) throws -> Value) async throws -> Value {
        do {
            return try await withCheckedThrowingContinuation { continuation in
                pool.asyncWrite(body) { _, result in continuation.resume(with: result) }
            }
        } catch let error as DatabaseError {
            throw StoreError.failed(reason: error.message ?? "\(error.resultCode)")
        }
    }
}
