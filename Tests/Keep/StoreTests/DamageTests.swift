import Foundation
import GRDB
import JSON
import KeepSupport
import Records
import SQL
import Testing

@testable import Store

/// An embedded database in whose file pages are overwritten.
@Suite(.timeLimit(.minutes(10))) struct DamageTests {
    private let directory = TemporaryDirectory(), reports = Reports()
    private var file: URL { directory.url.appending(path: Store.fileName) }
    private static let count = 4000

    /// What the first byte of a page says that it is.
    private enum Page: UInt8 { case rows = 0x0d, wayToRows = 0x05, keys = 0x0a, wayToKeys = 0x02 }
    private static let pageSize = 4096
    /// Before it are the schema, the first page of each table and index, and what there is little of.
    private static let firstOfMany = 150

    /// Two accounts with a stream each, and many events of the first; closed.
    private func fill() async throws -> [UUID] {
        let store = try Store(directory: directory.url)
        try await store.claimObjects()
        var streams: [StreamDefinition] = []
        for login in ["one@example.org", "two@example.org"] {
            let account = Account(
                id: UUID(), login: login, kind: .user, description: "", createTime: TemporaryStore.noon,
                lastUpdateTime: TemporaryStore.noon)
            try await store.insert(account, passwordHash: "none")
            streams.append(
                try await store.createStream(TemporaryStore.specification(), account: account.id).definition)
        }
        for start in stride(from: 0, to: Self.count, by: 100) {
            let updates = (start..<start + 100).map {
                Event.crowd(from: Double($0), to: Double($0) + 0.5).update(.closed)
            }
            try await store.record(updates, deliveries: [], of: streams[0], at: TemporaryStore.noon)
        }
        _ = try await store.keep([1, 2, 3], .object, for: streams[0].accountID)
        try await store.close()
        return streams.map(\.accountID)
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
    private func check(_ pragma: String) throws -> [String] {
        let queue = try DatabaseQueue(path: file.path)
        defer { try? queue.close() }
        return try queue.read { try GRDB.Row.fetchAll($0, sql: "PRAGMA \(pragma)").map { "\($0[0] as DatabaseValue)" } }
    }

    @Test func afterAnUncleanStopItIsFoundAndTold() async throws {
        _ = try await fill()
        // Closed in good order, it is not looked through.
        let well = try Store(directory: directory.url) { [reports] in reports.add($0) }
        #expect(try await well.lookForDamage() == 0)
        #expect(reports.list == [])
        try await well.write { _ = try $0.execute("UPDATE account SET description = 'other'") }
        let killed = TemporaryDirectory()
        try FileManager.default.copyItem(at: directory.url, to: killed.url)
        try FileManager.default.copyItem(
            at: directory.url.appendingPathExtension("key"), to: killed.url.appendingPathExtension("key"))
        try await well.close()

        let whole = try Store(directory: killed.url) { [reports] in reports.add($0) }
        #expect(try await whole.lookForDamage() == 0)
        #expect(reports.list == [.foundWhole] && !whole.isDamaged)
        #expect(try await whole.lookForDamage() == 0)
        #expect(reports.list == [.foundWhole], "once is enough")
        try await whole.check()
        try await whole.write { _ = try $0.execute("UPDATE account SET description = 'third'") }

        let damaged = TemporaryDirectory(), file = damaged.url.appending(path: Store.fileName)
        try FileManager.default.copyItem(at: killed.url, to: damaged.url)
        try FileManager.default.copyItem(
            at: directory.url.appendingPathExtension("key"), to: damaged.url.appendingPathExtension("key"))
        var bytes = try Data(contentsOf: file)
        for page in bytes.count / Self.pageSize / 2..<bytes.count / Self.pageSize / 2 + 5 {
            bytes.replaceSubrange(
                page * Self.pageSize..<page * Self.pageSize + 100, with: [UInt8](repeating: 0x5a, count: 100))
        }
        try bytes.write(to: file)
        try await whole.close()
        let store = try Store(directory: damaged.url) { [reports] in reports.add($0) }
        #expect(try await store.lookForDamage() == 1)
        #expect(store.isDamaged)
        guard case .damaged? = reports.list.last else {
            Issue.record("nothing was reported but \(reports.list)")
            return
        }
        await #expect { try await store.check() } throws: { "\($0)" == "the database is damaged" }
        try await store.close()
    }

    @Test(arguments: [(Double(0), 1), (0.5, 5), (1, 3)]) func rowsAroundTheDamageAreSaved(
        share: Double, pages: Int
    ) async throws {
        let accounts = try await fill()
        #expect(try damage(.rows, pages, at: share) == pages)
        #expect(try check("quick_check(1)") != ["\"ok\""])
        let (tables, aside) = try DamagedStore(in: directory.url).recover()
        let events = try #require(tables.first { $0.name == "event" })
        #expect(events.saved + events.lost == Self.count && events.isCounted && events.removed == 0)
        let lost = tables.reduce(0) { $0 + $1.lost }
        #expect(lost > 0 && lost <= 60 * pages, "as many as fit on the pages")
        #expect(aside.lastPathComponent == "sightline.sqlite.damaged")
        #expect(try check("integrity_check") == ["\"ok\""])
        #expect(try check("foreign_key_check") == [])

        let store = try Store(directory: directory.url)
        #expect(try await store.claimObjects())
        let records = try await store.events(account: accounts[0])
        #expect(Set(records.map(\.event.id)).count == events.saved)
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

    @Test func whoeverHasLostHisAccountHasWhatWasHis() async throws {
        let accounts = try await fill()
        let queue = try DatabaseQueue(path: file.path)
        let root = try await queue.read {
            try Int.fetchOne($0, sql: "SELECT rootpage FROM sqlite_master WHERE name = 'account'")!
        }
        try queue.close()
        var bytes = try Data(contentsOf: file)
        bytes.replaceSubrange(
            (root - 1) * Self.pageSize..<root * Self.pageSize, with: [UInt8](repeating: 0, count: Self.pageSize))
        try bytes.write(to: file)
        let tables = try DamagedStore(in: directory.url).recover().tables
        let lost = try #require(tables.first { $0.name == "account" })
        #expect(lost.saved == 0 && lost.lost == 2 && lost.isCounted)
        let store = try Store(directory: directory.url)
        for account in accounts {
            #expect(try await store.account(id: account)?.login == "recovered-\(account.wire)@sightline.local")
            #expect(try await store.streams(Filter(accountID: account)).count == 1)
        }
        #expect(try await store.events(account: accounts[0]).count == Self.count)
        try await store.close()
    }

    /// Whatever pages are hit, what comes out is a database without fault, or a sentence.
    @Test(arguments: 1...12) func itEndsWellWhateverIsDamaged(seed: UInt64) async throws {
        _ = try await fill()
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
        try await Store(directory: directory.url).close()
    }

    @Test(arguments: [0, 1]) func whereTheSchemaIsGoneNothingCanBeRead(page: Int) async throws {
        _ = try await fill()
        var bytes = try Data(contentsOf: file)
        bytes.replaceSubrange(
            page * Self.pageSize..<(page + 1) * Self.pageSize, with: [UInt8](repeating: 0x5a, count: Self.pageSize))
        try bytes.write(to: file)
        #expect {
            try DamagedStore(in: directory.url).recover()
        } throws: { "\($0)".contains("Nothing can be read of \(file.path)") }
        #expect(
            try FileManager.default.contentsOfDirectory(atPath: directory.url.path).filter {
                $0.contains("recovered") || $0.contains("damaged")
            } == [])
    }

    @Test func cutOffBeforeTheLastStepItGoesOn() async throws {
        _ = try await fill()
        let damaged = try Data(contentsOf: file)
        let copy = directory.url.appending(path: "sightline.sqlite.recovered")
        #expect(try !DamagedStore(in: directory.url).recover(to: copy).isEmpty)
        #expect(try Data(contentsOf: file) == damaged, "it is as it was")
        let saved = try Data(contentsOf: copy)
        let (tables, aside) = try DamagedStore(in: directory.url).recover()
        #expect(tables.isEmpty)
        #expect(try Data(contentsOf: file) == saved)
        #expect(try Data(contentsOf: aside) == damaged)
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
