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

/// A folder of databases, and what would be on the disk if the power went.
final class PoweredFolder: Sendable {
    let url: URL
    private let directory: TemporaryDirectory?

    /// - Parameter url: of one that is there; `nil`: one of its own.
    init(_ url: URL? = nil) throws {
        let own = url == nil ? TemporaryDirectory() : nil
        (self.url, directory) = (url ?? own!.url, own)
        try FileManager.default.createDirectory(at: self.url, withIntermediateDirectories: true)
        #expect(power_cut_watch(self.url.path) == 0)
    }
    deinit { power_cut_forget(url.path) }

    /// - Parameter seed: chooses what of the unsynchronised is there; 0: nothing.
    func cut(_ seed: UInt32) throws -> TemporaryDirectory {
        let disk = TemporaryDirectory()
        try FileManager.default.createDirectory(at: disk.url, withIntermediateDirectories: true)
        #expect(power_cut(url.path, disk.url.path, seed) == 0)
        return disk
    }
    /// Whether databases in it that are open can be written.
    func mayBeWritten(_ isOn: Bool) { power_cut_protect(url.path, isOn ? 0 : 1) }
}

/// The embedded database on a machine whose power goes: what was not synchronised is not on the disk, or in part.
@Suite(.timeLimit(.minutes(30))) struct PowerCutTests {
    /// What somebody was told that it is stored.
    private final class Told: Sendable {
        private let ids = Mutex<Set<UUID>>([])
        func add(_ id: UUID) { ids.withLock { _ = $0.insert(id) } }
        var all: Set<UUID> { ids.withLock { $0 } }
        func wait(for count: Int) async throws {
            while all.count < count { try await Task.sleep(for: .milliseconds(2)) }
        }
    }
    private final class Start: Sendable { let isDone = Atomic(false) }
    private struct Cut {
        let told: Set<UUID>
        let disk: TemporaryDirectory
    }

    @Test(arguments: UInt32(1)...4) func whatWasToldToBeStoredIsThereAfterwards(seed: UInt32) async throws {
        let machine = try PoweredFolder(), told = Told()
        let store = try Store(directory: machine.url)
        let account = Account(
            id: UUID(), login: "one@example.org", kind: .user, description: "", createTime: TemporaryStore.noon,
            lastUpdateTime: TemporaryStore.noon)
        try await store.insert(account, passwordHash: "none")
        let stream = try await store.createStream(TemporaryStore.specification(), account: account.id).definition
        let cuts = try await withThrowingTaskGroup(of: Void.self) { group in
            for _ in 0..<4 {
                group.addTask {
                    while !Task.isCancelled {
                        let event = Event.crowd(from: 1, to: 2)
                        try await store.record([event], of: stream)
                        told.add(event.id)
                    }
                }
            }
            var cuts: [Cut] = []
            for number in UInt32(0)..<8 {
                try await told.wait(for: Int(number + 1) * 40)
                let before = told.all
                cuts.append(Cut(told: before, disk: try machine.cut(number == 0 ? 0 : seed * 100 + number)))
            }
            group.cancelAll()
            try await group.waitForAll()
            return cuts
        }
        try await store.close()
        for cut in cuts {
            let left = try Store(directory: cut.disk.url, keys: .beside(machine.url))
            #expect(try await left.database.findDamage() == nil)
            try await left.recoverFromUncleanStop(at: TemporaryStore.noon)
            let (finished, sequences) = try await left.read { connection in
                (
                    Set(
                        try connection.rows("SELECT event_id FROM event_record WHERE phase = 'finished'", []) {
                            $0[0] as UUID
                        }),
                    try connection.rows("SELECT sequence FROM event_record ORDER BY sequence", []) { $0[0] as Int }
                )
            }
            #expect(cut.told.isSubset(of: finished), "\(cut.told.subtracting(finished).count) are missing")
            #expect(sequences == sequences.indices.map { $0 + 1 })
            try await left.close()
        }
    }

    /// Otherwise the test above would show nothing.
    @Test func whatIsNotSynchronisedIsNotThereAfterwards() async throws {
        let machine = try PoweredFolder()
        let pool = try DatabasePool(path: machine.url.appending(path: "a.sqlite").path)
        try await pool.write { try $0.execute(sql: "CREATE TABLE number (value INTEGER)") }
        _ = try await pool.writeWithoutTransaction { try $0.checkpoint(.truncate) }
        // GRDB itself does not wait for the disk.
        try await pool.write { try $0.execute(sql: "INSERT INTO number VALUES (1)") }
        let disk = try machine.cut(0)
        #expect(try await pool.read { try Int.fetchOne($0, sql: "SELECT count(*) FROM number") } == 1)
        try pool.close()
        let left = try DatabaseQueue(path: disk.url.appending(path: "a.sqlite").path)
        #expect(try await left.read { try Int.fetchOne($0, sql: "SELECT count(*) FROM number") } == 0)
        try left.close()
        withExtendedLifetime((machine, disk)) {}
    }

    /// The schema of a new database is there as a whole or not at all.
    @Test(arguments: UInt32(0)...3) func aFirstStartThatIsCutOffIsBegunAnew(seed: UInt32) async throws {
        let machine = try PoweredFolder(), start = Start()
        let cuts = try await withThrowingTaskGroup(of: [TemporaryDirectory].self) { group in
            group.addTask {
                var cuts: [TemporaryDirectory] = []
                while !start.isDone.load(ordering: .acquiring), cuts.count < 40 {
                    cuts.append(try machine.cut(seed * 100 + UInt32(cuts.count)))
                    try await Task.sleep(for: .milliseconds(5))
                }
                return cuts
            }
            let store = try Store(directory: machine.url)
            start.isDone.store(true, ordering: .releasing)
            try await store.close()
            return try await group.next() ?? []
        }
        for disk in try cuts + [machine.cut(0)] {
            let store = try Store(directory: disk.url, keys: .beside(machine.url))
            #expect(try await store.accountCount() == 0)
            try await store.close()
        }
    }
}
