import Foundation
import JSON
import Matching
import Records
import SQL
import Sealing
import Scene

/// What one call of `Store.record` brought, ready to be written: what happened to events, and what is due to callbacks.
struct EventBatch: Hashable, Sendable {
    struct Change: Hashable, Sendable {
        let id: UUID
        let type: String
        let begin, end: StoredEvent.Instant
        let isClosing: Bool
        let columns: EventColumns
        /// The event as a callback carries it.
        let body: String
        /// Those that it names.
        let pictures: [KeptPicture]
        /// Whether somebody is told of it as it is here.
        let isTold: Bool
        let retelling: Retelling?
        /// What whom it is about looks like, where whoever made the event said it.
        var descriptor: Descriptor?
    }
    struct Due: Hashable, Sendable {
        let eventID: UUID
        /// The stream where the event was seen; of a report of its own the handler that made it.
        let sourceID: UUID
        let lane: Lane
        /// Once the event has ended, should nobody see its end.
        var isAtEnd = false
        /// `nil`: the event is told as it is stored.
        var report: Report?
    }
    /// What is told of an event that a handler has made.
    struct Report: Hashable, Sendable {
        /// Of the delivery.
        let id: UUID
        /// Sealed.
        let body: [UInt8]
    }
    let accountID: UUID
    /// Where its events were seen; `nil`: elsewhere, whatever they say.
    let streamID: UUID?
    /// When it was decided, in milliseconds.
    let time: Int64
    private(set) var changes: [Change]
    let deliveries: [Due]
}

extension EventBatch {
    /// `nil` when none of the updates is durable.
    /// - Parameter pictures: those that are kept, by their ids; the events name no others.
    init?(
        _ updates: [EventUpdate], deliveries: [Delivery], of stream: StreamDefinition, at now: Date, vault: Vault,
        pictures: [UUID: KeptPicture] = [:]
    ) {
        let place = EventPlace(stream), handler = BuiltInHandler.id(of: stream.accountID)
        changes = updates.filter { $0.change != .continued }.map { update in
            let event = update.event
            let body = event.wire(at: place) { picture in
                pictures[picture.id].map { .link($0.kind.path(of: $0.id)) }
            }
            return Change(
                id: event.id, type: event.type,
                begin: StoredEvent.Instant(offset: event.begin.pts, time: event.begin.wallClock),
                end: StoredEvent.Instant(offset: event.end.pts, time: event.end.wallClock),
                isClosing: update.change == .closed,
                columns: EventColumns(handler: event.form == .generated ? handler : nil, body: body), body: body.text,
                pictures: event.pictures.compactMap { pictures[$0.id] }, isTold: update.isReported,
                retelling: update.retelling)
        }
        guard !changes.isEmpty else { return nil }
        (accountID, streamID, time) = (stream.accountID, stream.id, Milliseconds.nearest(now))
        self.deliveries = deliveries.map {
            Due(
                eventID: $0.eventID, sourceID: stream.id,
                lane: Lane($0.callback.wire.text, of: stream.id, vault: vault), isAtEnd: $0.isAtEnd)
        }
    }
}

extension EventBatch {
    /// An event that is whole.
    init(_ event: RawEvent, at now: Date, vault: Vault) {
        func instant(_ time: Date) -> StoredEvent.Instant {
            StoredEvent.Instant(offset: MediaTime(nanoseconds: 0), time: time)
        }
        let body = event.wire
        changes = [
            Change(
                id: event.id, type: RawEvent.type, begin: instant(event.begin), end: instant(event.end),
                isClosing: true, columns: EventColumns(handler: event.handlerID, body: body), body: body.text,
                pictures: [], isTold: true,
                retelling: Retelling(results: JSONText(.emptyObject), isNotice: event.isNotice),
                descriptor: event.descriptor)
        ]
        (accountID, streamID, time) = (event.accountID, nil, Milliseconds.nearest(now))
        deliveries = event.dues(isStored: true, vault: vault)
    }
}

extension RawEvent {
    /// What is due to those who are told of it.
    func dues(isStored: Bool, vault: Vault) -> [EventBatch.Due] {
        let body = JSONValue.object(["events": .array([generated(isStored: isStored)])]).text
        return callbacks.filter { $0.isEnabled && $0.kind.isSent }.map { callback in
            let id = UUID()
            return EventBatch.Due(
                eventID: self.id, sourceID: handlerID,
                lane: Lane(callback.wire.text, of: handlerID, vault: vault),
                report: EventBatch.Report(id: id, body: vault.seal(body, at: .body(ofDelivery: id))))
        }
    }
}

extension EventBatch {
    var hasDescriptors: Bool { changes.contains { $0.descriptor != nil } }
    /// For what a person is to look at, who need not know what anybody looks like.
    var withoutDescriptors: EventBatch {
        var copy = self
        for index in copy.changes.indices { copy.changes[index].descriptor = nil }
        return copy
    }
}

extension Connection {
    /// Writes a batch. Written twice, it is there once.
    /// - Parameter descriptors: those of events, in memory.
    func apply(_ batch: EventBatch, _ descriptors: DescriptorIndex) throws {
        var isNews = false
        for change in batch.changes {
            var hasPictures = false
            if try insert(change, of: batch) {
                hasPictures = true
                // Of an event whose opening was never told nobody knows what it would have said.
                try appendRecord(.started, of: change, batch, retelling: change.isClosing ? nil : change.retelling)
                isNews = true
            }
            if change.isClosing, try close(change, of: batch) {
                hasPictures = true
                try appendRecord(.finished, of: change, batch, retelling: change.retelling)
                isNews = true
            }
            if hasPictures { try keepPictures(of: change, batch) }
            try keepDescriptor(of: change, batch, descriptors)
        }
        // What is there already came with its deliveries.
        guard isNews else { return }
        for due in batch.deliveries { try insert(due, of: batch) }
    }

    /// Also for a closing whose opening was never told: no event is lost to that.
    private func insert(_ change: EventBatch.Change, of batch: EventBatch) throws -> Bool {
        let own: [any Bindable] = [
            change.id, batch.accountID, change.type, change.begin.offset.nanoseconds,
            Milliseconds.nearest(change.begin.time), change.end.offset.nanoseconds,
            Milliseconds.nearest(change.end.time), batch.time, change.body,
            !change.isClosing && change.retelling?.isNoticeAtEnd == true,
        ]
        return try execute(
            EventStatements.insertion, own + change.columns.lastingValues + change.columns.changingValues) == 1
    }
    /// Rows of its pictures. One that only stood until a better one came goes.
    private func keepPictures(of change: EventBatch.Change, _ batch: EventBatch) throws {
        for picture in change.pictures {
            try insert(
                StoredObject(
                    id: picture.id, accountID: batch.accountID, kind: picture.kind, contentType: picture.contentType,
                    size: picture.size, createTime: Milliseconds.date(batch.time),
                    expiry: picture.expiry.map(Milliseconds.date)), event: change.id, isTold: change.isTold)
        }
        guard change.isClosing else { return }
        let places = change.pictures.map { _ in "?" }.joined(separator: ",")
        _ = try removeObjects(
            where: "event_id = ? AND is_told = 0" + (places.isEmpty ? "" : " AND id NOT IN (\(places))"),
            [change.id] + change.pictures.map(\.id))
    }
    /// Also of a batch that is there already: nobody knows whether memory has it.
    private func keepDescriptor(
        of change: EventBatch.Change, _ batch: EventBatch, _ descriptors: DescriptorIndex
    ) throws {
        guard let descriptor = change.descriptor else { return }
        let found: Int64? = try value("SELECT sequence FROM event WHERE id = ?", [change.id])
        guard let subject = found else { return }
        let kept: Int64? = try value(
            "SELECT descriptor_id FROM event_descriptor WHERE event_sequence = ?", [subject])
        if let kept {
            try overwrite(kept, with: descriptor)
        } else {
            try execute(
                "INSERT INTO event_descriptor (event_sequence, account_id, descriptor_id) VALUES (?, ?, ?)",
                [subject, batch.accountID, try keep(descriptor)])
        }
        let quantised = QuantisedDescriptor(descriptor)
        afterCommit { descriptors.apply(.set(subject: subject, account: batch.accountID, quantised)) }
    }
    /// Also of an event that somebody has ended as interrupted while this waited: the true end wins. Its record comes behind that
    /// of the interruption, and with it what is due to callbacks.
    private func close(_ change: EventBatch.Change, of batch: EventBatch) throws -> Bool {
        if batch.streamID != nil { try execute("DELETE FROM pledge WHERE event_id = ?", [change.id]) }
        let own: [any Bindable] = [change.end.offset.nanoseconds, Milliseconds.nearest(change.end.time), change.body]
        return try execute(EventStatements.closing, own + change.columns.changingValues + [change.id]) == 1
    }

    private func appendRecord(
        _ phase: EventRecord.Phase, of change: EventBatch.Change, _ batch: EventBatch, retelling: Retelling?
    ) throws {
        try appendRecord(
            phase, event: change.id, account: batch.accountID, stream: batch.streamID, time: batch.time,
            results: retelling?.results, isNotice: retelling?.isNotice == true)
    }
    /// Gives the record the account's next number, and the next among all accounts'; a transaction that fails takes both back with it.
    /// - Parameters:
    ///   - results: by which it is told; `nil`: nobody remembers.
    ///   - isNotice: whether subscribers of events are told of it.
    func appendRecord(
        _ phase: EventRecord.Phase, event: UUID, account: UUID, stream: UUID?, time: Int64, results: JSONText?,
        isNotice: Bool
    ) throws {
        try execute(
            """
            INSERT INTO event_record (account_id, sequence, number, event_id, stream_id, phase, time, results, is_notice)
            VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)
            """,
            [
                account, try nextSequence(of: account), try nextNumber(), event, stream, phase.rawValue, time,
                results?.text, isNotice,
            ])
        changed(.events(account: account))
    }
    private func nextNumber() throws -> Int64? {
        try value("UPDATE record_counter SET last = last + 1 RETURNING last")
    }
    private func nextSequence(of account: UUID) throws -> Int64? {
        try value(
            """
            INSERT INTO event_counter (account_id, last) VALUES (?, 1)
            ON CONFLICT (account_id) DO UPDATE SET last = event_counter.last + 1 RETURNING last
            """, [account])
    }
}

private enum EventStatements {
    private static let inserted: [String] =
        [
            "id", "account_id", "type", "begin_offset", "begin_time", "end_offset", "end_time", "insert_time", "body",
            "ends_as_notice",
        ] + EventColumns.lasting + EventColumns.changing
    static let insertion = """
        INSERT INTO event (\(inserted.joined(separator: ", ")), state)
        VALUES (\(inserted.map { _ in "?" }.joined(separator: ", ")), 'open') ON CONFLICT (id) DO NOTHING
        """
    static let closing = """
        UPDATE event SET state = 'closed', end_offset = ?, end_time = ?, body = ?,
            \(EventColumns.changing.map { "\($0) = ?" }.joined(separator: ", "))
        WHERE id = ? AND state <> 'closed'
        """
}
