import KeepSupport
import SQL
import Testing

@testable import Postgres

/// What a step of the schema takes out of rows is taken out of the server's files, too.
struct EmptiedTableTests {
    @Test func aTableThatAStepEmptiesIsWrittenAnew() async throws {
        let server = try PostgresServer.shared.get(), things = try ThingDatabase(server)
        try await things.insert(1)
        try things.database.close()
        let file = { try server.execute("SELECT pg_relation_filenode('thing')", in: things.name) }
        let before = try file()
        let step = Migration("2", emptied: ["thing"]) { try $0.execute("UPDATE thing SET number = 2") }
        let migrator = Migrator([ThingDatabase.first, step])
        let after = try PostgresDatabase(url: things.url, password: nil, migrations: migrator)
        #expect(try await after.read { try $0.numbers() } == [2])
        let anew = try file()
        #expect(anew != before)
        try after.close()
    }
}
