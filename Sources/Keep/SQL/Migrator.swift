/// One numbered step of a schema; one that has been released is never changed.
public struct Migration: Sendable {
    public let name: String
    let script: @Sendable (Dialect) -> String
    public init(_ name: String, _ script: @escaping @Sendable (Dialect) -> String) {
        (self.name, self.script) = (name, script)
    }
}

/// Brings a schema up to date. The table `migration` remembers which steps have been taken.
public struct Migrator: Sendable {
    private let steps: [Migration]
    public init(_ steps: [Migration]) { self.steps = steps }

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
    /// - Throws: `Refusal` when the database has steps that are not known here; `SQLError`.
    public func migrate(_ connection: any Connection) throws {
        try connection.execute("CREATE TABLE IF NOT EXISTS migration (name TEXT NOT NULL PRIMARY KEY)")
        let taken: [String] = try connection.rows(Self.takenStatement, []) { $0[0] }
        guard Set(taken).isSubset(of: steps.map(\.name)) else { throw Refusal.databaseIsNewer }
        for step in steps where !taken.contains(step.name) {
            try connection.script(step.script(connection.dialect))
            try connection.execute("INSERT INTO migration (name) VALUES (?)", [step.name])
        }
    }
}
