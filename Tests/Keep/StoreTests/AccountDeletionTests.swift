import Foundation
import JSON
import KeepSupport
import Records
import SQL
import Testing

@testable import Store

/// What is left in the tables, whichever there are, of an account that has been deleted.
@Suite(.onEachBackend) struct AccountDeletionTests {
    private let fixture: TemporaryStore
    private let store: Store
    private let database: FlakyDatabase
    private let directory = TemporaryDirectory()
    private let login = "two@example.org"

    init() async throws {
        fixture = try await TemporaryStore()
        database = FlakyDatabase(fixture.store.database)
        try FileManager.default.createDirectory(at: directory.url, withIntermediateDirectories: true)
        store = try directory.store(on: database)
        try await fill(fixture.account)
    }

    /// Gives an account something in every table.
    private func fill(_ account: Account, streams: Int = 3) async throws {
        let store = fixture.store
        let group = try await store.createGroup(name: "hd", description: "", account: account.id)
        for number in 0..<streams {
            let stream = try await store.createStream(
                TemporaryStore.specification(name: "\(number)"), group: .id(group.id), account: account.id
            ).definition
            try await store.record(
                (0..<40).map { Event.crowd(from: Double($0), to: Double($0) + 0.5) }, of: stream)
            let open = Event.crowd(from: 50, to: 50)
            let callback = try Callback(JSONReader(["type": "http", "url": "http://a.example/"]))
            try await store.record(
                [open.update(.opened)],
                deliveries: [Delivery(eventID: open.id, callback: callback, isAtEnd: true)], of: stream)
            let event = Event.crowd(from: 60, to: 61)
            try await store.record([event], of: stream)
            _ = try await store.add([TraceTests.trace(of: event.id, in: stream, from: 60, to: 61)])
            let series = CountSeries(streamID: stream.id, accountID: account.id, analytic: 0)
            try await store.add([PeopleMinute(series: series, minute: 1, count: SeenPeople(people: 1, for: 60_000))])
        }
        for number in 0..<5 {
            _ = try await self.store.keep([UInt8](repeating: 1, count: number + 1), .image, for: account.id)
        }
        var job: Job?
        for _ in 0..<2 {
            job = try await store.insert(
                JobDraft(
                    accountID: account.id, kind: .blob, items: (0..<3).map { JobItemDraft(name: "\($0).jpg") }))
        }
        let now = TemporaryStore.noon
        _ = try await store.createVerifier(
            VerifierDetails(policies: VerifierPolicies()), account: account.id)
        let list = try await store.createList(account: account.id)
        for _ in 0..<3 {
            let face = try await store.createFace(on: [list.id], .features(.example()), account: account.id)
            try await store.note([.example(of: face)])
        }
        _ = try await store.createAttribute(.example(), account: account.id)
        try await store.save(
            RawEvent(
                accountID: account.id, handlerID: BuiltInHandler.id(of: account.id), begin: now, end: now, members: [:],
                descriptor: .random()))
        // One of what is due was delivered.
        let due = try #require(try await store.deliveries(Filter(accountID: account.id)).first)
        for lane in try await store.dueLanes(at: now) {
            guard let letter = try await store.nextLetter(of: lane.id), letter.streamID == due.streamID else {
                continue
            }
            try await store.settle(letter, .delivered, at: now)
        }
        let callback = try Callback(jobURL: JSONReader("http://a.example/"))
        try await store.report([JobReport(to: callback, JSONText(1))], ofJob: try #require(job).id)
        try await store.add(callback, account: account.id, kind: .blob)
        try await store.charge(7, toJob: try #require(job).id)
        try await store.insert(
            Token(
                id: UUID(), accountID: account.id, specification: TokenSpecification(), jwt: "a.b.c", createTime: now,
                lastUpdateTime: now))
        for kind in Session.Kind.allCases {
            let digest = [UInt8](UUID().wire.utf8)
            #expect(try await store.insert(Session(of: account.id, kind, at: now), digest: digest, of: account))
        }
    }

    /// Each table's rows, as text, but for the number that is never given again.
    private func contents() async throws -> [String: [String]] {
        try await fixture.store.read { connection in
            let isFile = connection.dialect == .sqlite
            let names: [String] = try connection.rows(
                isFile
                    ? "SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite_%'"
                    : "SELECT table_name FROM information_schema.tables WHERE table_schema = 'public'", []
            ) { $0[0] }
            var contents: [String: [String]] = [:]
            for name in names where name != "record_counter" {
                var row = "CAST(\(name) AS TEXT)"
                if isFile {
                    let columns: [String] = try connection.rows("SELECT name FROM pragma_table_info('\(name)')", []) {
                        $0[0]
                    }
                    row = columns.map { "quote(\($0))" }.joined(separator: " || ',' || ")
                }
                // Places of descriptors stay, to be used again.
                let rows = name == "descriptor" ? "descriptor WHERE is_free = 0" : name
                contents[name] = try connection.rows("SELECT \(row) FROM \(rows)", []) { $0[0] as String }.sorted()
            }
            return contents
        }
    }

    @Test func nothingOfItRemainsInAnyTable() async throws {
        let before = try await contents()
        let account = try await fixture.createAccount(login)
        try await fill(account, streams: 60)
        // A table in which this account has nothing would prove nothing: whoever adds one lets `fill` fill it.
        let full = try await contents()
        let untouched = full.keys.filter { full[$0]!.count == before[$0]!.count }
        #expect(Set(untouched) == ["migration", "object_tree", "old_rows", "secret"])
        #expect(try directory.objectFiles().count == 10)

        let deleted = try #require(try await store.deleteAccount(login: login))
        #expect(try await contents() == before)
        #expect(try directory.objectFiles().count == 5)
        #expect(deleted.account == account)
        let counts = Dictionary(uniqueKeysWithValues: deleted.counts)
        #expect(
            counts == [
                "streams": 60, "log records": 60, "groups": 1, "tokens": 1, "sessions": 2, "reports due": 2460,
                "events": 2521,
                "records of events": 4982, "counts": 60, "jobs": 2, "objects": 5, "events put aside": 0, "files": 0,
                "handlers": 1, "verifiers": 1, "lists": 1, "faces": 3, "attributes": 1, "lines of the biometric log": 3,
            ])
        #expect(deleted.counts.first?.kind == "streams")
        #expect(try await store.deleteAccount(login: login) == nil)
    }

    @Test func cutOffAnywhereItGoesOnWhereItStopped() async throws {
        let before = try await contents()
        var cuts = 0
        var isDone = false
        while !isDone {
            try await fill(try await fixture.createAccount(login))
            database.become(.dying(cuts))
            do { isDone = try await store.deleteAccount(login: login) != nil } catch StoreError.unavailable {
                cuts += 1
            }
            database.become(.well)
            if !isDone { #expect(try await store.deleteAccount(login: login) != nil) }
            #expect(try await contents() == before)
        }
        #expect(cuts > 5)
    }

    @Test func whatWaitsOfItOrWasPutAsideGoesToo() async throws {
        let account = try await fixture.createAccount(login)
        let stream = try await fixture.store.createStream(TemporaryStore.specification(), account: account.id)
        database.become(.gone)
        try await store.record([Event.crowd(from: 0, to: 1)], of: stream.definition)
        let aside = directory.url.appending(path: Store.refusedName)
        try Data("{\"account\":\"\(account.id.wire)\"}\n{\"account\":\"another\"}\n".utf8).write(to: aside)
        await #expect(throws: StoreError.unavailable(reason: "gone")) { try await store.deleteAccount(login: login) }
        database.become(.well)
        let counts = Dictionary(uniqueKeysWithValues: try #require(try await store.deleteAccount(login: login)).counts)
        #expect(counts["events"] == 1 && counts["events put aside"] == 1)
        #expect(try String(contentsOf: aside, encoding: .utf8) == "{\"account\":\"another\"}\n")
        #expect(try Data(contentsOf: directory.url.appending(path: Store.spoolName)).isEmpty)
    }

    @Test func theLastAdminStays() async throws {
        func admin(_ login: String) async throws {
            let now = TemporaryStore.noon
            try await store.insert(
                Account(
                    id: UUID(), login: login, kind: .admin, description: "", createTime: now, lastUpdateTime: now),
                passwordHash: "none")
        }
        try await admin("admin@example.org")
        await #expect(throws: StoreError.lastAdmin("admin@example.org")) {
            try await store.deleteAccount(login: "admin@example.org")
        }
        try await admin("root@example.org")
        #expect(try await store.deleteAccount(login: "admin@example.org") != nil)
    }
}
