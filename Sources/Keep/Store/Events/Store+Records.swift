public import Foundation
import JSON
public import Records
import SQL

// Records in their order, for those who follow them.
extension Store {
    /// Numbers that are looked through at once.
    static let recordSpan: Int64 = 2000
    /// What events may have together, as they are stored, that are held for somebody until he takes them; one alone may be larger.
    static let recordBytes = 128 << 10
    /// Reads of records at once: who asks for something else finds a connection.
    static let recordReadLimit = 2

    /// The number of the latest record that was ever given in a scope's numbers; 0 before the first.
    public func lastRecord(of scope: RecordScope) async throws -> Int64 {
        try await read { try $0.lastNumber(of: scope) }
    }

    /// What follows on a place in a scope. Numbers have no gap, so one that is not there was removed.
    ///
    /// A change wakes all who follow an account, so those who stand at the same place share what they read: first a glance at the account's
    /// numbers, and only whoever has something there reads it.
    /// - Parameter place: 0 begins at the beginning; one behind the latest record finds nothing.
    public func records(of scope: RecordScope, after place: Int64, limit: Int = 200) async throws -> RecordPortion {
        while true {
            let glance = try await glances.answer(to: RecordPlace(account: scope.account, place: place)) {
                try await self.recordTurns.take { try await self.glance(at: scope, after: place) }
            }
            let isLast = glance.end == glance.last
            if glance.isExpired {
                return RecordPortion(expired: place + 1...glance.end, end: glance.end, isLast: isLast)
            }
            guard glance.holdsAnything(for: scope) else { return RecordPortion(end: glance.end, isLast: isLast) }
            let question = RecordQuestion(scope: scope, place: place, end: glance.end, limit: limit)
            let records = try await recordReads.answer(to: question) {
                try await self.recordTurns.take { try await self.readRecords(question) }
            }
            // Something of it was removed meanwhile.
            guard let records else { continue }
            let end = records.isCut ? records.all.last?.place ?? glance.end : glance.end
            return RecordPortion(records: records.all, end: end, isLast: end == glance.last)
        }
    }
    private func glance(at scope: RecordScope, after place: Int64) async throws -> RecordGlance {
        try await read { connection in
            let last = try connection.lastNumber(of: scope)
            guard place < last else { return RecordGlance(last: place, end: place) }
            let query = RecordQueries(scope)
            let found: [(number: Int64, stream: UUID?, isNotice: Bool)] = try connection.rows(
                query.numbers.sql, query.arguments + [place, min(last, place + Self.recordSpan)]
            ) { ($0[0], $0[1], $0[2]) }
            guard found.first?.number == place + 1 else {
                let first: Int64? = try connection.value(query.first.sql, query.arguments + [place])
                return RecordGlance(last: last, end: min(first ?? .max, last + 1) - 1, isExpired: true)
            }
            let whole = zip(found, place + 1...last).prefix { $0.number == $1 }.map(\.0)
            return RecordGlance(
                last: last, end: place + Int64(whole.count), streams: Set(whole.compactMap(\.stream)),
                hasNotices: whole.contains(where: \.isNotice))
        }
    }
    /// - Returns: `nil` when not all numbers are there any longer.
    private func readRecords(_ question: RecordQuestion) async throws -> ReadRecords? {
        let scope = question.scope, range: [any Bindable] = [question.place, question.end]
        return try await read { connection in
            let query = RecordQueries(scope)
            let count: Int64? = try connection.value(query.count.sql, query.arguments + range)
            guard count == question.end - question.place else { return nil }
            var limit = question.limit
            if scope.isOfEvents {
                let sizes: [Int] = try connection.rows(query.sizes.sql, query.ownArguments + range + [limit]) { $0[0] }
                limit = min(limit, Self.count(of: sizes, within: Self.recordBytes))
            }
            let all = try connection.rows(query.portion.sql, query.ownArguments + range + [limit]) {
                try FollowedRecord(row: $0, of: scope)
            }
            return ReadRecords(all: all, isCut: all.count == limit)
        }
    }
    /// How many may be had together; one at least.
    private static func count(of sizes: [Int], within bound: Int) -> Int {
        var total = 0
        return max(
            1,
            sizes.prefix { size in
                total += size
                return total <= bound
            }.count)
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

/// Where those stand who follow an account, or all of them.
struct RecordPlace: Hashable, Sendable {
    let account: UUID?
    let place: Int64
}
/// What lies behind a place, as far as everybody who stands there needs to know it.
struct RecordGlance: Sendable {
    /// The latest number; the place itself when nothing is behind it.
    let last: Int64
    /// Up to here the numbers are there one after the other, or are all gone.
    let end: Int64
    var isExpired = false
    /// What is of no stream is not among them.
    var streams: Set<UUID> = []
    var hasNotices = false

    fileprivate func holdsAnything(for scope: RecordScope) -> Bool {
        switch scope {
        case .stream(let stream, _): streams.contains(stream)
        case .account, .everything: hasNotices
        }
    }
}
/// What a reader of records wants to have: up to `end`, whose numbers are all there.
struct RecordQuestion: Hashable, Sendable {
    let scope: RecordScope
    let place, end: Int64
    let limit: Int
}
struct ReadRecords: Sendable {
    let all: [FollowedRecord]
    /// Whether there may be more up to the end.
    let isCut: Bool
}

extension Connection {
    fileprivate func lastNumber(of scope: RecordScope) throws -> Int64 {
        guard let account = scope.account else { return try value("SELECT last FROM record_counter") ?? 0 }
        return try value("SELECT last FROM event_counter WHERE account_id = ?", [account]) ?? 0
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
            // Records that are told to nobody are there without their event.
            join = "LEFT JOIN event ON event.id = record.event_id AND record.is_notice = 1"
        case .everything:
            (number, clause, ownClause) = ("number", "", "")
            (arguments, ownArguments) = ([], [])
            // Records that are told to nobody are there without their event.
            join = "LEFT JOIN event ON event.id = record.event_id AND record.is_notice = 1"
        }
    }
    var first: Query {
        query("SELECT \(number) FROM event_record WHERE \(clause)\(number) > ? ORDER BY \(number) LIMIT 1")
    }
    var count: Query { query("SELECT count(*) FROM event_record WHERE \(clause)\(number) > ? AND \(number) <= ?") }
    var numbers: Query {
        query(
            """
            SELECT \(number), stream_id, is_notice FROM event_record
            WHERE \(clause)\(number) > ? AND \(number) <= ? ORDER BY \(number)
            """)
    }
    /// What the events of `portion` have, in its order.
    var sizes: Query {
        query("SELECT coalesce(length(event.body), 0) FROM \(portionSource)")
    }
    var portion: Query {
        query(
            """
            SELECT record.\(number) AS place, record.event_id, record.phase, record.results, record.is_notice, event.*
            FROM \(portionSource)
            """)
    }
    private var portionSource: String {
        """
        event_record AS record \(join)
        WHERE \(ownClause)record.\(number) > ? AND record.\(number) <= ? ORDER BY record.\(number) LIMIT ?
        """
    }
    private func query(_ sql: String) -> Query { Query(sql, []) }
}

extension FollowedRecord {
    fileprivate init(row: Row, of scope: RecordScope) throws {
        guard let phase = EventRecord.Phase(rawValue: row["phase"]) else {
            throw StoreError.failed(reason: "an event record holds a phase that this version does not know")
        }
        let results: String? = row["results"], isNotice: Bool = row["is_notice"]
        // Where the event is wanted it was joined.
        let event = try (scope.isOfEvents ? isNotice : results == nil) ? StoredEvent(row: row) : nil
        self.init(
            place: row["place"], eventID: row["event_id"], phase: phase, isNotice: isNotice,
            results: results.map { JSONText(written: $0) } ?? JSONText(event?.results(of: phase) ?? .emptyObject),
            event: scope.isOfEvents ? event : nil)
    }
}

extension RecordScope {
    /// Whether those who follow it want the events themselves.
    fileprivate var isOfEvents: Bool { if case .stream = self { false } else { true } }
}
