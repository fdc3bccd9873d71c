import Foundation
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
        func value(_ column: String) -> FieldValue? {
            switch column {
            case "id": .id(id)
            case "name": name.map { .text($0) }
            case "number": number.map { .integer($0) }
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

    private static func random(_ column: String) -> FieldValue {
        switch column {
        case "id": .id(ids.randomElement()!)
        case "name": .text(texts.randomElement()!)
        case "number": .integer((-3...3).randomElement()!)
        default: .time(times.randomElement()!)
        }
    }
    private static func randomCondition() -> Condition<Sample> {
        let column = ["id", "name", "number", "time"].randomElement()!
        let comparisons: [Comparison] =
            switch column {
            case "name": [.equal, .isIn, .contains, .isNull]
            case "id": [.equal, .isIn, .atLeast, .below]
            default: [.equal, .isIn, .atLeast, .below, .isNull]
            }
        let comparison = comparisons.randomElement()!
        let count =
            switch comparison {
            case .isNull: 0
            case .isIn: (0...3).randomElement()!
            default: 1
            }
        return Condition(column, comparison, (0..<count).map { _ in random(column) })
    }

    @Test func whatADatabaseFindsIsWhatHoldsInMemory() async throws {
        let fixture = try await TemporaryStore(), store = fixture.store
        let samples =
            (0..<60).map { _ in
                Sample(
                    id: UUID(), name: Self.texts.randomElement()!, number: (-3...3).randomElement()!,
                    time: Self.times.randomElement()!)
            }
            + Self.ids.map { Sample(id: $0, name: nil, number: nil, time: nil) }
        try await store.write { connection in
            let type = connection.dialect
            try connection.script(
                """
                CREATE TABLE sample (
                    id \(type.id) NOT NULL PRIMARY KEY, name TEXT, number \(type.integer), time \(type.integer))
                """)
            for sample in samples {
                try connection.execute(
                    "INSERT INTO sample (id, name, number, time) VALUES (?, ?, ?, ?)",
                    [sample.id, sample.name, sample.number, sample.time.map(Milliseconds.nearest)])
            }
        }
        for _ in 0..<400 {
            let filter = Filter<Sample>(
                accountID: nil, (0..<(1...3).randomElement()!).map { _ in Self.randomCondition() })
            let clauses = filter.clauses()
            let found: [UUID] = try await store.read {
                try $0.rows("SELECT id FROM sample\(clauses.sql)", clauses.arguments) { $0[0] }
            }
            let held = samples.filter { filter.matches($0.value) }.map(\.id)
            #expect(Set(found) == Set(held), "\(filter.conditions)")
        }
        withExtendedLifetime(fixture) {}
    }
}
