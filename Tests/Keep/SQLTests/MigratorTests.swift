import Foundation
import KeepSupport
import SQL
import SQLite
import Testing

struct MigratorTests {
    private let directory = TemporaryDirectory()
    init() throws {
        try FileManager.default.createDirectory(at: directory.url, withIntermediateDirectories: true)
    }
    private var path: String { directory.url.appending(path: "steps.sqlite").path }
    private func open(_ steps: [Migration]) throws -> SQLiteDatabase {
        try SQLiteDatabase(path: path, migrations: Migrator(steps))
    }

    private static let first = Migration("1") { "CREATE TABLE thing (id \($0.id) NOT NULL PRIMARY KEY) \($0.strict);" }
    private static let second = Migration("2") { _ in "ALTER TABLE thing ADD COLUMN name TEXT" }
    private static let broken = Migration("3") { _ in "DROP TABLE thing; CREATE NONSENSE" }

    private func taken(_ steps: [Migration]) async throws -> [String] {
        let database = try open(steps)
        let names = try await database.read {
            try $0.rows("SELECT name FROM migration ORDER BY name", []) { $0[0] as String }
        }
        try database.close()
        return names
    }

    @Test func eachStepIsTakenOnceAndInOrder() async throws {
        #expect(try await taken([Self.first]) == ["1"])
        #expect(try await taken([Self.first, Self.second]) == ["1", "2"])
        #expect(try await taken([Self.first, Self.second]) == ["1", "2"])
    }
    @Test func aDatabaseWithStepsThatNobodyKnowsIsNewer() async throws {
        _ = try await taken([Self.first, Self.second])
        #expect(throws: OpeningError.newer(place: path)) { try open([Self.first]) }
        #expect(try await taken([Self.first, Self.second]) == ["1", "2"])
    }
    @Test func aStepThatFailsTakesBackAllThatWereNew() async throws {
        _ = try await taken([Self.first])
        #expect(throws: OpeningError.self) { try open([Self.first, Self.second, Self.broken]) }
        #expect(try await taken([Self.first]) == ["1"])
    }
    @Test func columnsAreOfTheDialectsTypes() {
        #expect(Dialect.sqlite.id == "BLOB" && Dialect.postgres.id == "UUID")
        #expect(Dialect.sqlite.strict == "STRICT" && Dialect.postgres.strict == "")
    }
}
