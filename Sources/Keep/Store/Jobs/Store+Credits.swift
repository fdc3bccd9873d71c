public import Foundation
import Records
import SQL

// What jobs cost: an account has used what its jobs have brought, and what is reserved for those that are under way.
extension Store {
    public func creditsUsed(by account: UUID) async throws -> Int {
        try await read { try $0.value("SELECT used FROM credit WHERE account_id = ?", [account]) } ?? 0
    }

    /// Lets a job that is not over cost so much, whatever it did before. Of one that fails or is cancelled all is given back.
    /// - Parameter limit: of all that its account may have used then; `nil`: none.
    /// - Returns: false when the job is over or gone.
    /// - Throws: `StoreError.notEnoughCredits`.
    @discardableResult
    public func charge(_ credits: Int, toJob id: UUID, limit: Int? = nil) async throws -> Bool {
        try await write { connection in
            let job: (account: UUID, credits: Int)? = try connection.first(
                "SELECT account_id, credits FROM job WHERE id = ? AND state NOT IN (\(JobState.finalWords))", [id]
            ) { ($0[0], $0[1]) }
            guard let job else { return false }
            let more = credits - job.credits
            guard more != 0 else { return true }
            let used: Int? = try connection.value(
                """
                INSERT INTO credit (account_id, used) VALUES (?, ?)
                ON CONFLICT (account_id) DO UPDATE SET used = credit.used + excluded.used RETURNING used
                """, [job.account, more])
            if let limit, let used, more > 0, used > limit {
                throw StoreError.notEnoughCredits(left: max(0, limit - (used - more)))
            }
            try connection.execute("UPDATE job SET credits = ? WHERE id = ?", [credits, id])
            return true
        }
    }
}

extension Connection {
    /// - Parameter credits: all that the job has.
    func giveBack(_ credits: Int, ofJob id: UUID, to account: UUID) throws {
        guard credits != 0 else { return }
        try execute("UPDATE job SET credits = 0 WHERE id = ?", [id])
        try execute("UPDATE credit SET used = used - ? WHERE account_id = ?", [credits, account])
    }
}
