public import Foundation
import JSON
public import Records
import SQL
import Sealing

// What the courier asks: which lanes have something due, what it is, and where to write what became of it.
extension Store {
    /// Lanes whose first report may be sent at `now`, in the order in which they may.
    /// - Parameter last: only those behind this one.
    public func dueLanes(at now: Date, after last: DueLane? = nil, limit: Int = 1000) async throws -> [DueLane] {
        let query = Self.dueLanesQuery(at: now, after: last, limit: limit)
        return try await read {
            try $0.rows(query.sql, query.arguments) {
                DueLane(
                    id: $0[0], receiver: $0[1], time: Milliseconds.date($0[2]), hasFailed: ($0[3] as Int) > 0)
            }
        }
    }
    /// Lets the lanes that wait beyond `limit` be tried at `now`: whoever waits longer than anybody is made to saw the clock set back.
    public func recallLanes(beyond limit: Date, at now: Date) async throws {
        guard try await nextLaneTime(after: limit) != nil else { return }
        try await write {
            _ = try $0.execute(
                "UPDATE lane SET next_time = ? WHERE next_time > ?",
                [Milliseconds.nearest(now), Milliseconds.nearest(limit)])
        }
    }
    /// When the next lane may be tried after `now`; `nil` when none waits.
    public func nextLaneTime(after now: Date) async throws -> Date? {
        let query = Self.nextLaneTimeQuery(after: now)
        return try await read { (try $0.value(query.sql, query.arguments) as Int64?).map(Milliseconds.date) }
    }

    /// The first report that is due in a lane; `nil` when none is.
    public func nextLetter(of lane: UUID) async throws -> Letter? {
        let query = Self.nextLetterQuery(of: lane)
        return try await read { [vault] connection in
            try connection.first(query.sql, query.arguments) { row in
                let sealed: [UInt8] = row[4], id: UUID = row[7]
                let subject = try ReportSubject(event: row[2], stream: row[1], job: row[8], handler: row[10])
                let own: [UInt8]? = row[9]
                let body = own.map { try? vault.openText($0, at: .body(ofDelivery: id)) } ?? (row[3] as String?)
                // Half of it is of no use.
                let callback = body.flatMap { _ in
                    (try? vault.openText(sealed, at: .callback(ofLane: lane))).flatMap(Callback.init(stored:))
                }
                return Letter(
                    sequence: row[0], id: subject.eventID ?? id, lane: lane, subject: subject, callback: callback,
                    body: body.map(JSONText.init(written:)) ?? JSONText(.null), number: row[6], failures: row[5])
            }
        }
    }

    /// Writes what became of a letter, in a transaction that all who have something to say share.
    public func settle(_ letter: Letter, _ verdict: Verdict, at now: Date = .now) async throws {
        try await settle(
            Settlement(lane: letter.lane, letter: letter, verdict: verdict, time: Milliseconds.nearest(now)))
    }
    /// Says of a lane in which nothing was found to be due that nothing is, unless something came meanwhile.
    public func settle(lane: UUID, at now: Date = .now) async throws {
        try await settle(Settlement(lane: lane, letter: nil, verdict: .delivered, time: Milliseconds.nearest(now)))
    }
    private func settle(_ settlement: Settlement) async throws {
        do { try await settlements.write(settlement) } catch let error as SQLError { throw StoreError(error) }
    }
}

extension Store {
    static func dueLanesQuery(at now: Date, after last: DueLane?, limit: Int) -> Query {
        var clauses = Clauses()
        clauses.add("next_time <= ?", [Milliseconds.nearest(now)])
        if let last { clauses.add("(next_time, id) > (?, ?)", [Milliseconds.nearest(last.time), last.id]) }
        return Query(
            "SELECT id, receiver, next_time, failures FROM lane\(clauses.sql) ORDER BY next_time, id LIMIT ?",
            clauses.arguments + [limit])
    }
    static func nextLaneTimeQuery(after now: Date) -> Query {
        Query("SELECT next_time FROM lane WHERE next_time > ? ORDER BY next_time LIMIT 1", [Milliseconds.nearest(now)])
    }
    static func nextLetterQuery(of lane: UUID) -> Query {
        Query(
            """
            SELECT delivery.sequence, delivery.stream_id, delivery.event_id, event.body, lane.callback, lane.failures,
                delivery.number, delivery.id, delivery.job_id, delivery.body, delivery.handler_id
            FROM delivery JOIN lane ON lane.id = delivery.lane_id LEFT JOIN event ON event.id = delivery.event_id
            WHERE delivery.lane_id = ? AND delivery.state = 'due' ORDER BY delivery.sequence LIMIT 1
            """, [lane])
    }
}

/// What became of the first report of a lane.
struct Settlement: Sendable {
    let lane: UUID
    /// `nil`: there was none.
    let letter: Letter?
    let verdict: Verdict
    let time: Int64
}

extension Connection {
    /// Reports of one lane that are given up in one transaction at most.
    private static var expiryLimit: Int { 5000 }

    func apply(_ settlement: Settlement) throws {
        let (lane, time) = (settlement.lane, settlement.time)
        guard let letter = settlement.letter else { return try advance(lane: lane, at: time) }
        switch settlement.verdict {
        case .delivered:
            // It may have been removed meanwhile, with its event.
            if try execute("DELETE FROM delivery WHERE sequence = ?", [letter.sequence]) == 1 {
                try count(letter.subject, at: time)
            }
            try advance(lane: lane, at: time)
        case .dead(let reason):
            try note(reason, of: letter, at: time)
            try execute("UPDATE delivery SET state = 'dead' WHERE sequence = ?", [letter.sequence])
            try advance(lane: lane, at: time)
        case .postponed(let reason, let next, let expiry):
            try note(reason, of: letter, at: time)
            try execute(
                """
                UPDATE delivery SET state = 'dead', last_error = coalesce(last_error, ?) WHERE sequence IN (
                    SELECT sequence FROM delivery WHERE lane_id = ? AND state = 'due' AND due_time <= ?
                    ORDER BY sequence LIMIT ?)
                """, [reason, lane, Milliseconds.nearest(expiry), Self.expiryLimit])
            guard try isAnythingDue(in: lane) else { return try advance(lane: lane, at: time) }
            try execute(
                "UPDATE lane SET failures = failures + 1, next_time = ? WHERE id = ?",
                [Milliseconds.nearest(next), lane])
        }
    }
    /// Counts a report that was delivered. A job may be gone.
    private func count(_ subject: ReportSubject, at time: Int64) throws {
        if let id = subject.eventID {
            try execute(
                """
                INSERT INTO delivered (event_id, count, last_time) VALUES (?, 1, ?)
                ON CONFLICT (event_id) DO UPDATE SET count = delivered.count + 1, last_time = excluded.last_time
                """, [id, time])
        } else if let id = subject.jobID {
            try execute("UPDATE job SET delivered = delivered + 1, last_delivery_time = ? WHERE id = ?", [time, id])
        }
    }
    private func note(_ reason: String, of letter: Letter, at time: Int64) throws {
        try execute(
            "UPDATE delivery SET attempts = attempts + 1, last_error = ?, last_attempt_time = ? WHERE sequence = ?",
            [reason, time, letter.sequence])
    }
}
