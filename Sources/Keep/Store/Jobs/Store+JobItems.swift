public import Foundation
import JSON
public import Records
import SQL
import Sealing

// What jobs have to work on, and what became of it.
extension Store {
    /// Items that one transaction adds at most.
    static let itemPortion = 2000

    /// Adds items to a job that is being listed, behind those that it has.
    /// - Returns: false when it is not being listed any more.
    @discardableResult
    public func add(_ items: [JobItemDraft], toJob id: UUID) async throws -> Bool {
        for start in stride(from: 0, to: items.count, by: Self.itemPortion) {
            let portion = Array(items[start..<min(start + Self.itemPortion, items.count)])
            let isThere = try await write { [vault] connection in
                let job: (sequence: Int64, items: Int)? = try connection.first(
                    "SELECT sequence, items FROM job WHERE id = ? AND state IN ('created', 'waiting_for_upload')", [id]
                ) { ($0[0], $0[1]) }
                guard let job else { return false }
                try connection.insert(portion, ofJob: id, sequence: job.sequence, from: job.items, vault)
                return true
            }
            guard isThere else { return false }
        }
        return true
    }

    /// Adds what was uploaded for a job behind all that was before. It is worked on, also of a job that was over.
    /// - Returns: false when the job was cancelled or is gone.
    public func addUpload(_ item: JobItemDraft, toJob id: UUID, at now: Date = .now) async throws -> Bool {
        let time = Milliseconds.floor(now)
        return try await write { [vault] connection in
            let job: (sequence: Int64, items: Int)? = try connection.first(
                """
                UPDATE job SET state = CASE WHEN state = 'running' THEN state ELSE 'queued' END, error = NULL,
                    end_time = NULL, expiry = NULL
                WHERE id = ? AND state IN ('waiting_for_upload', 'queued', 'running', 'done', 'failed')
                    AND (expiry IS NULL OR expiry > ?)
                RETURNING sequence, items
                """, [id, time]
            ) { ($0[0], $0[1]) }
            guard let job else { return false }
            try connection.insert([item], ofJob: id, sequence: job.sequence, from: job.items, vault)
            connection.changed(.jobs)
            return true
        }
    }

    /// Forgets what was listed of a job, whose listing was cut off.
    public func removeItems(ofListed id: UUID) async throws {
        var removed = 0
        repeat {
            removed = try await write { connection in
                let job: Int64? = try connection.value(
                    "SELECT sequence FROM job WHERE id = ? AND state = 'created'", [id])
                guard let job else { return 0 }
                let count = try connection.execute(
                    """
                    DELETE FROM job_item WHERE job_sequence = ? AND number IN (
                        SELECT number FROM job_item WHERE job_sequence = ? ORDER BY number LIMIT ?)
                    """, [job, job, Self.deletionLimit])
                try connection.execute("UPDATE job SET items = 0, weight = 0 WHERE sequence = ?", [job])
                return count
            }
        } while removed == Self.deletionLimit
    }

    /// Items of a job, in their order.
    /// - Parameters:
    ///   - number: only those behind this one.
    ///   - state: only those in it.
    public func items(
        ofJob id: UUID, after number: Int = -1, in state: JobItemState? = nil, limit: Int = 1000
    ) async throws -> [JobItem] {
        try await read { [vault] connection in
            let sequence: Int64? = try connection.value("SELECT sequence FROM job WHERE id = ?", [id])
            guard let sequence else { return [] }
            let query = Self.itemsQuery(ofJob: sequence, after: number, in: state, limit: limit)
            return try connection.rows(query.sql, query.arguments) { try JobItem(row: $0, job: id, vault: vault) }
        }
    }
    static func itemsQuery(ofJob sequence: Int64, after number: Int, in state: JobItemState?, limit: Int) -> Query {
        var clauses = Clauses()
        clauses.add("job_sequence = ?", [sequence])
        if let state { clauses.add("state = ?", [state.rawValue]) }
        clauses.add("number > ?", [number])
        return Query(
            "SELECT \(JobItem.columns) FROM job_item\(clauses.sql) ORDER BY number LIMIT ?",
            clauses.arguments + [limit])
    }

    /// Writes down what became of an item, in a transaction that all who have something to say share. An item that is over stays as it
    /// is, and so does a job: what comes too late is forgotten. Of a job that does not run yet items may fail, and nothing else.
    public func record(_ outcome: JobOutcome, at now: Date = .now) async throws {
        do { try await outcomes.write(TimedOutcome(outcome, time: Milliseconds.nearest(now))) } catch let error
            as SQLError
        { throw StoreError(error) }
    }
}

/// With the time at which it was known.
struct TimedOutcome: Sendable {
    let outcome: JobOutcome
    let time: Int64
    init(_ outcome: JobOutcome, time: Int64) { (self.outcome, self.time) = (outcome, time) }
}

extension Connection {
    func insert(_ items: [JobItemDraft], ofJob id: UUID, sequence: Int64, from first: Int, _ vault: Vault) throws {
        guard !items.isEmpty else { return }
        for (offset, item) in items.enumerated() {
            let subject: JSONValue = [.string(item.name), item.facts]
            try execute(
                "INSERT INTO job_item (job_sequence, number, weight, subject) VALUES (?, ?, ?, ?)",
                [sequence, first + offset, item.weight, vault.seal(subject.text, at: .item(ofJob: id))])
        }
        try execute(
            "UPDATE job SET items = items + ?, weight = weight + ? WHERE sequence = ?",
            [items.count, items.reduce(0) { $0 + $1.weight }, sequence])
    }

    func apply(_ timed: TimedOutcome) throws {
        let outcome = timed.outcome
        var states = "'running'"
        if case .failed = outcome.kind { states += ", 'queued', 'waiting_for_approval'" }
        let job: Int64? = try value(
            "SELECT sequence FROM job WHERE id = ? AND state IN (\(states))", [outcome.jobID])
        guard let job else { return }
        let before: (weight: Int, done: Int)? = try first(
            "SELECT weight, weight_done FROM job_item WHERE job_sequence = ? AND number = ? AND state = 'pending'",
            [job, outcome.number]
        ) { ($0[0], $0[1]) }
        guard let before else { return }
        func end(_ state: JobItemState, _ result: String?, _ error: String?) throws {
            try execute(
                """
                UPDATE job_item SET state = ?, result = ?, error = ?, checkpoint = NULL, weight_done = weight, end_time = ?
                WHERE job_sequence = ? AND number = ?
                """, [state.rawValue, result, error, timed.time, job, outcome.number])
            try execute(
                """
                UPDATE job SET items_done = items_done + ?, items_failed = items_failed + ?,
                    weight_done = weight_done + ? WHERE sequence = ?
                """, [state == .done ? 1 : 0, state == .failed ? 1 : 0, before.weight - before.done, job])
        }
        switch outcome.kind {
        case .done(let result): try end(.done, result.text, nil)
        case .failed(let reason): try end(.failed, nil, reason)
        case .reached(let checkpoint, let weight):
            let reached = min(weight, before.weight)
            try execute(
                "UPDATE job_item SET checkpoint = ?, weight_done = ? WHERE job_sequence = ? AND number = ?",
                [checkpoint.text, reached, job, outcome.number])
            try execute(
                "UPDATE job SET weight_done = weight_done + ? WHERE sequence = ?", [reached - before.done, job])
        }
    }
}

extension JobItem {
    static let columns = "number, state, weight, weight_done, subject, checkpoint, result, error, end_time"

    /// - Parameter row: of `columns`.
    init(row: Row, job: UUID, vault: Vault) throws {
        let subject = try JSONValue(stored: vault.text(row[4], at: .item(ofJob: job))).array ?? []
        guard let state = JobItemState(rawValue: row[1]), subject.count == 2, let name = subject[0].string else {
            throw StoreError.failed(reason: "an item of a job holds a value that this version does not know")
        }
        self.init(
            jobID: job, number: row[0], name: name, facts: subject[1], weight: row[2], weightDone: row[3], state: state,
            result: (row[6] as String?).map { JSONText(written: $0) },
            checkpoint: (row[5] as String?).map { JSONText(written: $0) }, error: row[7],
            endTime: (row[8] as Int64?).map(Milliseconds.date))
    }
}
