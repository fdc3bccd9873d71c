import Foundation
import JSON
import Records
import SQL
import Sealing

/// Where the reports of one stream, job or handler to one callback wait their turn.
struct Lane: Hashable, Sendable {
    /// A keyed hash of stream, job or handler and callback: the same pair gives the same lane, and says neither.
    let id: UUID
    /// A keyed hash of the host and port that is called.
    let receiver: UUID
    /// As its owner wrote it, sealed.
    let callback: [UInt8]

    /// - Parameters:
    ///   - text: the callback as its owner wrote it.
    ///   - source: the stream, the job or the handler.
    init(_ text: String, of source: UUID, vault: Vault) {
        let callback = Callback(stored: text)
        id = vault.hash("lane \(source.wire) \(text)")
        receiver = vault.hash("receiver \(callback?.receiver ?? "")")
        self.callback = vault.seal(text, at: .callback(ofLane: id))
    }
    init(id: UUID, receiver: UUID, callback: [UInt8]) {
        (self.id, self.receiver, self.callback) = (id, receiver, callback)
    }
}

extension Callback {
    /// `nil` for a text that is no callback to this version.
    init?(stored text: String) {
        guard let value = try? JSONValue(stored: text), let callback = try? Callback(JSONReader(value)) else {
            return nil
        }
        self = callback
    }
}

extension Connection {
    /// Puts a report at the end of its lane; one that is due later, only if the event goes on, beside it.
    func insert(_ due: EventBatch.Due, of batch: EventBatch) throws {
        guard !due.isAtEnd else { return try insertPledge(due, of: batch) }
        if let report = due.report {
            try insert(report, of: due.eventID, byHandler: due.sourceID, in: due.lane, batch.accountID, batch.time)
        } else {
            try insertDelivery(
                of: .event(due.eventID, ofStream: due.sourceID), in: due.lane, account: batch.accountID,
                time: batch.time)
            changed(.deliveries)
        }
    }
    private func insertPledge(_ due: EventBatch.Due, of batch: EventBatch) throws {
        let lane = due.lane
        try execute(
            """
            INSERT INTO lane (id, account_id, source_id, receiver, callback, count) VALUES (?, ?, ?, ?, ?, 0)
            ON CONFLICT (id) DO NOTHING
            """, [lane.id, batch.accountID, due.sourceID, lane.receiver, lane.callback])
        try execute(
            """
            INSERT INTO pledge (event_id, lane_id) SELECT id, ? FROM event WHERE id = ? AND state = 'open'
            ON CONFLICT (event_id, lane_id) DO NOTHING
            """, [lane.id, due.eventID])
    }
    /// Makes due what was to be due at the end of an event.
    func redeemPledges(of event: UUID, account: UUID, at time: Int64) throws {
        let lanes: [(lane: Lane, stream: UUID)] = try rows(
            """
            SELECT lane.id, receiver, callback, source_id FROM pledge JOIN lane ON lane.id = lane_id
            WHERE event_id = ? ORDER BY lane.id
            """, [event]
        ) { (Lane(id: $0[0], receiver: $0[1], callback: $0[2]), $0[3]) }
        guard !lanes.isEmpty else { return }
        for (lane, stream) in lanes {
            try insertDelivery(of: .event(event, ofStream: stream), in: lane, account: account, time: time)
        }
        try execute("DELETE FROM pledge WHERE event_id = ?", [event])
        changed(.deliveries)
    }
    /// Puts what a job's door says at the end of the lanes of those to whom it says it.
    func insert(_ reports: [JobReport], ofJob job: UUID, account: UUID, time: Int64, _ vault: Vault) throws {
        for report in reports where report.callback.isEnabled && report.callback.kind.isSent {
            let id = UUID()
            try insertDelivery(
                id, of: .job(job), in: Lane(report.callback.wire.text, of: job, vault: vault), account: account,
                time: time, body: vault.seal(report.body.text, at: .body(ofDelivery: id)))
            changed(.deliveries)
        }
    }
    /// - Parameter event: `nil`: it is not stored.
    func insert(
        _ report: EventBatch.Report, of event: UUID?, byHandler handler: UUID, in lane: Lane, _ account: UUID,
        _ time: Int64
    ) throws {
        try insertDelivery(
            report.id, of: .generated(event: event, byHandler: handler), in: lane, account: account, time: time,
            body: report.body)
        changed(.deliveries)
    }
    private func insertDelivery(
        _ id: UUID = UUID(), of subject: ReportSubject, in lane: Lane, account: UUID, time: Int64, body: [UInt8]? = nil
    ) throws {
        let number: Int64? = try value(
            """
            INSERT INTO lane (id, account_id, source_id, receiver, callback, count, next_time) VALUES (?, ?, ?, ?, ?, 1, ?)
            ON CONFLICT (id) DO UPDATE
                SET count = lane.count + 1, next_time = coalesce(lane.next_time, excluded.next_time)
            RETURNING count
            """, [lane.id, account, subject.source, lane.receiver, lane.callback, time])
        try execute(
            """
            INSERT INTO delivery (
                id, account_id, stream_id, event_id, job_id, handler_id, lane_id, number, create_time, due_time, body)
            VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
            """,
            [
                id, account, subject.streamID, subject.eventID, subject.jobID, subject.handlerID, lane.id, number, time,
                time, body,
            ])
    }

    /// What a lane comes to after something of it was delivered, given up or removed: its next report, if there is one, may be
    /// sent at once.
    func advance(lane: UUID, at time: Int64) throws {
        let next: Int64? = try isAnythingDue(in: lane) ? time : nil
        try execute("UPDATE lane SET failures = 0, next_time = ? WHERE id = ?", [next, lane])
    }
    func isAnythingDue(in lane: UUID) throws -> Bool {
        try value("SELECT 1 FROM delivery WHERE lane_id = ? AND state = 'due' LIMIT 1", [lane]) as Int? != nil
    }
}
