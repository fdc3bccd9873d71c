import Foundation
import JSON
import KeepSupport
import Records
import SQL
import Testing

@testable import Store

/// A condition means the same in a database as in memory.
@Suite(.onEachBackend) struct ConditionTests {
    private struct Sample: Sendable {
        let id: UUID
        let name: String?
        let number: Int?
        let time: Date?
        let real: Double?
        let tags: [String]?
        /// An object with the members `text`, `number`, `deep.list`, each of which may be missing.
        let document: JSONValue?
        func value(_ column: String) -> FieldValue? {
            switch column {
            case "id": .id(id)
            case "name": name.map { .text($0) }
            case "number": number.map { .integer($0) }
            case "real": real.map { .number($0) }
            case "tags": tags.map { .text(TextList.joined($0)) }
            default: time.map { .time($0) }
            }
        }
    }
    /// Equal to one another here and there, also where Unicode or letter case could make them so.
    private static let texts = [
        "", "a", "A", "ab", "B", "%", "_", "a_b", "50 %", "\\", "é", "e\u{301}", "'", "Straße", "🙂",
    ]
    private static let ids = (0..<8).map { _ in UUID() }
    private static let times = (0..<8).map { TemporaryStore.noon.addingTimeInterval(Double($0) / 1000) }

    private static let columns: [(name: String, path: [String], comparisons: [Comparison])] = {
        let ordered: [Comparison] = [
            .equal, .notEqual, .isIn, .isNotIn, .atLeast, .below, .above, .atMost, .isNull,
        ]
        let texts: [Comparison] = [.equal, .notEqual, .isIn, .isNotIn, .contains, .lacks, .isNull]
        return [
            ("id", [], [.equal, .notEqual, .isIn, .isNotIn, .atLeast, .below]), ("name", [], texts),
            ("number", [], ordered), ("time", [], ordered), ("real", [], ordered),
            ("tags", [], [.hasAll, .hasAny, .isNull]), ("document", ["text"], texts), ("document", ["number"], ordered),
            ("document", ["deep", "list"], [.hasAll, .hasAny, .isNull]),
        ]
    }()

    private static func random(_ column: String) -> FieldValue {
        switch column {
        case "id": .id(ids.randomElement()!)
        case "name", "tags", "text", "list": .text(texts.randomElement()!)
        case "number": Bool.random() ? .integer((-3...3).randomElement()!) : .number(0.5)
        case "real": .number(Double((-3...3).randomElement()!) / 2)
        default: .time(times.randomElement()!)
        }
    }
    private static func randomCondition() -> Condition<Sample> {
        let (column, path, comparisons) = columns.randomElement()!
        let comparison = comparisons.randomElement()!
        let count =
            switch comparison {
            case .isNull: 0
            case .isIn, .isNotIn, .hasAll, .hasAny: (0...3).randomElement()!
            default: 1
            }
        var values = (0..<count).map { _ in random(path.last ?? column) }
        let allowsNull: [Comparison] = [.equal, .notEqual, .isIn, .isNotIn, .hasAny]
        if !values.isEmpty, allowsNull.contains(comparison), Int.random(in: 0..<5) == 0 { values[0] = .null }
        return Condition(column, path: path, comparison, values)
    }
    private static func randomDocument() -> JSONValue? {
        var members: [String: JSONValue] = [:]
        if Bool.random() { members["text"] = [JSONValue.string(texts.randomElement()!), 3, .null].randomElement()! }
        if Bool.random() { members["number"] = [JSONValue.integer(1), 0.5, -2, .null].randomElement()! }
        if Bool.random() {
            members["deep"] = ["list": .array((0...2).map { _ in .string(texts.randomElement()!) })]
        }
        return Int.random(in: 0..<4) == 0 ? nil : .object(members)
    }

    private static func randomSample() -> Sample {
        let tags = (0..<Int.random(in: 0...3)).map { _ in texts.randomElement()! }
        return Sample(
            id: UUID(), name: texts.randomElement()!, number: Int.random(in: -3...3), time: times.randomElement()!,
            real: Double(Int.random(in: -3...3)) / 2, tags: tags, document: randomDocument())
    }

    @Test func whatADatabaseFindsIsWhatHoldsInMemory() async throws {
        let fixture = try await TemporaryStore(), store = fixture.store
        let samples =
            (0..<60).map { _ in Self.randomSample() }
            + Self.ids.map {
                Sample(id: $0, name: nil, number: nil, time: nil, real: nil, tags: nil, document: nil)
            }
        try await store.write { connection in
            let type = connection.dialect
            try connection.script(
                """
                CREATE TABLE sample (
                    id \(type.id) NOT NULL PRIMARY KEY, name TEXT, number \(type.integer), time \(type.integer),
                    real \(type.real), tags TEXT, document TEXT)
                """)
            for sample in samples {
                try connection.execute(
                    "INSERT INTO sample (id, name, number, time, real, tags, document) VALUES (?, ?, ?, ?, ?, ?, ?)",
                    [
                        sample.id, sample.name, sample.number, sample.time.map(Milliseconds.nearest), sample.real,
                        sample.tags.map(TextList.joined), sample.document?.text,
                    ])
            }
        }
        for _ in 0..<1000 {
            let filter = Filter<Sample>(
                accountID: nil, (0..<(1...3).randomElement()!).map { _ in Self.randomCondition() })
            let clauses = filter.clauses(store.database.dialect)
            let found: [UUID] = try await store.read {
                try $0.rows("SELECT id FROM sample\(clauses.sql)", clauses.arguments) { $0[0] }
            }
            let held = samples.filter { sample in
                filter.matches(sample.value, document: { _ in sample.document })
            }.map(\.id)
            #expect(Set(found) == Set(held), "\(filter.conditions)")
        }
        withExtendedLifetime(fixture) {}
    }
}
