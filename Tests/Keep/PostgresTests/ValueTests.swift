import Foundation
import Records
import SQL
import Testing

@testable import Postgres

struct ValueTests {
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
        let database = try ThingDatabase().database
        for thing in [
            Thing(), Thing(id: UUID(), number: .min, share: -0.0, name: "", bytes: Data()),
            Thing(number: .max, share: .leastNonzeroMagnitude, name: "a\u{0}b\u{0}", bytes: Data([0, 255, 0])),
            Thing(
                number: -1, share: 1.7976931348623157e308, name: "\u{10FFFD}\u{E000}\u{0}\u{1}\u{2}\u{3}\u{4}\u{10FFFF}"
            ),
            Thing(number: 0, share: 0.1 + 0.2, name: "Grüße 🙂 ' \" \\ $1 ? %"), Thing(share: .infinity),
            Thing(share: -.infinity, name: "\u{0}"),
            Thing(share: .leastNormalMagnitude.nextDown, name: "e\u{301}\u{e9}"),
            Thing(name: String(repeating: "x", count: 1 << 20), bytes: Data(repeating: 7, count: 1 << 20)),
            Thing(name: String(repeating: "\u{0}", count: 1 << 16)),
        ] {
            let found = try #require(try await Self.roundTrip(thing, in: database))
            #expect(found == thing)
            #expect(found.share?.bitPattern == thing.share?.bitPattern)
            #expect(found.name.map { Array($0.utf8) } == thing.name.map { Array($0.utf8) })
        }
        let notANumber = try await Self.roundTrip(Thing(share: .nan), in: database)
        #expect(notANumber?.share?.isNaN == true)
    }

    @Test func argumentsNeedNoColumnToHaveAType() async throws {
        let id = UUID()
        let values = try await ThingDatabase().database.read { connection in
            try connection.first("SELECT ?, ?, ?, ?, ?, ? + 1", [1, 0.5, "a", id, Data([1]), 41]) {
                "\($0[0] as Int) \($0[1] as Double) \($0[2] as String) \($0[3] as UUID) \($0[4] as Data) \($0[5] as Int)"
            }
        }
        #expect(values == "1 0.5 a \(id) 1 bytes 42")
    }
    @Test func oneStatementTakesNullsAndValuesInAnyOrder() async throws {
        let shares: [Double?] = [nil, 1, nil, 2.5]
        let numbers: [Int?] = [nil, nil, 7, 8]
        let rows = try await ThingDatabase().database.write { connection in
            for (number, share) in zip(numbers, shares) {
                try connection.execute("INSERT INTO thing (number, share) VALUES (?, ?)", [number, share])
            }
            return try connection.rows("SELECT number, share FROM thing ORDER BY sequence", []) {
                [$0[0] as Int?, ($0[1] as Double?).map { Int($0 * 2) }]
            }
        }
        #expect(rows == [[nil, nil], [nil, 2], [7, nil], [8, 5]])
    }
    @Test func theServersOtherNumbersAndNamesAreRead() async throws {
        let sql = "SELECT 1::int2, 2::int4, 0.5::float4, 'a'::varchar, 'b'::name, true, false, 3, NULL::text AS nothing"
        let text = try await ThingDatabase().database.read { connection in
            try connection.first(sql) {
                let isNothing = ($0["nothing"] as String?) == nil
                return """
                    \($0[0] as Int) \($0[1] as Int) \($0[2] as Double) \($0[3] as String) \($0[4] as String) \($0[5] as Bool) \
                    \($0[6] as Bool) \($0[7] as Double) \(isNothing)
                    """
            }
        }
        #expect(text == "1 2 0.5 a b true false 3.0 true")
    }
    @Test func idsAreOrderedAsTheirLowerCaseTextIs() async throws {
        let ids = (0..<200).map { _ in UUID() }
        let found: [UUID] = try await ThingDatabase().database.write { connection in
            for id in ids { try connection.execute("INSERT INTO thing (id) VALUES (?)", [id]) }
            return try connection.rows("SELECT id FROM thing ORDER BY id", []) { $0[0] }
        }
        #expect(found.map(\.uuidString) == ids.map(\.uuidString).sorted())
    }
    @Test func aStatementMayHaveManyArgumentsButNotMoreThanTheProtocolCounts() async throws {
        func count(_ arguments: Int) async throws -> Int? {
            let places = Array(repeating: "?", count: arguments).joined(separator: ",")
            return try await ThingDatabase().database.read {
                try $0.value("SELECT count(*) FROM thing WHERE number IN (\(places))", Array(0..<arguments))
            }
        }
        #expect(try await count(5000) == 0)
        await #expect {
            try await count(70_000)
        } throws: { error in
            (error as? SQLError)?.kind == .refused
        }
    }
}

struct PlaceholderTests {
    @Test(
        arguments: [
            ("a = ? AND b = ?", "a = $1 AND b = $2"), ("'?' || ?", "'?' || $1"), ("\"?\" = ?", "\"?\" = $1"),
            ("-- what?\n?", "-- what?\n$1"), ("-- what?\r\n? -- ?", "-- what?\r\n$1 -- ?"), ("a - ?", "a - $1"),
            ("'it''s ?' ?", "'it''s ?' $1"), ("'é?'?", "'é?'$1"), ("? /* ? '*/ ? /* ?", "$1 /* ? '*/ $2 /* ?"),
            ("a / ? * ?", "a / $1 * $2"), ("'open ?", "'open ?"),
            ("?,?,?,?,?,?,?,?,?,?", "$1,$2,$3,$4,$5,$6,$7,$8,$9,$10"),
            ("'\\' ?", "'\\' $1"), ("", ""),
        ])
    func questionMarksAreNumbered(written: String, wanted: String) {
        #expect(Placeholders.numbered(written) == wanted)
    }
}
