public import Records

/// A database that statements are run on. Implementations: SQLite in a file, PostgreSQL behind a socket.
public protocol Database: Sendable {
    var dialect: Dialect { get }
    /// What commits have changed.
    var changes: ChangeFeed { get }

    /// Runs `body` on a connection that only reads, and sees one state of the database throughout.
    /// - Throws: `SQLError`; `CancellationError` when the calling task was cancelled before its turn came; what `body` throws.
    func read<V: Sendable>(_ body: @escaping @Sendable (any Connection) throws -> V) async throws -> V
    /// Runs `body` in one transaction on the one connection that writes, after all that asked before. It is carried out also
    /// when the calling task has been cancelled. When `body` throws, nothing is written.
    /// Returned from, what was written is on disk.
    /// - Throws: `SQLError`; what `body` throws.
    func write<V: Sendable>(_ body: @escaping @Sendable (any Connection) throws -> V) async throws -> V
    /// Returns when nothing of what was removed is left in the database's own files, beside the one that is the database.
    /// - Throws: `SQLError`.
    func foldIn() async throws
    /// Whether a look for damage is due: a process that had it open was killed, or its machine, or damage was come upon.
    var mayBeDamaged: Bool { get }
    /// Looks through all that is stored for damage, beside everything else. Takes a second for some hundred megabytes.
    /// - Returns: what was found first; `nil` when all is whole, or when the database's server sees to it.
    /// - Throws: `SQLError`; `CancellationError` when the calling task is cancelled.
    func findDamage() async throws -> String?
    /// Ends all work. Every later call throws.
    func close() throws
}

/// Why a statement or a transaction failed.
public struct SQLError: Error, Hashable, Sendable, CustomStringConvertible {
    public enum Kind: Sendable {
        /// The database cannot be reached, is full or locked: the same may go through later.
        case unavailable
        /// The file is no database, or a damaged one.
        case damaged
        /// The database is there and cannot do such work as it stands, whoever asks: a table is missing, a right was taken, it
        /// has met an error of its own.
        case unworkable
        /// What was asked for cannot be: a broken constraint, a value that fits no column.
        case refused
    }
    public let kind: Kind
    /// The library's own words.
    public let description: String
    /// The same for anybody, who may be told no address and no word of a library; it goes on after "the database: ".
    public let plain: String?
    public init(_ kind: Kind, _ description: String, plain: String? = nil) {
        (self.kind, self.description, self.plain) = (kind, description, plain)
    }
}
