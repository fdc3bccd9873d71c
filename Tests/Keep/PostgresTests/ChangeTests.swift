import Foundation
import KeepSupport
import Records
import SQL
import Testing

@testable import Postgres

@Suite(.timeLimit(.minutes(30))) struct ChangeTests {
    /// What is told from now on, once the listener hears.
    private static func changes(
        of things: ThingDatabase, _ wants: @escaping @Sendable (Change) -> Bool = { _ in true }
    ) async -> AsyncStream<Change>.Iterator {
        var changes = things.database.changes.changes(capacity: 99, where: wants).makeAsyncIterator()
        // The listener has said `everything` when it began to hear, maybe before this.
        while things.database.changes.listenerCount > 0 {
            try? await things.database.write { $0.changed(.everything) }
            if await changes.next() == .everything { break }
        }
        try? await Task.sleep(for: .milliseconds(100))
        return changes
    }
    private static func told(_ changes: inout AsyncStream<Change>.Iterator, until last: Change) async -> [Change] {
        var told: [Change] = []
        while let change = await changes.next(), change != last { told.append(change) }
        return told.filter { $0 != .everything }
    }

    @Test func commitsAreToldOnceAndSoon() async throws {
        let things = try ThingDatabase()
        let account = UUID()
        var changes = await Self.changes(of: things)
        try await things.database.write { connection in
            for change in [Change.streams, .events(account: account), .streams] { connection.changed(change) }
            try connection.insert(1)
        }
        try await things.database.write { $0.changed(.deliveries) }
        #expect(await Set(Self.told(&changes, until: .deliveries)) == [.streams, .events(account: account)])

        var latencies: [Duration] = []
        for _ in 0..<20 {
            try await things.insert(1)
            try await things.database.write { $0.changed(.streams) }
            let committed = ContinuousClock.now
            _ = await changes.next()
            latencies.append(ContinuousClock.now - committed)
        }
        #expect(latencies.sorted()[10] < .milliseconds(200))
    }
    @Test func whatWasTakenBackIsNotTold() async throws {
        struct Changed: Error {}
        let things = try ThingDatabase()
        var changes = await Self.changes(of: things)
        try? await things.database.write { connection in
            connection.changed(.credentials(account: UUID()))
            throw Changed()
        }
        try await things.database.write { connection in
            try connection.insert(1)
            try? connection.savepoint {
                connection.changed(.streams)
                throw Changed()
            }
            connection.changed(.deliveries)
        }
        #expect(await Self.told(&changes, until: .deliveries) == [])
    }
    @Test func theBeginningAndEachGapAreToldAsEverything() async throws {
        let server = try PostgresServer()
        let feed = ChangeFeed()
        var changes = feed.changes(capacity: 99) { $0 == .everything }.makeAsyncIterator()
        let database = try PostgresDatabase(
            url: server.newDatabase(), password: nil, migrations: ThingDatabase.migrator, changes: feed)
        #expect(await changes.next() == .everything)
        server.stop(brutally: true)
        try server.start()
        #expect(await changes.next() == .everything)
        try database.close()
    }
    @Test func aClosedDatabaseListensNoMore() async throws {
        let server = try PostgresServer.shared.get()
        let things = try ThingDatabase(server)
        _ = await Self.changes(of: things)
        try things.database.close()
        var count = ""
        for _ in 0..<100 where count != "0" {
            count = try server.execute("SELECT count(*) FROM pg_stat_activity WHERE datname = '\(things.name)'")
        }
        #expect(count == "0")
    }

    @Test func changesSurviveTheirMessage() {
        let account = UUID()
        let all: Set<Change> = [.streams, .credentials(account: account), .events(account: account), .deliveries]
        #expect(ChangeMessage.changes(ChangeMessage.text(all)) == all)
        #expect(ChangeMessage.changes("streams of:tomorrow events:nobody") == [.streams, .everything])
    }
    @Test func moreThanAMessageHoldsIsEverything() {
        let many = Set((0..<1000).map { _ in Change.events(account: UUID()) })
        #expect(ChangeMessage.changes(ChangeMessage.text(many)) == [.everything])
    }
}
