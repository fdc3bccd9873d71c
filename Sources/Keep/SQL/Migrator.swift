/// One numbered step of a schema; one that has been released is never changed.
public struct Migration: Sendable {
    public let name: String
    let work: @Sendable (any Connection) throws -> Void
    /// Tables whose rows held what must not be found in the database's files afterwards.
    let emptied: [String]

    public init(_ name: String, _ script: @escaping @Sendable (Dialect) -> String) {
        self.init(name) { try $0.script(script($0.dialect)) }
    }
    /// A step that is more than statements.
    public init(_ name: String, emptied: [String] = [], work: @escaping @Sendable (any Connection) throws -> Void) {
        (self.name, self.emptied, self.work) = (name, emptied, work)
    }
}

/// Brings a schema up to date. The table `migration` remembers which steps have been taken.
public struct Migrator: Sendable {
    private let steps: [Migration]
    private let verify: @Sendable (any Connection) throws -> Void

    /// - Parameter verify: asked whenever the schema is up to date; what it throws keeps the database closed.
    public init(_ steps: [Migration], verify: @escaping @Sendable (any Connection) throws -> Void = { _ in }) {
        (self.steps, self.verify) = (steps, verify)
    }

    /// Why nothing was done.
    public enum Refusal: Error { case databaseIsNewer }

    /// The statement whose answer `check` wants.
    public static let takenStatement = "SELECT name FROM migration"

    /// Looks whether a database that was brought up to date before still is, when it comes back after an outage.
    /// - Parameter taken: the names that `takenStatement` gives.
    /// - Throws: `SQLError`, `unworkable`, when it is another's, or an older copy: a start of the daemon sees to that.
    public func check(taken: [String]) throws {
        guard Set(taken) == Set(steps.map(\.name)) else {
            throw SQLError(.unworkable, "the database has come back with the tables of another version")
        }
    }

    /// Takes the steps that are missing, in order.
    /// - Parameter connection: in a transaction, which the caller ends: all steps are taken or none.
    /// - Returns: tables whose dead rows the caller must remove from the database's files, after the transaction.
    /// - Throws: `Refusal` when the database has steps that are not known here; `SQLError`; what `verify` throws.
    @discardableResult
    public func migrate(_ connection: any Connection) throws -> [String] {
        try connection.execute("CREATE TABLE IF NOT EXISTS migration (name TEXT NOT NULL PRIMARY KEY)")
        let taken: [String] = try connection.rows(Self.takenStatement, []) { $0[0] }
        guard Set(taken).isSubset(of: steps.map(\.name)) else { throw Refusal.databaseIsNewer }
        let missing = steps.filter { !taken.contains($0.name) }
        for step in missing {
            try step.work(connection)
            try connection.execute("INSERT INTO migration (name) VALUES (?)", [step.name])
        }
        try verify(connection)
        return taken.isEmpty ? [] : missing.flatMap(\.emptied)
    }
}
