import CPQ
import Foundation
import Records
import SQL

/// One connection to the server, opened when it is needed and again when it was lost. Used on one queue alone.
final class PostgresSession {
    /// After a failure nobody waits for the server again before so long.
    private static let pause = Duration.milliseconds(500)

    private let address: PostgresAddress
    /// Run on each new connection.
    private let greet: (PostgresConnection) throws -> Void
    private var connection: PostgresConnection?
    private var failure: (time: ContinuousClock.Instant, error: SQLError)?

    init(_ address: PostgresAddress, greet: @escaping (PostgresConnection) throws -> Void = { _ in }) {
        (self.address, self.greet) = (address, greet)
    }

    /// The connection, alive as far as is known.
    /// - Throws: `SQLError`, `unavailable`, at once while the server was gone a moment ago.
    func open() throws -> PostgresConnection {
        if let connection {
            if connection.isAlive { return connection }
            close()
        }
        if let failure, ContinuousClock.now - failure.time < Self.pause { throw failure.error }
        do {
            let new = try PostgresConnection(address)
            try greet(new)
            (connection, failure) = (new, nil)
            return new
        } catch let error as SQLError {
            failure = (.now, error)
            throw error
        }
    }
    func close() { connection = nil }

    /// Runs `body` in a transaction that sees one state of the database and changes none.
    func read<V>(_ body: (any Connection) throws -> V) throws -> V {
        try transaction("BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY", body) { _ in }
    }
    /// Runs `body` in a transaction; when it is over, listeners have been told what changed.
    func write<V>(_ body: (any Connection) throws -> V) throws -> V {
        try transaction("BEGIN", body) { connection in
            guard !connection.changes.isEmpty else { return }
            _ = try connection.rows(
                "SELECT pg_notify(?, ?)", [ChangeMessage.channel, ChangeMessage.text(connection.changes)]
            ) { _ in }
        }
    }

    private func transaction<V>(
        _ begin: String, _ body: (any Connection) throws -> V, atEnd: (PostgresConnection) throws -> Void
    ) throws -> V {
        let connection = try begun(begin)
        do {
            let value = try body(connection)
            try atEnd(connection)
            // Lost while this is under way, nobody knows whether it was committed; who wants to be sure writes again what may
            // be written twice.
            try connection.run("COMMIT")
            return value
        } catch {
            if connection.isAlive {
                try? connection.run("ROLLBACK")
            } else {
                close()
                throw SQLError(.unavailable, "the connection to the database was lost")
            }
            throw error
        }
    }
    /// A connection that has begun a transaction. One that was lost while nobody used it is opened again.
    private func begun(_ begin: String) throws -> PostgresConnection {
        let connection = try open()
        connection.changes = []
        do {
            try connection.run(begin)
            return connection
        } catch {
            guard !connection.isAlive else { throw error }
            close()
            let new = try open()
            try new.run(begin)
            return new
        }
    }
}
