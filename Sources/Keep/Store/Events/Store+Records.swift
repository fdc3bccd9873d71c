public import Foundation
import JSON
public import Records
import SQL

// Records in their order, for those who follow them.
extension Store {
    /// Numbers that are looked through at once.
    static let recordSpan: Int64 = 2000

    /// The number of the latest record that was ever given in a scope's numbers; 0 before the first.
    public func lastRecord(of scope: RecordScope) async throws -> Int64 {
        try await read { try $0.lastNumber(of: scope) }
    }

    /// What follows on a place in a scope. Numbers have no gap, so one that is not there was removed. Those who stand at the same
    /// place share one read.
    /// - Parameter place: 0 begins at the beginning; one behind the latest record finds nothing.
    public func records(of scope: RecordScope, after place: Int64, limit: Int = 200) async throws -> RecordPortion {
        try await recordReads.answer(to: RecordQuestion(scope: scope, place: place, limit: limit)) {
            try await self.readRecords(of: scope, after: place, limit: limit)
        }
    }
    private func readRecords(of scope: RecordScope, after place: Int64, limit: Int) async throws -> RecordPortion {
        try await read { connection in
            let last = try connection.lastNumber(of: scope)
            guard place < last else { return RecordPortion(end: place, isLast: true) }
            let all = RecordQueries(scope)
            let first: Int64? = try connection.value(all.first.sql, all.arguments + [place])
            guard first == place + 1 else {
                let end = min(first ?? .max, last + 1) - 1
                return RecordPortion(expired: place + 1...end, end: end, isLast: end == last)
            }
            let end = try connection.endOfWhole(all, after: place, upTo: min(last, place + Self.recordSpan))
            let records = try connection.rows(
                all.portion.sql, all.ownArguments + [place, end, limit]
            ) { try FollowedRecord(row: $0, of: scope) }
            let isCut = records.count == limit
            let read = isCut ? records.last?.place ?? end : end
            return RecordPortion(records: records, end: read, isLast: read == last)
        }
    }

    /// Events of a stream that go on, and whose beginning is not behind a place.
    public func openEvents(ofStream stream: UUID, startedUpTo place: Int64) async throws -> Set<UUID> {
        let ids: [UUID] = try await read {
            try $0.rows(
                """
                SELECT id FROM event WHERE state = 'open' AND stream_id = ? AND EXISTS (
                    SELECT 1 FROM event_record
                    WHERE event_id = event.id AND event_record.stream_id = ? AND phase = 'started' AND sequence <= ?)
                """, [stream, stream, place]
            ) { $0[0] }
        }
        return Set(ids)
    }
}

/// What a reader of records wants to know.
struct RecordQuestion: Hashable, Sendable {
    let scope: RecordScope
    let place: Int64
    let limit: Int
}

extension Connection {
    fileprivate func lastNumber(of scope: RecordScope) throws -> Int64 {
        guard let account = scope.account else { return try value("SELECT last FROM record_counter") ?? 0 }
        return try value("SELECT last FROM event_counter WHERE account_id = ?", [account]) ?? 0
    }
    /// Where the numbers behind a place, the first of which is there, cease to be there one after the other.
    fileprivate func endOfWhole(_ all: RecordQueries, after place: Int64, upTo end: Int64) throws -> Int64 {
        let count: Int64? = try value(all.count.sql, all.arguments + [place, end])
        if count == end - place { return end }
        let numbers: [Int64] = try rows(all.numbers.sql, all.arguments + [place, end]) { $0[0] }
        return place + Int64(zip(numbers, place + 1...end).prefix { $0 == $1 }.count)
    }
}

/// The statements of a scope, apart from their execution so that a test can ask the database how it would run them.
struct RecordQueries {
    /// What finds all records whose numbers the scope speaks of; what finds those of the scope.
    let arguments, ownArguments: [any Bindable]
    private let number, clause, ownClause, join: String

    init(_ scope: RecordScope) {
        switch scope {
        case .stream(let stream, let account):
            (number, clause, ownClause) = ("sequence", "account_id = ? AND ", "record.stream_id = ? AND ")
            (arguments, ownArguments) = ([account], [stream])
            // The event is wanted only where the record does not remember what it was told by.
            join = "LEFT JOIN event ON event.id = record.event_id AND record.results IS NULL"
        case .account(let account):
            (number, clause, ownClause) = ("sequence", "account_id = ? AND ", "record.account_id = ? AND ")
            (arguments, ownArguments) = ([account], [account])
            join = "JOIN event ON event.id = record.event_id"
        case .everything:
            (number, clause, ownClause) = ("number", "", "")
            (arguments, ownArguments) = ([], [])
            join = "JOIN event ON event.id = record.event_id"
        }
    }
    var first: Query {
        query("SELECT \(number) FROM event_record WHERE \(clause)\(number) > ? ORDER BY \(number) LIMIT 1")
    }
    var count: Query { query("SELECT count(*) FROM event_record WHERE \(clause)\(number) > ? AND \(number) <= ?") }
    var numbers: Query {
        query(
            "SELECT \(number) FROM event_record WHERE \(clause)\(number) > ? AND \(number) <= ? ORDER BY \(number)")
    }
    var portion: Query {
        query(
            """
            SELECT record.\(number) AS place, record.event_id, record.phase, record.results, record.is_notice, event.*
            FROM event_record AS record \(join)
            WHERE \(ownClause)record.\(number) > ? AND record.\(number) <= ? ORDER BY record.\(number) LIMIT ?
            """)
    }
    private func query(_ sql: String) -> Query { Query(sql, []) }
}

extension FollowedRecord {
    fileprivate init(row: Row, of scope: RecordScope) throws {
        guard let phase = EventRecord.Phase(rawValue: row["phase"]) else {
            throw StoreError.failed(reason: "an event record holds a phase that this version does not know")
        }
        let results: String? = row["results"]
        var event: StoredEvent?
        if results == nil || scope.isOfEvents { event = try StoredEvent(row: row) }
        self.init(
            place: row["place"], eventID: row["event_id"], phase: phase, isNotice: row["is_notice"],
            results: results.map { JSONText(written: $0) } ?? JSONText(event?.results(of: phase) ?? .emptyObject),
            event: scope.isOfEvents ? event : nil)
    }
}

extension RecordScope {
    /// Whether those who follow it want the events themselves.
    fileprivate var isOfEvents: Bool { if case .stream = self { false } else { true } }
}
