import CPowerCut
import Foundation
import GRDB
import KeepSupport
import Records
import SQL
import Sealing
import Synchronization
import Testing

@testable import Store

/// The embedded database on a machine whose power goes: what was not synchronised is not on the disk, or in part.
@Suite(.timeLimit(.minutes(10))) struct PowerCutTests {
    /// A folder of databases, and what would be on the disk if the power went.
    private final class Machine: Sendable {
        let directory = TemporaryDirectory()
        init() throws {
            try FileManager.default.createDirectory(at: directory.url, withIntermediateDirectories: true)
            #expect(power_cut_watch(directory.url.path) == 0)
        }
        deinit { power_cut_forget(directory.url.path) }

        /// - Parameter seed: chooses what of the unsynchronised is there; 0: nothing.
        func cut(_ seed: UInt32) throws -> TemporaryDirectory {
            let disk = TemporaryDirectory()
            try FileManager.default.createDirectory(at: disk.url, withIntermediateDirectories: true)
            #expect(power_cut(directory.url.path, disk.url.path, seed) == 0)
            return disk
        }
    }
    /// What somebody was told that it is stored.
    private final class Told: Sendable {
        private let ids = Mutex<Set<UUID>>([])
        func add(_ id: UUID) { ids.withLock { _ = $0.insert(id) } }
        var all: Set<UUID> { ids.withLock { $0 } }
    }

    @Test(arguments: UInt32(1)...3) func whatWasToldToBeStoredIsThereAfterwards(seed: UInt32) async throws {
        let machine = try Machine(), told = Told()
        let store = try Store(directory: machine.directory.url)
        let account = Account(
            id: UUID(), login: "one@example.org", kind: .user, description: "", createTime: TemporaryStore.noon,
            lastUpdateTime: TemporaryStore.noon)
        try await store.insert(account, passwordHash: "none")
        let stream = try await store.createStream(TemporaryStore.specification(), account: account.id).definition
        let cuts = try await withThrowingTaskGroup(of: Void.self) { group in
            for _ in 0..<4 {
                group.addTask {
                    do {
                        while !Task.isCancelled {
                            let event = Event.crowd(from: 1, to: 2)
                            try await store.record([event], of: stream)
                            told.add(event.id)
                        }
                    } catch is CancellationError {}
                }
            }
            var cuts: [(told: Set<UUID>, disk: TemporaryDirectory)] = []
            for number in UInt32(0)..<8 {
                try await Task.sleep(for: .milliseconds(150))
                let before = told.all
                cuts.append((before, try machine.cut(number == 0 ? 0 : seed * 100 + number)))
            }
            group.cancelAll()
            try await group.waitForAll()
            return cuts
        }
        try await store.close()
        #expect(cuts[7].told.count > 50)
        for cut in cuts {
            let left = try Store(directory: cut.disk.url, keys: .beside(machine.directory.url))
            #expect(try await left.database.findDamage() == nil)
            try await left.recoverFromUncleanStop(at: TemporaryStore.noon)
            let records = try await left.events(account: account.id)
            let finished = Set(records.filter { $0.phase == .finished }.map(\.event.id))
            #expect(cut.told.isSubset(of: finished), "\(cut.told.subtracting(finished).count) are missing")
            #expect(records.map(\.sequence) == records.indices.map { Int64($0) + 1 })
            try await left.close()
        }
    }

    /// Otherwise the test above would show nothing.
    @Test func whatIsNotSynchronisedIsNotThereAfterwards() async throws {
        let machine = try Machine()
        let pool = try DatabasePool(path: machine.directory.url.appending(path: "a.sqlite").path)
        try await pool.write { try $0.execute(sql: "CREATE TABLE number (value INTEGER)") }
        _ = try await pool.writeWithoutTransaction { try $0.checkpoint(.truncate) }
        try await pool.write { try $0.execute(sql: "INSERT INTO number VALUES (1)") }  // GRDB itself does not wait for the disk
        let disk = try machine.cut(0)
        #expect(try await pool.read { try Int.fetchOne($0, sql: "SELECT count(*) FROM number") } == 1)
        try pool.close()
        let left = try DatabaseQueue(path: disk.url.appending(path: "a.sqlite").path)
        #expect(try await left.read { try Int.fetchOne($0, sql: "SELECT count(*) FROM number") } == 0)
        try left.close()
    }

    /// The schema of a new database is there as a whole or not at all.
    @Test(arguments: UInt32(0)...5) func aFirstStartThatIsCutOffIsBegunAnew(seed: UInt32) async throws {
        let machine = try Machine()
        let cuts = try await withThrowingTaskGroup(of: [TemporaryDirectory].self) { group in
            group.addTask {
                var cuts: [TemporaryDirectory] = []
                for number in UInt32(0)..<20 {
                    cuts.append(try machine.cut(seed * 100 + number))
                    try await Task.sleep(for: .milliseconds(2))
                }
                return cuts
            }
            try await Store(directory: machine.directory.url).close()
            return try await group.next() ?? []
        }
        for disk in cuts {
            let store = try Store(directory: disk.url, keys: .beside(machine.directory.url))
            #expect(try await store.accountCount() == 0)
            try await store.close()
        }
    }
}
