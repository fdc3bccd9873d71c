public import Foundation
import JSON
public import Records
import SQL
import Sealing

// Who is told of jobs, by doors that are asked for it apart from the jobs.
extension Store {
    /// Lets somebody be told of a job, or of all jobs of an account and a kind, those that come included.
    /// - Parameters:
    ///   - job: `nil`: all of them.
    ///   - limit: of those who are told of it.
    /// - Returns: false when he is told already.
    /// - Throws: `StoreError.tooManyCallbacks`.
    @discardableResult
    public func add(
        _ callback: Callback, account: UUID, kind: JobKind, job: UUID? = nil, limit: Int = 10
    ) async throws -> Bool {
        try await write { [vault] connection in
            let row = JobCallbackRow(callback.wire.text, account: account, kind: kind, job: job, vault: vault)
            let count = try connection.execute(
                """
                INSERT INTO job_callback (id, account_id, kind, job_id, callback) VALUES (?, ?, ?, ?, ?)
                ON CONFLICT (id) DO NOTHING
                """, [row.id, account, kind.rawValue, job, row.sealed])
            guard count > 0 else { return false }
            let all: Int? = try connection.value(
                """
                SELECT count(*) FROM job_callback WHERE account_id = ? AND kind = ?
                    AND \(job == nil ? "job_id IS NULL" : "job_id = ?")
                """, [account, kind.rawValue] as [any Bindable] + (job.map { [$0] } ?? []))
            if let all, all > limit { throw StoreError.tooManyCallbacks(limit: limit) }
            return true
        }
    }
    /// - Returns: false when he was not told.
    @discardableResult
    public func removeCallback(
        _ callback: Callback, account: UUID, kind: JobKind, job: UUID? = nil
    ) async throws -> Bool {
        try await write { [vault] connection in
            let row = JobCallbackRow(callback.wire.text, account: account, kind: kind, job: job, vault: vault)
            return try connection.execute("DELETE FROM job_callback WHERE id = ?", [row.id]) > 0
        }
    }
    /// Those who are told of a job, each once.
    public func callbacks(ofJob job: Job) async throws -> [Callback] {
        let texts = try await read { [vault] connection in
            try connection.rows(
                Self.callbacksOfJob, [job.accountID, job.kind.rawValue, job.id]
            ) { row in try vault.text(row[1], at: .callback(ofJobs: row[0])) }
        }
        var known: Set<String> = []
        return texts.filter { known.insert($0).inserted }.compactMap(Callback.init(stored:))
    }
    static let callbacksOfJob = """
        SELECT id, callback FROM job_callback WHERE account_id = ? AND kind = ? AND (job_id IS NULL OR job_id = ?)
        ORDER BY sequence
        """

    static func resealJobCallbacks(_ vault: Vault, _ connection: any Connection) throws {
        try connection.inPortions("SELECT sequence, id, account_id, kind, job_id, callback FROM job_callback") {
            (
                sequence: $0[0] as Int64, id: $0[1] as UUID, account: $0[2] as UUID, kind: $0[3] as String,
                job: $0[4] as UUID?, callback: $0[5] as [UInt8]
            )
        } apply: { row in
            let text = try vault.text(row.callback, at: .callback(ofJobs: row.id))
            if let kind = JobKind(rawValue: row.kind) {
                let new = JobCallbackRow(text, account: row.account, kind: kind, job: row.job, vault: vault)
                try connection.execute(
                    "UPDATE job_callback SET id = ?, callback = ? WHERE sequence = ?",
                    [new.id, new.sealed, row.sequence])
            }
            return row.sequence
        }
    }
}

/// One who is told, as he is stored.
private struct JobCallbackRow {
    /// A keyed hash: the same wish gives the same, and says nothing.
    let id: UUID
    let sealed: [UInt8]

    init(_ text: String, account: UUID, kind: JobKind, job: UUID?, vault: Vault) {
        id = vault.hash("job callback \(account.wire) \(kind.rawValue) \(job?.wire ?? "all") \(text)")
        sealed = vault.seal(text, at: .callback(ofJobs: id))
    }
}
