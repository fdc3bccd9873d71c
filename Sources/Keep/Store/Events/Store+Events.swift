public import Foundation
import JSON
import ObjectStore
public import Records
import SQL
import Scene
import Synchronization

extension Store: EventLog {
    @discardableResult
    public func record(
        _ updates: [EventUpdate], deliveries: [Delivery], of stream: StreamDefinition
    ) async throws -> EventTicket? {
        try await record(updates, deliveries: deliveries, of: stream, at: .now)
    }
    /// As `EventLog` says. While the database takes nothing, events are on disk in the spool; or in memory, up to a bound, when the
    /// disk does not take them either; and at the bound the caller waits.
    /// - Parameter now: the time of the records.
    @discardableResult
    func record(
        _ updates: [EventUpdate], deliveries: [Delivery], of stream: StreamDefinition, at now: Date
    ) async throws -> EventTicket? {
        let pictures = await keepPictures(of: updates, account: stream.accountID, at: now)
        defer { tree.letGo(Array(pictures.keys)) }
        guard
            let batch = EventBatch(
                updates, deliveries: deliveries, of: stream, at: now, vault: vault, pictures: pictures)
        else { return nil }
        do {
            let taken = try await events.write(batch)
            await forgetPictures(replacedBy: batch, isStored: taken == .stored)
            return taken.ticket
        } catch let error as SQLError {
            if !pictures.isEmpty { tree.doubt() }
            throw StoreError(error)
        }
    }

    /// Stores an event that was made elsewhere, as `record` does, and returns when it is on disk.
    public func save(_ event: RawEvent, at now: Date = .now) async throws {
        do {
            guard let ticket = try await events.write(EventBatch(event, at: now, vault: vault)).ticket else { return }
            if await !events.untilDurable(ticket) { throw StoreError.unavailable(reason: "the event is not on disk") }
        } catch let error as SQLError { throw StoreError(error) }
    }

    /// Tells those of an event who are to be told of it, though it is not stored.
    public func report(_ event: RawEvent, at now: Date = .now) async throws {
        let dues = event.dues(isStored: false, vault: vault), time = Milliseconds.nearest(now)
        guard !dues.isEmpty else { return }
        try await write { connection in
            for due in dues {
                guard let report = due.report else { continue }
                try connection.insert(report, of: nil, byHandler: due.sourceID, in: due.lane, event.accountID, time)
            }
        }
    }

    public func untilDurable(_ ticket: EventTicket) async -> Bool { await events.untilDurable(ticket) }

    /// Calls of `record` that wait for a transaction.
    public var waitingEventWrites: Int { events.waitingCount }
    /// Calls of `record` that were taken while the database took nothing, and are not in it yet.
    public var spooledEventWrites: Int { events.spooledCount }
    /// Of these, the ones that are in memory alone, because the disk does not take them: a killed process loses them.
    public var eventWritesInMemory: Int { events.memoryCount }
    /// Calls of `record` that wait because neither database nor disk nor memory takes more.
    public var heldUpEventWrites: Int { events.heldUpCount }
    /// Calls of `record` that nothing took before their stream or the process ended.
    public var lostEventWrites: Int { events.lostCount }
    /// Pictures that there was no room for, so that their events are stored without.
    public var droppedPictures: Int { picturesDropped.load(ordering: .relaxed) }

    /// What happened to an account's events after record number `sequence`, in order: 0 begins at the beginning.
    public func events(
        account: UUID, afterSequence sequence: Int64 = 0, limit: Int = 1000
    ) async throws -> [EventRecord] {
        try await read { connection in
            try connection.rows(
                """
                SELECT record.sequence AS record_sequence, record.phase, record.time, event.*
                FROM event_record AS record JOIN event ON event.id = record.event_id
                WHERE record.account_id = ? AND record.sequence > ? ORDER BY record.sequence LIMIT ?
                """,
                [account, sequence, limit], EventRecord.init(row:))
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
    init(row: Row) throws {
        guard let state = State(rawValue: row["state"]) else {
            throw StoreError.failed(reason: "an event holds a value that this version does not know")
        }
        self.init(
            id: row["id"], accountID: row["account_id"], streamID: row["stream_id"], handlerID: row["handler_id"],
            type: row["type"], trackID: row["track_id"],
            begin: Instant(
                offset: MediaTime(nanoseconds: row["begin_offset"]), time: Milliseconds.date(row["begin_time"])),
            end: Instant(offset: MediaTime(nanoseconds: row["end_offset"]), time: Milliseconds.date(row["end_time"])),
            state: state, body: try JSONValue(stored: row["body"]))
    }
}
