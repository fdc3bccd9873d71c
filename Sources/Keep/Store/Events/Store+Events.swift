public import Foundation
import GRDB
public import JSON
public import Records
public import Scene

extension Store {
    /// As `EventLog` says.
    /// - Parameter now: the time of the records.
    func record(
        _ updates: [EventUpdate], deliveries: [Delivery], of stream: StreamDefinition, at now: Date
    ) async throws {
        let changes = updates.filter { $0.change != .continued }.map { update in
            let body = update.event.wire(stream: stream.id, account: stream.accountID, location: stream.location)
            return EventWriter.Batch.Change(
                event: update.event, isClosing: update.change == .closed, body: body.text)
        }
        guard !changes.isEmpty else { return }
        do {
            try await events.write(
                EventWriter.Batch(
                    streamID: stream.id, accountID: stream.accountID, changes: changes, deliveries: deliveries),
                at: now)
        } catch let error as DatabaseError {
            throw StoreError.failed(reason: error.message ?? "\(error.resultCode)")
        }
    }

    /// Calls of `record` that wait for a transaction.
    public var waitingEventWrites: Int { events.waitingCount }

    /// What happened to an account's events after record number `sequence`, in order: 0 begins at the beginning.
    public func events(
        account: UUID, afterSequence sequence: Int64 = 0, limit: Int = 1000
    ) async throws -> [EventRecord] {
        try await read { database in
            try Row.fetchAll(
                database,
                sql: """
                    SELECT record.sequence AS record_sequence, record.phase, record.time, event.*
                    FROM event_record AS record JOIN event ON event.id = record.event_id
                    WHERE record.account_id = ? AND record.sequence > ? ORDER BY record.sequence LIMIT ?
                    """,
                arguments: [account, sequence, limit]
            ).map(EventRecord.init(row:))
        }
    }

    /// After a start, when nothing runs yet: streams that an earlier process left running go through `restart` to
    /// `pending`, each step logged, and the events it left open end as interrupted.
    public func recoverFromUncleanStop(at now: Date) async throws {
        try await write { database in
            for status in [StreamStatus.inProgress, .restart] {
                let rows = try Row.fetchAll(
                    database, sql: "SELECT id, account_id FROM stream WHERE status = ? ORDER BY sequence",
                    arguments: [status.rawValue])
                for row in rows {
                    let steps: [StreamStatus] = status == .inProgress ? [.restart, .pending] : [.pending]
                    for step in steps {
                        try database.setStatus(
                            step, ofStream: row["id"], account: row["account_id"], error: nil, isFatal: false, at: now)
                    }
                }
            }
            let open = try Row.fetchAll(
                database, sql: "SELECT id, account_id FROM event WHERE state = 'open' ORDER BY sequence")
            for row in open {
                try database.execute(
                    sql: "UPDATE event SET state = 'interrupted' WHERE id = ?", arguments: [row["id"] as UUID])
                try database.appendRecord(.finished, event: row["id"], account: row["account_id"], at: now)
            }
        }
    }
}

extension EventRecord {
    fileprivate init(row: Row) throws {
        guard let phase = Phase(rawValue: row["phase"]) else {
            throw StoreError.failed(reason: "an event record holds a phase that this version does not know")
        }
        self.init(
            sequence: row["record_sequence"], phase: phase, time: Milliseconds.date(row["time"]),
            event: try StoredEvent(row: row))
    }
}
extension StoredEvent {
    fileprivate init(row: Row) throws {
        guard let state = State(rawValue: row["state"]) else {
            throw StoreError.failed(reason: "an event holds a value that this version does not know")
        }
        self.init(
            id: row["id"], accountID: row["account_id"], streamID: row["stream_id"], type: row["type"],
            trackID: row["track_id"],
            begin: Instant(
                offset: MediaTime(nanoseconds: row["begin_offset"]), time: Milliseconds.date(row["begin_time"])),
            end: Instant(offset: MediaTime(nanoseconds: row["end_offset"]), time: Milliseconds.date(row["end_time"])),
            state: state, body: try JSONValue(stored: row["body"]))
    }
}
