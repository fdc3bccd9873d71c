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
    public func deliveries(ofEvent event: UUID, account: UUID?) async throws -> EventDeliveries? {
        let query = Self.deliveriesQuery(
            Filter(accountID: nil, [Condition("event_id", .equal, [.id(event)])]), page: Page(size: 1000))
        return try await read { [vault] connection in
            let owner: UUID? = try connection.value("SELECT account_id FROM event WHERE id = ?", [event])
            guard let owner, account == nil || account == owner else { return nil }
            let delivered: (Int, Int64)? = try connection.first(
                "SELECT count, last_time FROM delivered WHERE event_id = ?", [event]
            ) { ($0[0], $0[1]) }
            let pending = try connection.rows(query.sql, query.arguments) { try PendingDelivery(row: $0, vault: vault) }
            return EventDeliveries(
                delivered: delivered?.0 ?? 0, lastDeliveryTime: delivered.map { Milliseconds.date($0.1) },
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

    /// Removes dead letters that became due before `bound`, and lanes that hold nothing and whose stream is gone.
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
                    AND NOT EXISTS (SELECT 1 FROM stream WHERE stream.id = lane.stream_id)
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
                lane.next_time, delivery.create_time, delivery.due_time, delivery.number
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
            id: row[0], accountID: row[1], streamID: row[2], eventID: row[3],
            callback: try JSONValue(stored: vault.text(row[5], at: .callback(ofLane: lane))), number: row[13],
            state: state,
            attempts: row[7], lastError: row[8], lastAttemptTime: time(9),
            nextAttemptTime: state == .due ? time(10) : nil, createTime: Milliseconds.date(row[11]),
            dueTime: Milliseconds.date(row[12]))
    }
}
