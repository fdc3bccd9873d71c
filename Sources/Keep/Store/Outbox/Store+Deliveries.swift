public import Foundation
import JSON
public import Records
import SQL
import Sealing

// What people ask about deliveries, and what they do about dead letters.
extension Store {
    /// What was not delivered, the newest first.
    public func deliveries(
        _ filter: Filter<PendingDelivery>, page: Page = Page()
    ) async throws -> [PendingDelivery] {
        let query = Self.deliveriesQuery(filter, page: page)
        return try await read { [vault] connection in
            try connection.rows(query.sql, query.arguments) { try PendingDelivery(row: $0, vault: vault) }
        }
    }
    /// One of `account`, or of any account when that is `nil`.
    public func delivery(id: UUID, account: UUID?) async throws -> PendingDelivery? {
        let found = try await deliveries(Filter(accountID: account, [Condition("id", .equal, [.id(id)])])).first
        return found
    }
    /// How the reports of an event fare; `nil` when `account` has no such event, or nobody has when that is `nil`.
    public func deliveries(ofEvent event: UUID, account: UUID?) async throws -> ReportsStanding? {
        try await standing(
            Condition("event_id", .equal, [.id(event)]), account: account,
            Query(
                """
                SELECT account_id, coalesce(delivered.count, 0), delivered.last_time FROM event
                LEFT JOIN delivered ON delivered.event_id = event.id WHERE event.id = ?
                """, [event]))
    }
    /// How the reports of a job fare; `nil` when `account` has no such job, or nobody has when that is `nil`.
    public func deliveries(ofJob job: UUID, account: UUID?, at now: Date = .now) async throws -> ReportsStanding? {
        try await standing(
            Condition("job_id", .equal, [.id(job)]), account: account,
            Query(
                """
                SELECT account_id, delivered, last_delivery_time FROM job
                WHERE id = ? AND (expiry IS NULL OR expiry > ?)
                """, [job, Milliseconds.floor(now)]))
    }
    /// - Parameter source: gives whose it is, how many were delivered, and when the last was.
    private func standing(
        _ condition: Condition<PendingDelivery>, account: UUID?, _ source: Query
    ) async throws -> ReportsStanding? {
        let query = Self.deliveriesQuery(Filter(accountID: nil, [condition]), page: Page(size: 1000))
        return try await read { [vault] connection in
            let found: (owner: UUID, delivered: Int, last: Int64?)? = try connection.first(source.sql, source.arguments)
            {
                ($0[0], $0[1], $0[2])
            }
            guard let found, account == nil || account == found.owner else { return nil }
            let pending = try connection.rows(query.sql, query.arguments) { try PendingDelivery(row: $0, vault: vault) }
            return ReportsStanding(
                delivered: found.delivered, lastDeliveryTime: found.last.map(Milliseconds.date),
                pending: pending.reversed())
        }
    }

    /// Sends again: dead letters become due anew, and what is due is tried at once.
    /// - Returns: how many of the ids `account` has.
    @discardableResult
    public func redeliver(ids: [UUID], account: UUID, at now: Date = .now) async throws -> Int {
        let time = Milliseconds.nearest(now)
        return try await write { connection in
            var count = 0
            for id in ids {
                let lane: UUID? = try connection.value(
                    "SELECT lane_id FROM delivery WHERE id = ? AND account_id = ?", [id, account])
                guard let lane else { continue }
                try connection.execute(
                    "UPDATE delivery SET state = 'due', attempts = 0, due_time = ? WHERE id = ? AND state = 'dead'",
                    [time, id])
                try connection.execute("UPDATE lane SET failures = 0, next_time = ? WHERE id = ?", [time, lane])
                count += 1
            }
            if count > 0 { connection.changed(.deliveries) }
            return count
        }
    }
    /// Gives a report up for good. Returns false when `account` has no such delivery.
    public func deleteDelivery(id: UUID, account: UUID, at now: Date = .now) async throws -> Bool {
        try await write { connection in
            let lane: UUID? = try connection.value(
                "SELECT lane_id FROM delivery WHERE id = ? AND account_id = ?", [id, account])
            guard let lane else { return false }
            try connection.execute("DELETE FROM delivery WHERE id = ?", [id])
            if try !connection.isAnythingDue(in: lane) {
                try connection.advance(lane: lane, at: Milliseconds.nearest(now))
            }
            return true
        }
    }

    /// Removes dead letters that became due before `bound`, and lanes that hold nothing and whose stream, job or handler is gone.
    /// - Returns: how many letters were removed.
    @discardableResult
    public func deleteDeadLetters(before bound: Date) async throws -> Int {
        let count = try await deleteInPortions(
            Query(
                """
                DELETE FROM delivery WHERE sequence IN (
                    SELECT sequence FROM delivery WHERE state = 'dead' AND due_time < ? ORDER BY due_time LIMIT ?)
                """, [Milliseconds.bound(bound), Self.deletionLimit]))
        _ = try await write {
            try $0.execute(
                """
                DELETE FROM lane WHERE next_time IS NULL
                    AND NOT EXISTS (SELECT 1 FROM delivery WHERE lane_id = lane.id)
                    AND NOT EXISTS (SELECT 1 FROM stream WHERE stream.id = lane.source_id)
                    AND NOT EXISTS (SELECT 1 FROM job WHERE job.id = lane.source_id)
                    AND NOT EXISTS (SELECT 1 FROM handler WHERE handler.id = lane.source_id)
                """)
        }
        return count
    }

    /// How much is in the outbox.
    public func outboxLevel() async throws -> OutboxLevel {
        try await read { connection in
            func count(_ state: String) throws -> Int {
                try connection.value("SELECT count(*) FROM delivery WHERE state = ?", [state]) ?? 0
            }
            let oldest: Int64? = try connection.value(
                "SELECT due_time FROM delivery WHERE state = 'due' ORDER BY due_time LIMIT 1")
            return OutboxLevel(
                due: try count("due"), dead: try count("dead"), oldestDueTime: oldest.map(Milliseconds.date))
        }
    }

    static func deliveriesQuery(_ filter: Filter<PendingDelivery>, page: Page) -> Query {
        var filter = filter
        // States lead the index of an account's, and of all accounts'.
        if filter.conditions.isEmpty {
            filter.require(.states, PendingDelivery.State.allCases.map { .text($0.rawValue) })
        }
        let clauses = filter.clauses()
        return Query(
            """
            SELECT delivery.id, delivery.account_id, delivery.stream_id, delivery.event_id, delivery.lane_id,
                lane.callback, delivery.state, delivery.attempts, delivery.last_error, delivery.last_attempt_time,
                lane.next_time, delivery.create_time, delivery.due_time, delivery.number, delivery.job_id,
                delivery.handler_id
            FROM delivery JOIN lane ON lane.id = delivery.lane_id WHERE delivery.sequence IN (
                SELECT sequence FROM delivery\(clauses.sql) ORDER BY +sequence DESC LIMIT ? OFFSET ?)
            ORDER BY delivery.sequence DESC
            """, clauses.arguments + [page.limit, page.offset])
    }
}

extension PendingDelivery {
    fileprivate init(row: Row, vault: Vault) throws {
        guard let state = State(rawValue: row[6]) else {
            throw StoreError.failed(reason: "a delivery holds a state that this version does not know")
        }
        let lane: UUID = row[4]
        func time(_ column: Int) -> Date? { (row[column] as Int64?).map(Milliseconds.date) }
        self.init(
            id: row[0], accountID: row[1],
            subject: try ReportSubject(event: row[3], stream: row[2], job: row[14], handler: row[15]),
            callback: try JSONValue(stored: vault.text(row[5], at: .callback(ofLane: lane))), number: row[13],
            state: state, attempts: row[7], lastError: row[8], lastAttemptTime: time(9),
            nextAttemptTime: state == .due ? time(10) : nil, createTime: Milliseconds.date(row[11]),
            dueTime: Milliseconds.date(row[12]))
    }
}

extension ReportSubject {
    /// Of the columns of a row.
    init(event: UUID?, stream: UUID?, job: UUID?, handler: UUID?) throws {
        if let job {
            self = .job(job)
        } else if let handler {
            self = .generated(event: event, byHandler: handler)
        } else if let event, let stream {
            self = .event(event, ofStream: stream)
        } else {
            throw StoreError.failed(reason: "a delivery tells of nothing")
        }
    }
}
