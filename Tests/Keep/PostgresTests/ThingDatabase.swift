import Foundation
import KeepSupport
import Records
import SQL
import Testing

@testable import Postgres

/// A database with one table that has a column of each type.
struct ThingDatabase {
    let url: String
    let database: PostgresDatabase

    /// A new one on the server of all tests.
    init() throws { try self.init(PostgresServer.shared.get()) }
    init(_ server: PostgresServer) throws { try self.init(url: server.newDatabase()) }
    init(url: String, password: String? = nil, patience: Duration = .seconds(60)) throws {
        self.url = url
        database = try PostgresDatabase(
            url: url, password: password, migrations: Self.migrator, patience: patience)
    }
    static let migrator = Migrator([first])
    static let first = Migration("1") { type in
        """
        CREATE TABLE thing (
            sequence \(type.sequence), id \(type.id), number \(type.integer), share \(type.real), name TEXT,
            bytes \(type.blob))
        """
    }

    /// Such as `test7`.
    var name: String { String(url.split(separator: "?")[0].split(separator: "/").last!) }

    func insert(_ number: Int) async throws { try await database.write { try $0.insert(number) } }
    /// All that were inserted, in the order of their insertion.
    func numbers() async throws -> [Int] { try await database.read { try $0.numbers() } }

    /// Ends the connections of this database at the server, and waits until they have ended.
    func endConnections(on server: PostgresServer) throws {
        try server.execute(
            "SELECT pg_terminate_backend(pid, 10000) FROM pg_stat_activity WHERE datname = '\(name)'")
    }
}

extension Connection {
    func insert(_ number: Int) throws { try execute("INSERT INTO thing (number) VALUES (?)", [number]) }
    func numbers() throws -> [Int] { try rows("SELECT number FROM thing ORDER BY sequence", []) { $0[0] } }
}

/// Another process that wants the database for itself.
struct Rival {
    private let ended: AsyncStream<Void>
    /// Takes the lock as soon as it can and holds it for some seconds.
    init(_ things: ThingDatabase, on server: PostgresServer, seconds: Int) throws {
        let connection = Unchecked(try PostgresConnection(PostgresAddress(url: things.url, password: nil)))
        let (stream, continuation) = AsyncStream.makeStream(of: Void.self)
        ended = stream
        Thread.detachNewThread {
            try? connection.value.run("SELECT pg_advisory_lock(\(0x7369_6768_746c_696e)), pg_sleep(\(seconds))")
            continuation.finish()
        }
        let waiting = "SELECT count(*) FROM pg_stat_activity WHERE query LIKE 'SELECT pg_advisory_lock%' AND datname = "
        while try server.execute("\(waiting) '\(things.name)'") == "0" {}
    }
    /// Returns when it has let go.
    func end() async { for await _ in ended {} }

    private struct Unchecked: @unchecked Sendable {
        let value: PostgresConnection
        init(_ value: PostgresConnection) { self.value = value }
    }
}

/// Expects that `body` fails because the database cannot be reached.
func expectUnavailable(_ body: () async throws -> Void, _ location: SourceLocation = #_sourceLocation) async {
    await #expect(sourceLocation: location) {
        try await body()
    } throws: { error in
        (error as? SQLError)?.kind == .unavailable
    }
}
