import Foundation
import KeepSupport
import Postgres
import Records
import SQL
import Sealing
import Testing

@testable import Store

/// A PostgreSQL server that takes no writes for a while, or whose files are damaged.
@Suite(.timeLimit(.minutes(30))) struct ServerFaultTests {
    private let directory = TemporaryDirectory(), reports = Reports()

    private static func fill(_ store: Store) async throws -> (UUID, StreamDefinition) {
        let account = Account(
            id: UUID(), login: "one@example.org", kind: .user, description: "", createTime: TemporaryStore.noon,
            lastUpdateTime: TemporaryStore.noon)
        try await store.insert(account, passwordHash: "none")
        return (
            account.id, try await store.createStream(TemporaryStore.specification(), account: account.id).definition
        )
    }
    private func open(_ url: String) throws -> Store {
        try Store(directory: directory.url, database: .postgres(url: url, password: nil)) { [reports] in
            reports.add($0)
        }
    }
    /// Records events until some wait, and two more.
    private static func recordUntilTheyWait(_ store: Store, _ stream: StreamDefinition) async throws -> [Event] {
        var events: [Event] = [], left = 2
        while left > 0 {
            let event = Event.crowd(from: Double(events.count), to: Double(events.count) + 0.5)
            try await store.record([event], of: stream)
            events.append(event)
            if store.spooledEventWrites > 0 { left -= 1 }
        }
        await #expect { try await store.check() } throws: {
            "\($0)".contains("writes of events wait for the database")
        }
        return events
    }
    private static func expectAll(_ events: [Event], in store: Store, _ account: UUID) async throws {
        try await store.settle()
        let records = try await store.events(account: account)
        #expect(records.map(\.event.id) == events.flatMap { [$0.id, $0.id] })
        #expect(records.map(\.sequence) == records.indices.map { Int64($0) + 1 })
        while (try? await store.check()) == nil { try await Task.sleep(for: .milliseconds(20)) }
        #expect(store.lostEventWrites == 0)
    }

    /// The table space of the database, and so not the log of the server, with which all of it would end.
    @Test(.enabled(if: SmallDisk.isPossible)) func aFullDiskOfTheServerCostsNoEvent() async throws {
        let server = try PostgresServer(), disk = try SmallDisk(megabytes: 32)
        let owner = try FileManager.default.attributesOfItem(atPath: Self.folder(of: server).path)
        try FileManager.default.setAttributes(
            [.ownerAccountID: owner[.ownerAccountID]!, .posixPermissions: 0o700], ofItemAtPath: disk.url.path)
        try server.execute("CREATE TABLESPACE small LOCATION '\(disk.url.path)'")
        try server.execute("CREATE DATABASE events TEMPLATE template0 TABLESPACE small")
        let store = try open(server.url(of: "events")), (account, stream) = try await Self.fill(store)
        disk.fill()
        let events = try await Self.recordUntilTheyWait(store, stream)
        disk.empty()
        try await Self.expectAll(events, in: store, account)
        try await store.close()
        server.stop()
    }

    /// As one that has become a standby: it answers, and takes no writes.
    @Test func aServerThatMayBeReadAloneCostsNoEvent() async throws {
        let server = try PostgresServer()
        let store = try open(server.newDatabase()), (account, stream) = try await Self.fill(store)
        let other = TemporaryDirectory()
        let choice = DatabaseChoice.postgres(url: try server.newDatabase(), password: nil)
        try await Store(directory: other.url, database: choice).close()
        let signal = try Self.folder(of: server).appending(path: "standby.signal")
        server.stop()
        try Data().write(to: signal)
        try server.start()
        let events = try await Self.recordUntilTheyWait(store, stream)
        #expect(try server.execute("SELECT pg_is_in_recovery()") == "t")

        #expect {
            try Store(directory: other.url, database: choice)
        } throws: { error in
            "\(error)".hasPrefix("The database postgres://") && "\(error)".contains("read-only")
        }
        try server.execute("SELECT pg_promote()")
        try await Self.expectAll(events, in: store, account)
        try await store.close()
        server.stop()
    }

    /// As by a tool that writes a table anew, or that restores it.
    @Test func aTableThatSomebodyHoldsCostsNoEvent() async throws {
        let server = try PostgresServer(), url = try server.newDatabase()
        try server.execute("ALTER SYSTEM SET max_prepared_transactions = 1")
        server.stop()
        try server.start()
        let vault = try Vault(.beside(directory.url))
        let database = try PostgresDatabase(
            url: url, password: nil, migrations: Schema.migrator(vault), patience: .seconds(1))
        let store = try directory.store(on: database, vault: vault), (account, stream) = try await Self.fill(store)
        let name = try #require(url.firstMatch(of: /\/(test\d+)\?/)?.output.1)
        // Held by nobody's session, so that it can be let go of from another.
        try server.execute("BEGIN; LOCK TABLE event; PREPARE TRANSACTION 'held'", in: String(name))
        let events = try await Self.recordUntilTheyWait(store, stream)
        try server.execute("ROLLBACK PREPARED 'held'", in: String(name))
        try await Self.expectAll(events, in: store, account)
        try await store.close()
        server.stop()
    }

    @Test func aDamagedPageOfTheServerIsTold() async throws {
        let server = try PostgresServer(), url = try server.newDatabase()
        let (account, path) = try await fillAndClose(url)
        let file = try Self.folder(of: server).appending(path: path)
        server.stop()
        let handle = try FileHandle(forUpdating: file)
        try handle.write(contentsOf: Data(repeating: 0x5a, count: 8192))
        try handle.close()
        try server.start()

        let store = try open(url)
        try await store.lookForDamage()
        #expect(!store.isDamaged, "that is the server's business, until somebody comes upon it")
        try await store.check()
        await #expect(throws: StoreError.self) { try await store.events(account: account) }
        #expect(store.isDamaged)
        #expect(reports.list.contains { if case .damaged = $0 { true } else { false } })
        await #expect { try await store.check() } throws: { "\($0)" == "the database is damaged" }
        try await store.close()
        server.stop()
    }

    /// - Returns: the account with many events, and the file that they are in.
    private func fillAndClose(_ url: String) async throws -> (UUID, String) {
        let store = try open(url), (account, stream) = try await Self.fill(store)
        try await store.record((0..<200).map { .crowd(from: Double($0), to: Double($0) + 0.5) }, of: stream)
        #expect(try await store.events(account: account).count == 400)
        let path: String? = try await store.read { try $0.value("SELECT pg_relation_filepath('event')") }
        try await store.close()
        return (account, try #require(path))
    }
    private static func folder(of server: PostgresServer) throws -> URL {
        URL(fileURLWithPath: try server.execute("SHOW data_directory"))
    }
}
