import Foundation
import KeepSupport
import Records
import SQL
import SQLite
import Synchronization

/// A database with one table of numbers, which counts its transactions and can be gone.
final class NumberDatabase: Database {
    private let directory = TemporaryDirectory()
    private let base: SQLiteDatabase
    private let count = Atomic(0)
    let isGone = Atomic(false)

    init() throws {
        try FileManager.default.createDirectory(at: directory.url, withIntermediateDirectories: true)
        base = try SQLiteDatabase(
            path: directory.url.appending(path: "numbers.sqlite").path,
            migrations: Migrator([
                Migration("1") { type in
                    "CREATE TABLE number (place \(type.sequence), value \(type.integer) NOT NULL CHECK (value >= 0))"
                }
            ]))
    }

    var dialect: Dialect { base.dialect }
    var changes: ChangeFeed { base.changes }
    /// Writing transactions that were begun.
    var transactionCount: Int { count.load(ordering: .acquiring) }

    func read<V: Sendable>(_ body: @escaping @Sendable (any Connection) throws -> V) async throws -> V {
        try await base.read(body)
    }
    func write<V: Sendable>(_ body: @escaping @Sendable (any Connection) throws -> V) async throws -> V {
        count.add(1, ordering: .acquiringAndReleasing)
        if isGone.load(ordering: .acquiring) { throw SQLError(.unavailable, "gone") }
        return try await base.write(body)
    }
    var mayBeDamaged: Bool { base.mayBeDamaged }
    func findDamage() async throws -> String? { try await base.findDamage() }
    func foldIn() async throws { try await base.foldIn() }
    func close() throws { try base.close() }

    /// All numbers, in the order in which they were written.
    var numbers: [Int] {
        get async throws { try await read { try $0.rows("SELECT value FROM number ORDER BY place", []) { $0[0] } } }
    }
}

extension Connection {
    func insert(_ numbers: [Int]) throws {
        for number in numbers { try execute("INSERT INTO number (value) VALUES (?)", [number]) }
    }
}
