import Foundation
import GRDB
import JSON
import KeepSupport
import Records
import SQL
import Testing

@testable import Store

/// The embedded database on a disk that is full to the last byte, and one that somebody else holds.
@Suite(.timeLimit(.minutes(30))) struct FullDiskTests {
    private static func account(in store: Store) async throws -> (UUID, StreamDefinition) {
        let account = Account(
            id: UUID(), login: "one@example.org", kind: .user, description: "", createTime: TemporaryStore.noon,
            lastUpdateTime: TemporaryStore.noon)
        try await store.insert(account, passwordHash: "none")
        return (
            account.id, try await store.createStream(TemporaryStore.specification(), account: account.id).definition
        )
    }

    /// In a store that is closed.
    private static func accountAlone(in directory: URL) async throws -> UUID {
        let store = try Store(directory: directory)
        let (account, _) = try await account(in: store)
        try await store.close()
        return account
    }

    /// Another connection, whose transaction may go on between calls.
    private static func holder(of directory: TemporaryDirectory) throws -> DatabaseQueue {
        var configuration = Configuration()
        configuration.allowsUnsafeTransactions = true
        return try DatabaseQueue(
            path: directory.url.appending(path: Store.fileName).path, configuration: configuration)
    }

    @Test(.enabled(if: SmallDisk.isPossible)) func aFullDiskCostsNoEventAndNoRestart() async throws {
        let disk = try SmallDisk(megabytes: 32), reports = Reports()
        let store = try Store(directory: disk.url, reserve: DiskReserveConfiguration(bytes: 0)) { reports.add($0) }
        let (account, stream) = try await Self.account(in: store)
        let events = (0..<40).map { Event.crowd(from: Double($0), to: Double($0) + 0.5).pictured(100_000) }
        try await store.record([events[0].update(.opened)], deliveries: [], of: stream)
        disk.fill()
        try await store.record([events[0].update(.closed)], deliveries: [], of: stream)
        try await store.record(Array(events[1...]), of: stream)
        #expect(store.spooledEventWrites > 40)
        await #expect(throws: StoreTrouble.self) { try await store.check() }

        disk.empty()
        try await store.settle()
        let records = try await store.events(account: account)
        #expect(records.map(\.event.id) == events.flatMap { [$0.id, $0.id] })
        #expect(records.allSatisfy { $0.event.state == .closed } && store.lostEventWrites == 0)
        // The disk had no room for theirs, but it has for those to come.
        #expect(store.droppedPictures > 0)
        let next = Event.crowd(from: 50, to: 51).pictured(100_000)
        try await store.record([next.update(.closed)], deliveries: [], of: stream)
        #expect(try await store.events(account: account).last?.hasPicture == true)
        try await store.check()
        try await store.close()
    }

    @Test func aDatabaseThatSomebodyHoldsCostsNoEvent() async throws {
        let directory = TemporaryDirectory()
        let store = try Store(directory: directory.url)
        let (account, stream) = try await Self.account(in: store)
        let holder = try Self.holder(of: directory)
        try await holder.writeWithoutTransaction { try $0.execute(sql: "BEGIN EXCLUSIVE") }
        let events = (0..<5).map { Event.crowd(from: Double($0), to: Double($0) + 0.5) }
        try await store.record(events, of: stream)
        #expect(store.spooledEventWrites == 10)
        await #expect(
            throws: StoreTrouble(
                kind: .eventsWait(count: 10), detail: "database is locked", reason: "another process holds it")
        ) {
            try await store.check()
        }
        try await holder.writeWithoutTransaction { try $0.execute(sql: "ROLLBACK") }
        try await store.settle()
        #expect(try await store.events(account: account).map(\.event.id) == events.flatMap { [$0.id, $0.id] })
        try await store.check()
        try await store.close()
    }

    /// As when the system has mounted its disk anew after an error, for reading alone: then the spool takes nothing either.
    @Test(.enabled(if: SmallDisk.isPossible)) func aDiskThatMayBeReadAloneCostsNoEvent() async throws {
        let disk = try SmallDisk(megabytes: 32), folder = try PoweredFolder(disk.url)
        let store = try Store(directory: disk.url, reserve: DiskReserveConfiguration(bytes: 0))
        let (account, stream) = try await Self.account(in: store)
        folder.mayBeWritten(false)
        disk.fill()
        let events = (0..<5).map { Event.crowd(from: Double($0), to: Double($0) + 0.5) }
        try await store.record(events, of: stream)
        #expect(store.spooledEventWrites == 10 && store.eventWritesInMemory == 10)
        await #expect {
            try await store.check()
        } throws: { "\($0)" == "10 writes of events wait for the database: its file cannot be read or written" }
        #expect(try await store.streams(Filter(accountID: account)).count == 1)
        disk.empty()
        folder.mayBeWritten(true)
        try await store.settle()
        #expect(try await store.events(account: account).map(\.event.id) == events.flatMap { [$0.id, $0.id] })
        try await store.check()
        try await store.close()
        withExtendedLifetime(folder) {}
    }
    @Test(.enabled(if: SmallDisk.isPossible)) func aDiskThatMayBeReadAloneIsRefusedByNameAndKeepsAll() async throws {
        let disk = try SmallDisk(megabytes: 32), data = disk.url.appending(path: "data")
        let account = try await Self.accountAlone(in: data)
        try disk.mayBeWritten(false)
        #expect {
            try Store(directory: data)
        } throws: { "\($0)" == "The data directory \(data.path) cannot be used: Read-only file system" }
        try disk.mayBeWritten(true)
        #expect(try await Store(directory: data).account(id: account) != nil)
    }
    @Test func aDatabaseThatSomebodyHoldsAtTheStartIsRefusedByName() async throws {
        let directory = TemporaryDirectory()
        let account = try await Self.accountAlone(in: directory.url)
        let holder = try Self.holder(of: directory)
        try await holder.writeWithoutTransaction { try $0.execute(sql: "BEGIN EXCLUSIVE") }
        #expect {
            try Store(directory: directory.url)
        } throws: {
            "\($0)" == "The data directory \(directory.url.path) cannot be used: database is locked"
        }
        try await holder.writeWithoutTransaction { try $0.execute(sql: "ROLLBACK") }
        #expect(try await Store(directory: directory.url).account(id: account) != nil)
    }

    @Test func aDatabaseThatTakesNothingSaysSoAlthoughNoEventWaits() async throws {
        let directory = TemporaryDirectory()
        let store = try Store(directory: directory.url)
        _ = try await Self.account(in: store)
        let holder = try Self.holder(of: directory)
        try await holder.writeWithoutTransaction { try $0.execute(sql: "BEGIN EXCLUSIVE") }
        await #expect { try await store.check() } throws: { ($0 as? StoreTrouble)?.kind == .refusesWrites }
        try await holder.writeWithoutTransaction { try $0.execute(sql: "ROLLBACK") }
        try await store.check()

        // SQLite itself finds the database full.
        try await store.write { connection in
            let pages: Int? = try connection.value("PRAGMA page_count")
            _ = try connection.value("PRAGMA max_page_count = \(pages!)") as Int?
        }
        await #expect(throws: StoreError.self) {
            for number in 0..<100 {
                try await store.write {
                    _ = try $0.execute(
                        "INSERT INTO secret (name, value) VALUES (?, ?)", ["\(number)", Data(count: 10_000)])
                }
            }
        }
        await #expect { try await store.check() } throws: { ($0 as? StoreTrouble)?.kind == .refusesWrites }
        try await store.write { _ = try $0.value("PRAGMA max_page_count = 1000000") as Int? }
        try await store.check()
        try await store.close()
    }
}
