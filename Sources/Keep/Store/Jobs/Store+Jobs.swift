public import Foundation
public import JSON
public import Records
import SQL
import Sealing

// Jobs as they are handed in, asked for, ended and removed.
extension Store {
    /// Hands a job in, with its items. Returned from, it outlives the process, unless somebody waits for its answer.
    /// - Parameter limit: of its account's jobs of its kind that are not over; `nil`: none.
    /// - Throws: `tooManyJobs`.
    @discardableResult
    public func insert(
        _ draft: JobDraft, isAttended: Bool = false, limit: Int? = nil, at now: Date = .now
    ) async throws -> Job {
        let time = Milliseconds.nearest(now)
        return try await write { [vault] connection in
            if let limit {
                let active: Int? = try connection.value(Self.openJobs, [draft.accountID, draft.kind.rawValue])
                if let active, active >= limit { throw StoreError.tooManyJobs(limit: limit) }
            }
            let sequence: Int64? = try connection.value(
                """
                INSERT INTO job (id, account_id, kind, state, is_attended, parameters, keeping, create_time, expiry)
                VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?) RETURNING sequence
                """,
                [
                    draft.id, draft.accountID, draft.kind.rawValue, draft.state.rawValue, isAttended ? 1 : 0,
                    vault.seal(draft.parameters.text, at: .parameters(ofJob: draft.id)),
                    draft.keeping.map { Int64($0 / .milliseconds(1)) }, time, draft.expiry.map(Milliseconds.nearest),
                ])
            try connection.insert(draft.items, ofJob: draft.id, sequence: sequence ?? 0, from: 0, vault)
            connection.changed(.jobs)
            guard let job = try connection.job(draft.id, vault) else {
                throw StoreError.failed(reason: "a job that was just handed in is not there")
            }
            return job
        }
    }

    /// How many there are of an account and a kind. By their states, and not by the index of kinds: most of a kind are over.
    static let openJobs = """
        SELECT count(*) FROM job WHERE account_id = ? AND state IN (\(JobState.openWords)) AND kind || '' = ?
        """

    /// A job of `account`, or of any account when that is `nil`.
    public func job(id: UUID, account: UUID? = nil, at now: Date = .now) async throws -> Job? {
        let job = try await read { [vault] in try $0.job(id, vault) }
        guard let job, account == nil || account == job.accountID, job.isThere(at: now) else { return nil }
        return job
    }
    /// The newest first.
    public func jobs(_ filter: Filter<Job>, page: Page = Page(), at now: Date = .now) async throws -> [Job] {
        let query = Self.jobsQuery(filter, page: page, at: now)
        return try await read { [vault] connection in
            try connection.rows(query.sql, query.arguments) { try Job(row: $0, vault: vault) }
        }
    }
    static func jobsQuery(_ filter: Filter<Job>, page: Page, at now: Date) -> Query {
        var clauses = filter.clauses()
        clauses.add("(expiry IS NULL OR expiry > ?)", [Milliseconds.floor(now)])
        return Query(
            "SELECT \(Job.columns) FROM job\(clauses.sql) ORDER BY sequence DESC LIMIT ? OFFSET ?",
            clauses.arguments + [page.limit, page.offset])
    }
    /// Jobs that have something to be done, in the order in which they were handed in.
    public func activeJobs() async throws -> [Job] {
        try await read { [vault] connection in
            // In the order of states, each by its index.
            try ["created", "queued", "running"].flatMap { state in
                try connection.rows(
                    "SELECT \(Job.columns) FROM job WHERE state = ? ORDER BY sequence", [state]
                ) { try Job(row: $0, vault: vault) }
            }.sorted { $0.sequence < $1.sequence }
        }
    }

    /// Jobs that wait for an upload or an approval, the oldest first.
    /// - Parameter time: only those that were handed in until then.
    public func waitingJobs(of kind: JobKind, createdBy time: Date, limit: Int = 1000) async throws -> [Job] {
        try await read { [vault] connection in
            try ["waiting_for_upload", "waiting_for_approval"].flatMap { state in
                try connection.rows(
                    """
                    SELECT \(Job.columns) FROM job WHERE state = ? AND kind = ? AND create_time <= ?
                    ORDER BY sequence LIMIT ?
                    """, [state, kind.rawValue, Milliseconds.floor(time), limit]
                ) { try Job(row: $0, vault: vault) }
            }
        }
    }

    /// How many jobs are not over: those that run, and the others.
    public func jobCounts() async throws -> (waiting: Int, running: Int) {
        try await read { connection in
            func count(_ state: JobState) throws -> Int {
                try connection.value("SELECT count(*) FROM job WHERE state = ?", [state.rawValue]) ?? 0
            }
            let waiting = try JobState.allCases.filter { !$0.isFinal && $0 != .running }.map(count).reduce(0, +)
            return (waiting, try count(.running))
        }
    }

    /// Takes a job from one state to another.
    /// - Parameters:
    ///   - account: whose it must be; `nil`: anybody's.
    ///   - error: why it failed.
    ///   - result: what it comes to; `nil`: what was written of that stays.
    ///   - keeping: from its end to its expiry, where it says nothing of that itself.
    ///   - reports: what is told of it, and to whom: due when the job is in the state, and not otherwise.
    ///   - isOver: whether all its items must be over.
    /// - Returns: false when it is not in a state that `state` follows, or gone.
    @discardableResult
    public func move(
        _ id: UUID, of account: UUID? = nil, to state: JobState, error: String? = nil,
        result: JSONText? = nil, keeping: Duration = .seconds(7 * 86_400), ifOver isOver: Bool = false,
        reports: [JobReport] = [],
        at now: Date = .now
    ) async throws -> Bool {
        let before = JobState.allCases.filter { $0.successors.contains(state) }.map { "'\($0.rawValue)'" }
        let time = Milliseconds.nearest(now)
        let end: Int64? = state.isFinal ? time : nil
        let start: Int64? = state == .running ? time : nil
        return try await write { [vault] connection in
            let moved: (owner: UUID, credits: Int)? = try connection.first(
                """
                UPDATE job SET state = ?, error = ?, result = coalesce(?, result), start_time = coalesce(start_time, ?), end_time = ?,
                    expiry = \(state.isFinal ? "coalesce(keeping, ?) + ?" : "expiry")
                WHERE id = ? AND state IN (\(before.joined(separator: ", ")))\(account == nil ? "" : " AND account_id = ?")
                    \(isOver ? "AND items = items_done + items_failed" : "")
                RETURNING account_id, credits
                """,
                [state.rawValue, error, result?.text, start, end] as [any Bindable]
                    + (state.isFinal ? [Int64(keeping / .milliseconds(1)), time] : []) + [id]
                    + (account.map { [$0] } ?? [])
            ) { ($0[0], $0[1]) }
            guard let (owner, credits) = moved else { return false }
            connection.changed(.jobs)
            // It has brought nothing.
            if state == .failed || state == .cancelled {
                try connection.giveBack(credits, ofJob: id, to: owner)
            }
            try connection.insert(reports, ofJob: id, account: owner, time: time, vault)
            return true
        }
    }
    /// Tells something of a job, whatever it does. Returned from, it is due.
    /// - Returns: false when there is no such job.
    @discardableResult
    public func report(_ reports: [JobReport], ofJob id: UUID, at now: Date = .now) async throws -> Bool {
        let time = Milliseconds.nearest(now), bound = Milliseconds.floor(now)
        return try await write { [vault] connection in
            let owner: UUID? = try connection.value(
                "SELECT account_id FROM job WHERE id = ? AND (expiry IS NULL OR expiry > ?)", [id, bound])
            guard let owner else { return false }
            try connection.insert(reports, ofJob: id, account: owner, time: time, vault)
            return true
        }
    }

    /// Removes a job, whatever it does, with what is due of it. Its items go in portions; a process that is killed meanwhile leaves
    /// a job that nobody sees and the next sweep removes.
    /// - Returns: false when `account` has no such job.
    public func deleteJob(id: UUID, account: UUID, at now: Date = .now) async throws -> Bool {
        let time = Milliseconds.nearest(now)
        let isThere = try await write { connection in
            let credits: Int? = try connection.value(
                "SELECT credits FROM job WHERE id = ? AND account_id = ? AND state NOT IN (\(JobState.finalWords))",
                [id, account])
            let changed = try connection.execute(
                """
                UPDATE job SET state = CASE WHEN state IN (\(JobState.finalWords)) THEN state ELSE 'cancelled' END,
                    end_time = coalesce(end_time, ?), expiry = 0
                WHERE id = ? AND account_id = ? AND (expiry IS NULL OR expiry > ?)
                """, [time, id, account, Milliseconds.floor(now)])
            guard changed > 0 else { return false }
            connection.changed(.jobs)
            try connection.giveBack(credits ?? 0, ofJob: id, to: account)
            try connection.execute("DELETE FROM delivery WHERE job_id = ?", [id])
            return true
        }
        if isThere { try await removeJobs(where: "id = ?", [id]) }
        return isThere
    }
    /// Removes jobs that have expired at `now`. What is due of them stays due.
    /// - Returns: how many.
    @discardableResult
    public func deleteExpiredJobs(at now: Date = .now) async throws -> Int {
        try await removeJobs(where: "expiry IS NOT NULL AND expiry <= ?", [Milliseconds.floor(now)])
    }
    /// Removes jobs whose clients went with the process that ran them. To be called before anything runs.
    /// - Returns: how many.
    @discardableResult
    public func dropAttendedJobs() async throws -> Int {
        try await removeJobs(where: "is_attended = 1 AND state NOT IN (\(JobState.finalWords))", [])
    }
    @discardableResult
    func removeJobs(where condition: String, _ arguments: [any Bindable & Sendable]) async throws -> Int {
        var count = 0
        while true {
            let sequence = try await read {
                try $0.value("SELECT sequence FROM job WHERE \(condition) LIMIT 1", arguments) as Int64?
            }
            guard let sequence else { return count }
            var removed = 0
            repeat {
                removed = try await write {
                    try $0.execute(
                        """
                        DELETE FROM job_item WHERE job_sequence = ? AND number IN (
                            SELECT number FROM job_item WHERE job_sequence = ? LIMIT ?)
                        """, [sequence, sequence, Self.deletionLimit])
                }
            } while removed == Self.deletionLimit
            let id = try await read { try $0.value("SELECT id FROM job WHERE sequence = ?", [sequence]) as UUID? }
            if let id { try await removeObjects(ofJob: id) }
            try await write { connection in
                if let id { try connection.execute("DELETE FROM job_callback WHERE job_id = ?", [id]) }
                try connection.execute("DELETE FROM job WHERE sequence = ?", [sequence])
                connection.changed(.jobs)
            }
            count += 1
        }
    }
}

extension JobState {
    /// Those that nothing comes after, as SQL has them.
    static let finalWords = final.map { "'\($0.rawValue)'" }.joined(separator: ", ")
    /// All others.
    static let openWords = allCases.filter { !$0.isFinal }.map { "'\($0.rawValue)'" }.joined(separator: ", ")
}

extension Connection {
    func job(_ id: UUID, _ vault: Vault) throws -> Job? {
        try first("SELECT \(Job.columns) FROM job WHERE id = ?", [id]) { try Job(row: $0, vault: vault) }
    }
}

extension Job {
    static let columns = """
        id, sequence, account_id, kind, state, is_attended, parameters, error, items, items_done, items_failed, weight,
        weight_done, create_time, start_time, end_time, expiry, result
        """

    func isThere(at now: Date) -> Bool { expiry.map { $0 > now } ?? true }

    /// - Parameter row: of `columns`.
    init(row: Row, vault: Vault) throws {
        guard let kind = JobKind(rawValue: row[3]), let state = JobState(rawValue: row[4]) else {
            throw StoreError.failed(reason: "a job holds a value that this version does not know")
        }
        func time(_ column: Int) -> Date? { (row[column] as Int64?).map(Milliseconds.date) }
        self.init(
            id: row[0], sequence: row[1], accountID: row[2], kind: kind, state: state, isAttended: row[5],
            parameters: try JSONValue(stored: vault.text(row[6], at: .parameters(ofJob: row[0]))), error: row[7],
            result: (row[17] as String?).map { JSONText(written: $0) },
            tally: JobTally(items: row[8], done: row[9], failed: row[10], weight: row[11], weightDone: row[12]),
            createTime: Milliseconds.date(row[13]), startTime: time(14), endTime: time(15), expiry: time(16))
    }
}
