import Foundation
import GRDB
import JSON
import KeepSupport
import Records
import SQL
import Sealing
import Testing

@testable import Store

/// An embedded database in whose file pages are overwritten.
@Suite(.timeLimit(.minutes(30))) struct DamageTests {
    private let directory = TemporaryDirectory(), reports = Reports()
    private var file: URL { directory.url.appending(path: Store.fileName) }
    private static let count = FilledDirectory.eventCount

    /// What the first byte of a page says that it is.
    private enum Page: UInt8 { case rows = 0x0d, wayToRows = 0x05, keys = 0x0a, wayToKeys = 0x02 }
    private static let pageSize = 4096
    /// Before it are the schema, the first page of each table and index, and what there is little of.
    private static let firstOfMany = 200

    /// Puts a database there with two accounts that have a stream each, and many events of the first; closed.
    private func fill() async throws -> [UUID] {
        let filled = try await FilledDirectory.shared.value
        for (from, to) in [(filled.url, directory.url), (filled.key, directory.url.appendingPathExtension("key"))] {
            try FileManager.default.copyItem(at: from, to: to)
        }
        return filled.accounts
    }

    /// Overwrites so many pages of a kind, in the middle of the file.
    /// - Returns: how many there were.
    @discardableResult
    private func damage(_ kind: Page, _ count: Int, at share: Double = 0.5) throws -> Int {
        var bytes = try Data(contentsOf: file)
        let pages = (Self.firstOfMany..<bytes.count / Self.pageSize).filter {
            bytes[$0 * Self.pageSize] == kind.rawValue
        }
        let chosen = pages.dropFirst(Int(Double(max(0, pages.count - count)) * share)).prefix(count)
        for page in chosen {
            bytes.replaceSubrange(
                page * Self.pageSize..<(page + 1) * Self.pageSize, with: [UInt8](repeating: 0x5a, count: Self.pageSize))
        }
        try bytes.write(to: file)
        return chosen.count
    }
    private func overwrite(page: Int) throws {
        var bytes = try Data(contentsOf: file)
        bytes.replaceSubrange(
            page * Self.pageSize..<(page + 1) * Self.pageSize, with: [UInt8](repeating: 0x5a, count: Self.pageSize))
        try bytes.write(to: file)
    }
    /// The page that a table begins with, counted from 0.
    private func root(of table: String) throws -> Int {
        let queue = try DatabaseQueue(path: file.path)
        defer { try? queue.close() }
        return try queue.read {
            try Int.fetchOne($0, sql: "SELECT rootpage - 1 FROM sqlite_master WHERE name = ?", arguments: [table])!
        }
    }
    private func check(_ pragma: String) throws -> [String] {
        let queue = try DatabaseQueue(path: file.path)
        defer { try? queue.close() }
        return try queue.read { try GRDB.Row.fetchAll($0, sql: "PRAGMA \(pragma)").map { "\($0[0] as DatabaseValue)" } }
    }

    private func open(_ other: TemporaryDirectory? = nil) throws -> Store {
        try Store(directory: (other ?? directory).url, keys: .beside(directory.url)) { [reports] in reports.add($0) }
    }
    /// What is left when the process is killed or the machine is.
    private func killed(_ directory: TemporaryDirectory? = nil) throws -> TemporaryDirectory {
        let copy = TemporaryDirectory()
        try FileManager.default.copyItem(at: (directory ?? self.directory).url, to: copy.url)
        return copy
    }

    @Test func whatIsNoFileIsNotReadForever() throws {
        try FileManager.default.createDirectory(at: directory.url, withIntermediateDirectories: true)
        #expect(mkfifo(file.path, 0o600) == 0)
        #expect(throws: RecoveryError.noFile(path: file.path)) { try DamagedStore(in: directory.url).recover() }
    }

    @Test func afterAnUncleanStopItIsFoundAndTold() async throws {
        _ = try await fill()
        // Closed in good order, it is not looked through.
        let well = try open()
        try await well.lookForDamage()
        #expect(reports.list == [])
        try await well.write { _ = try $0.execute("UPDATE account SET description = 'other'") }
        let first = try killed()
        try await well.close()
        // Who opens and closes it in between, and does not look, takes nothing from the reason to look.
        try await open(first).close()
        let whole = try open(first)
        try await whole.lookForDamage()
        #expect(reports.list == [.foundWhole] && !whole.isDamaged)
        try await whole.lookForDamage()
        #expect(reports.list == [.foundWhole], "once is enough")
        try await whole.check()
        try await whole.write { _ = try $0.execute("UPDATE account SET description = 'third'") }

        let damaged = try killed(first), file = damaged.url.appending(path: Store.fileName)
        try await whole.close()
        var bytes = try Data(contentsOf: file)
        for page in bytes.count / Self.pageSize / 2..<bytes.count / Self.pageSize / 2 + 5 {
            bytes.replaceSubrange(
                page * Self.pageSize..<page * Self.pageSize + 100, with: [UInt8](repeating: 0x5a, count: 100))
        }
        try bytes.write(to: file)
        // Again and again, however well it was closed: damage does not go by itself.
        for count in 1...2 {
            let store = try open(damaged)
            try await store.lookForDamage()
            #expect(store.isDamaged)
            #expect(reports.list.count { if case .damaged = $0 { true } else { false } } == count)
            await #expect { try await store.check() } throws: { "\($0)" == "the database is damaged" }
            try await store.close()
        }
        _ = try DamagedStore(in: damaged.url, keys: .beside(directory.url)).recover()
        let recovered = try open(damaged)
        try await recovered.lookForDamage()
        #expect(!recovered.isDamaged)
        try await recovered.check()
        try await recovered.close()
    }

    @Test func damageThatSomebodyComesUponIsToldAndLookedForAtTheNextStart() async throws {
        let accounts = try await fill()
        #expect(try damage(.rows, 5) == 5)
        do {
            let store = try open()
            try await store.lookForDamage()
            #expect(reports.list == [], "there was no reason to look")
            await #expect(throws: StoreError.self) {
                try await store.read { try $0.rows("SELECT body FROM event", []) { $0[0] as String } }
            }
            #expect(store.isDamaged)
            await #expect { try await store.check() } throws: { "\($0)" == "the database is damaged" }
            // What lies elsewhere is read and written as before.
            #expect(try await store.streams(Filter(accountID: accounts[1])).count == 1)
            _ = try await store.createStream(TemporaryStore.specification(), account: accounts[1])
            try await store.close()
        }
        let next = try open()
        #expect(!next.isDamaged)
        try await next.lookForDamage()
        #expect(next.isDamaged)
        try await next.close()
    }

    /// A page that is damaged without looking so must not end the process.
    @Test func aRowThatCannotBeIsDamage() async throws {
        _ = try await fill()
        var configuration = Configuration()
        configuration.foreignKeysEnabled = false
        let queue = try DatabaseQueue(path: file.path, configuration: configuration)
        try await queue.write { try $0.execute(sql: "UPDATE stream SET id = x'0102' WHERE sequence = 1") }
        try queue.close()
        do {
            let store = try open()
            await #expect(throws: StoreError.self) {
                try await store.read { try $0.rows("SELECT id FROM stream", []) { $0[0] as UUID } }
            }
            #expect(reports.list == [.damaged(reason: "column 0 is no id")])
            try await store.close()
        }
        let tables = try DamagedStore(in: directory.url).recover().tables
        #expect(tables.first { $0.name == "stream" }?.saved == 1)
        #expect(tables.first { $0.name == "stream" }?.removed == 1)
    }

    @Test(arguments: [(Double(0), 1), (0.5, 5), (1, 3)]) func rowsAroundTheDamageAreSaved(
        share: Double, pages: Int
    ) async throws {
        let accounts = try await fill()
        #expect(try damage(.rows, pages, at: share) == pages)
        #expect(try check("quick_check(1)") != ["\"ok\""])
        let (tables, damaged) = try DamagedStore(in: directory.url).recover()
        let aside = try #require(damaged)
        let events = try #require(tables.first { $0.name == "event" })
        #expect(events.saved + events.lost == Self.count && events.isCounted && events.removed == 0)
        let lost = tables.reduce(0) { $0 + $1.lost }
        #expect(lost > 0 && lost <= 60 * pages, "as many as fit on the pages")
        #expect(aside.lastPathComponent == "sightline.sqlite.damaged")
        #expect(try check("integrity_check") == ["\"ok\""])
        #expect(try check("foreign_key_check") == [])

        let store = try Store(directory: directory.url)
        #expect(try await store.claimObjects())
        #expect(try await store.count("event") == events.saved)
        // And it goes on behind the last number that was given.
        let stream = try await store.createStream(TemporaryStore.specification(), account: accounts[1]).definition
        try await store.record([.crowd(from: 0, to: 1)], of: stream)
        #expect(try await store.events(account: accounts[1]).map(\.sequence) == [1, 2])
        try await store.close()
    }

    @Test func whereTheWaysToRowsAreDamagedTheIndexesTellHowManyAreLost() async throws {
        _ = try await fill()
        #expect(try damage(.wayToRows, 1) == 1)
        let tables = try DamagedStore(in: directory.url).recover().tables
        let events = try #require(tables.first { $0.name == "event" })
        #expect(events.lost > 0 && events.saved + events.lost == Self.count)
        #expect(try check("integrity_check") == ["\"ok\""])
    }

    @Test func damagedIndexesCostNoRow() async throws {
        let accounts = try await fill()
        // Those of the table that is found by its keys alone look the same, and may be among them.
        #expect(try damage(.keys, 4) == 4)
        let tables = try DamagedStore(in: directory.url).recover().tables
        #expect(tables.first { $0.name == "event" }?.saved == Self.count)
        #expect(try check("integrity_check") == ["\"ok\""])
        let store = try Store(directory: directory.url)
        #expect(try await store.accountCount() == accounts.count)
        try await store.close()
    }

    @Test func eventsWhoseRecordsAreLostAreStillDeletedInTheirTurn() async throws {
        _ = try await fill()
        try overwrite(page: root(of: "event_record"))
        let tables = try DamagedStore(in: directory.url).recover().tables
        #expect(tables.first { $0.name == "event" }?.saved == Self.count)
        #expect(tables.first { $0.name == "event_record" }.map { $0.saved < 2 * Self.count } == true)
        let store = try open()
        #expect(try await store.claimObjects())
        let ends: Int? = try await store.read {
            try $0.value("SELECT count(DISTINCT event_id) FROM event_record WHERE phase = 'finished'")
        }
        #expect(ends == Self.count)
        #expect(try await store.deleteEvents(beyond: Self.count - 20) == 20)
        try await store.close()
    }

    @Test func whoeverHasLostHisAccountHasWhatWasHis() async throws {
        let accounts = try await fill()
        try overwrite(page: root(of: "account"))
        let tables = try DamagedStore(in: directory.url).recover().tables
        let lost = try #require(tables.first { $0.name == "account" })
        #expect(lost.saved == 0 && lost.lost == 2 && lost.isCounted)
        let store = try Store(directory: directory.url)
        for account in accounts {
            #expect(try await store.account(id: account)?.login == "recovered-\(account.wire)@sightline.local")
            #expect(try await store.streams(Filter(accountID: account)).count == 1)
        }
        #expect(try await store.count("event") == Self.count)
        try await store.close()
    }

    /// Whatever pages are hit, what comes out is a database without fault, or a sentence.
    @Test(arguments: 1...12) func itEndsWellWhateverIsDamaged(seed: UInt64) async throws {
        let accounts = try await fill()
        var generator = Randomness(seed: seed), bytes = try Data(contentsOf: file)
        for _ in 0..<1 + seed % 5 {
            let start = Int.random(in: Self.firstOfMany * Self.pageSize..<bytes.count - 5000, using: &generator)
            let length = Int.random(in: 1...5000, using: &generator)
            for index in start..<start + length { bytes[index] = UInt8.random(in: 0...255, using: &generator) }
        }
        try bytes.write(to: file)
        do {
            _ = try DamagedStore(in: directory.url).recover()
        } catch is RecoveryError {
            return
        }
        #expect(try check("integrity_check") == ["\"ok\""])
        #expect(try check("foreign_key_check") == [])
        let store = try Store(directory: directory.url)
        for account in accounts { _ = try? await store.events(account: account) }
        try await store.close()
    }

    @Test func whereTheSchemaIsGoneNothingCanBeRead() async throws {
        _ = try await fill()
        try overwrite(page: 0)
        #expect {
            try DamagedStore(in: directory.url).recover()
        } throws: { "\($0)".contains("Nothing can be read of \(file.path)") }
        #expect(
            try FileManager.default.contentsOfDirectory(atPath: directory.url.path).filter {
                $0.contains("recovered") || $0.contains("damaged")
            } == [])
    }

    /// What a copy that was cut off leaves. The ways to many rows lie late in the file: it must not miss too much for these.
    @Test(arguments: [(0.5, 0), (0.95, 1000)]) func whatIsBeforeACutIsSaved(share: Double, least: Int) async throws {
        let accounts = try await fill()
        let whole = try Data(contentsOf: file)
        try whole.prefix(Int(Double(whole.count) * share)).write(to: file)
        let (tables, damaged) = try DamagedStore(in: directory.url).recover()
        #expect(damaged != nil)
        let events = try #require(tables.first { $0.name == "event" })
        #expect(events.saved >= least && events.saved < Self.count, "\(events)")
        for name in ["account", "stream"] { #expect(tables.first { $0.name == name }?.saved == 2) }
        #expect(try check("integrity_check") == ["\"ok\""])
        #expect(try check("foreign_key_check") == [])
        let store = try open()
        #expect(try await store.count("event") == events.saved)
        for account in accounts { #expect(try await store.account(id: account) != nil) }
        try await store.close()
    }

    @Test func whereNothingIsDamagedAllStaysAsItIs() async throws {
        _ = try await fill()
        let (before, names) = (try Data(contentsOf: file), try self.names())
        let (tables, damaged) = try DamagedStore(in: directory.url).recover()
        #expect(damaged == nil && tables.first { $0.name == "event" }?.saved == Self.count)
        #expect(try Data(contentsOf: file) == before)
        #expect(try self.names() == names)
        // Whoever wants a copy has it.
        let copy = directory.url.appending(path: "copy")
        #expect(try !DamagedStore(in: directory.url).recover(to: copy).isDamaged)
        #expect(try self.names() == names.union(["copy"]))
    }

    @Test func whereNoTableIsNothingIsSaved() async throws {
        try FileManager.default.createDirectory(at: directory.url, withIntermediateDirectories: true)
        for isEmpty in [true, false] {
            if isEmpty {
                try Data().write(to: file)
            } else {
                let queue = try DatabaseQueue(path: file.path)
                try await queue.write { try $0.execute(sql: "CREATE TABLE one (id INTEGER); DROP TABLE one") }
                try queue.close()
            }
            let before = try Data(contentsOf: file)
            #expect(before.isEmpty == isEmpty)
            #expect(throws: RecoveryError.empty(path: file.path)) { try DamagedStore(in: directory.url).recover() }
            #expect(try Data(contentsOf: file) == before)
            #expect(try names() == ["sightline.lock", Store.fileName])
        }
    }

    @Test func aPlaceThatCannotBeWrittenIsNamed() async throws {
        _ = try await fill()
        let copy = directory.url.appending(path: "none/copy")
        #expect(throws: RecoveryError.failed(reason: "\(copy.path): No such file or directory")) {
            try DamagedStore(in: directory.url).recover(to: copy)
        }
        // A folder of somebody's is not taken for what a killed process left.
        let mine = directory.url.appending(path: "mine"), folder = mine.appendingPathExtension("partial")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        #expect(throws: RecoveryError.exists(path: folder.path)) {
            try DamagedStore(in: directory.url).recover(to: mine)
        }
        // No more is a file of his; one that was cut off is.
        try FileManager.default.removeItem(at: folder)
        try Data("all of a thesis".utf8).write(to: folder)
        #expect(throws: RecoveryError.exists(path: folder.path)) {
            try DamagedStore(in: directory.url).recover(to: mine)
        }
        #expect(try Data(contentsOf: folder) == Data("all of a thesis".utf8))
        try Data("SQLite format 3\0 and a half".utf8).write(to: folder)
        _ = try DamagedStore(in: directory.url).recover(to: mine)
        #expect(!FileManager.default.fileExists(atPath: folder.path))
    }

    /// A disk that is about to fail is one that the system lets nobody write any more.
    @Test(.enabled(if: SmallDisk.isPossible)) func whatMayOnlyBeReadIsSavedElsewhere() async throws {
        _ = try await fill()
        try damage(.rows, 1)
        let disk = try SmallDisk(megabytes: 64), copy = directory.url.appending(path: "copy")
        for ending in ["", "-wal", "-shm"] where FileManager.default.fileExists(atPath: file.path + ending) {
            try FileManager.default.copyItem(
                at: URL(filePath: file.path + ending), to: disk.url.appending(path: Store.fileName + ending))
        }
        try disk.mayBeWritten(false)
        #expect {
            try DamagedStore(in: disk.url).recover()
        } throws: { if case OpeningError.unusableDirectory = $0 { true } else { false } }
        let (tables, isDamaged) = try DamagedStore(in: disk.url, keys: .beside(directory.url)).recover(to: copy)
        #expect(isDamaged && tables.contains { $0.saved > 0 })
    }

    private func names() throws -> Set<String> {
        Set(try FileManager.default.contentsOfDirectory(atPath: directory.url.path))
    }

    @Test func whichVersionItIsOfIsToldByItsTables() async throws {
        let accounts = try await fill(), names = try self.names()
        try overwrite(page: root(of: "migration"))
        let tables = try DamagedStore(in: directory.url).recover().tables
        #expect(tables.first { $0.name == "migration" }?.saved == 0)
        let new = try self.names().subtracting(names)
        #expect(new == ["sightline.sqlite.damaged"], "and nothing that was needed on the way")
        #expect(tables.first { $0.name == "event" }?.saved == Self.count)
        let store = try open()
        #expect(try await store.accountCount() == accounts.count)
        try await store.close()
    }

    @Test func cutOffBeforeTheLastStepItGoesOn() async throws {
        _ = try await fill()
        try damage(.rows, 1)
        let damaged = try Data(contentsOf: file)
        let copy = directory.url.appending(path: "sightline.sqlite.recovered")
        #expect(try !DamagedStore(in: directory.url).recover(to: copy).tables.isEmpty)
        #expect(try Data(contentsOf: file) == damaged, "it is as it was")
        let saved = try Data(contentsOf: copy)
        // What the damaged one would take would be gone with the last step.
        #expect(throws: OpeningError.halfRecovered(path: directory.url.path)) { try open() }
        // A log that belonged to one before is no log of this one, which had its second name already.
        let log = URL(filePath: file.path + ".damaged-wal"), second = URL(filePath: file.path + ".damaged.1")
        try Data([1]).write(to: log)
        try FileManager.default.linkItem(at: file, to: second)
        let (tables, aside) = try DamagedStore(in: directory.url).recover()
        #expect(tables.isEmpty && aside?.path == second.path)
        #expect(try Data(contentsOf: file) == saved)
        #expect(try Data(contentsOf: second) == damaged)
        #expect(try Data(contentsOf: log) == Data([1]))
        #expect(try names().filter { $0.contains(".damaged") || $0.contains(".recovered") }.count <= 3)
        try await open().close()
    }

    /// Source: Vigna, "Further scramblings of Marsaglia's xorshift generators", 2017 (splitmix64).
    private struct Randomness: RandomNumberGenerator {
        private var state: UInt64
        init(seed: UInt64) { state = seed }
        mutating func next() -> UInt64 {
            state &+= 0x9e37_79b9_7f4a_7c15
            var mixed = state
            mixed = (mixed ^ (mixed >> 30)) &* 0xbf58_476d_1ce4_e5b9
            mixed = (mixed ^ (mixed >> 27)) &* 0x94d0_49bb_1331_11eb
            return mixed ^ (mixed >> 31)
        }
    }
}

extension Store {
    fileprivate func count(_ table: String) async throws -> Int {
        try await read { try $0.value("SELECT count(*) FROM \(table)") ?? 0 }
    }
}
