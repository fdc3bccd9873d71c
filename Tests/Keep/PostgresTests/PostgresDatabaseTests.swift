import Foundation
import KeepSupport
import Records
import SQL
import Testing

@testable import Postgres

struct PostgresDatabaseTests {
    private static func open(_ url: String) throws -> PostgresDatabase {
        try PostgresDatabase(
            url: url, password: nil,
            migrations: Migrator([
                Migration("1") { type in
                    """
                    CREATE TABLE thing (
                        sequence \(type.sequence), id \(type.id), number \(type.integer), share \(type.real), name TEXT,
                        bytes \(type.blob))
                    """
                }
            ]))
    }
    private static func open() throws -> PostgresDatabase { try open(PostgresServer.shared.get().newDatabase()) }

    struct Thing: Equatable, Sendable {
        var id: UUID? = nil
        var number: Int64? = nil
        var share: Double? = nil
        var name: String? = nil
        var bytes: Data? = nil
    }
    private static func roundTrip(_ thing: Thing, in database: PostgresDatabase) async throws -> Thing? {
        try await database.write { connection in
            try connection.execute("DELETE FROM thing")
            try connection.execute(
                "INSERT INTO thing (id, number, share, name, bytes) VALUES (?, ?, ?, ?, ?)",
                [thing.id, thing.number, thing.share, thing.name, thing.bytes])
            return try connection.first("SELECT id, number, share, name, bytes FROM thing") {
                Thing(id: $0[0], number: $0[1], share: $0[2], name: $0[3], bytes: $0["bytes"])
            }
        }
    }

    @Test func whatIsWrittenComesBackToTheLastBit() async throws {
        let database = try Self.open()
        for thing in [
            Thing(), Thing(id: UUID(), number: .min, share: -0.0, name: "", bytes: Data()),
            Thing(number: .max, share: 5e-324, name: "a\u{0}b\u{0}", bytes: Data([0, 255, 0])),
            Thing(share: 1.7976931348623157e308, name: "\u{10FFFD}0\u{10FFFD}\u{0}\u{10FFFE}"),
            Thing(share: 0.1 + 0.2, name: "Grüße 🙂 ' \" \\ $1 ? %"), Thing(share: .infinity),
            Thing(name: String(repeating: "x", count: 1 << 20), bytes: Data(repeating: 7, count: 1 << 20)),
        ] { #expect(try await Self.roundTrip(thing, in: database) == thing) }
    }
    @Test func textsThatDifferStayDifferentAndEqualOnesEqual() {
        let texts = ["\u{0}", "\u{10FFFD}0", "\u{10FFFD}", "\u{10FFFD}1", "\u{10FFFD}\u{0}", "0", "", "\u{10FFFC}"]
        let encoded = texts.map(StorableText.encoded)
        #expect(Set(encoded).count == texts.count && !encoded.contains { $0.contains(0) })
        for (text, bytes) in zip(texts, encoded) {
            #expect(bytes.withUnsafeBufferPointer { StorableText.decoded($0) } == text)
        }
    }
    @Test(
        arguments: [
            ("a = ? AND b = ?", "a = $1 AND b = $2"), ("'?' || ?", "'?' || $1"), ("\"?\" = ?", "\"?\" = $1"),
            ("-- what?\n?", "-- what?\n$1"), ("a - ?", "a - $1"), ("'it''s ?' ?", "'it''s ?' $1"), ("", ""),
        ])
    func questionMarksAreNumbered(written: String, wanted: String) {
        #expect(Placeholders.numbered(written) == wanted)
    }

    @Test func aSavepointTakesBackItsOwnAndNoMore() async throws {
        struct Changed: Error {}
        let database = try Self.open()
        try await database.write { connection in
            try connection.execute("INSERT INTO thing (number) VALUES (?)", [1])
            #expect(throws: Changed.self) {
                try connection.savepoint {
                    try connection.execute("INSERT INTO thing (number) VALUES (?)", [2])
                    throw Changed()
                }
            }
            #expect(throws: SQLError.self) {
                try connection.savepoint { try connection.execute("INSERT INTO nowhere VALUES (1)") }
            }
            try connection.execute("INSERT INTO thing (number) VALUES (?)", [3])
        }
        let numbers: [Int] = try await database.read {
            try $0.rows("SELECT number FROM thing ORDER BY 1", []) { $0[0] }
        }
        #expect(numbers == [1, 3])
    }

    @Test func aReadSeesOneStateAndWritesNothing() async throws {
        let database = try Self.open()
        await #expect(throws: SQLError.self) {
            try await database.read { try $0.execute("INSERT INTO thing (number) VALUES (1)") }
        }
        let written = DispatchSemaphore(value: 0), counted = DispatchSemaphore(value: 0)
        async let counts = database.read { connection -> [Int?] in
            let first: Int? = try connection.value("SELECT count(*) FROM thing")
            counted.signal()
            written.wait()
            return [first, try connection.value("SELECT count(*) FROM thing")]
        }
        try await database.write { connection in
            counted.wait()
            try connection.execute("INSERT INTO thing (number) VALUES (1)")
        }
        written.signal()
        #expect(try await counts == [0, 0])
    }

    @Test func writesKeepTheOrderInWhichTheyWereAskedForAndReadsRunBesideThem() async throws {
        let database = try Self.open()
        try await withThrowingTaskGroup(of: Void.self) { group in
            for number in 0..<200 {
                group.addTask {
                    try await database.write { _ = try $0.execute("INSERT INTO thing (number) VALUES (?)", [number]) }
                    _ = try await database.read { try $0.value("SELECT count(*) FROM thing") as Int? }
                }
            }
            try await group.waitForAll()
        }
        let count: Int? = try await database.read { try $0.value("SELECT count(DISTINCT number) FROM thing") }
        #expect(count == 200)
    }

    @Test func commitsAreToldToTheFeed() async throws {
        let database = try Self.open()
        let account = UUID()
        var changes = database.changes.changes(capacity: 9) { _ in true }.makeAsyncIterator()
        try await Task.sleep(for: .milliseconds(300))  // the listener connects beside the opening
        try await database.write { connection in
            for change in [Change.streams, .events(account: account), .streams] { connection.changed(change) }
        }
        var told: Set<Change> = []
        for _ in 0..<2 { if let change = await changes.next() { told.insert(change) } }
        #expect(told == [.streams, .events(account: account)] || told.contains(.everything))
    }

    @Test func whatWasCommittedSurvivesTheServerAndWorkGoesOn() async throws {
        let server = try PostgresServer()
        defer { server.remove() }
        let database = try Self.open(server.newDatabase())
        try await database.write { _ = try $0.execute("INSERT INTO thing (number) VALUES (1)") }
        server.stop(brutally: true)
        for _ in 0..<2 {
            await #expect {
                try await database.write { _ = try $0.execute("INSERT INTO thing (number) VALUES (9)") }
            } throws: {
                ($0 as? SQLError)?.kind == .unavailable
            }
            await #expect { _ = try await database.read { try $0.value("SELECT 1") as Int? } } throws: {
                ($0 as? SQLError)?.kind == .unavailable
            }
        }
        try server.start()
        try await Task.sleep(for: .milliseconds(600))  // nobody asks a server again that was gone a moment ago
        try await database.write { _ = try $0.execute("INSERT INTO thing (number) VALUES (2)") }
        let numbers: [Int] = try await database.read {
            try $0.rows("SELECT number FROM thing ORDER BY 1", []) { $0[0] }
        }
        #expect(numbers == [1, 2])
    }

    @Test func aConnectionThatTheServerEndedWhileIdleIsOpenedAgain() async throws {
        let server = try PostgresServer.shared.get()
        let url = try server.newDatabase()
        let database = try Self.open(url)
        try await database.write { _ = try $0.execute("INSERT INTO thing (number) VALUES (1)") }
        try server.execute(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = '\(url.prefix { $0 != "?" }.split(separator: "/").last!)'",
            in: "postgres")
        let count: Int? = try await database.read { try $0.value("SELECT count(*) FROM thing") }
        #expect(count == 1)
        try await database.write { _ = try $0.execute("INSERT INTO thing (number) VALUES (2)") }
    }
}
