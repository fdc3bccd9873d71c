public import Foundation
import Records
import SQL

extension Store {
    /// Removes records older than `bound` from the streams' logs, but never the newest one of a stream.
    /// - Parameter account: whose streams; `nil`: everybody's.
    /// - Returns: how many were removed.
    @discardableResult
    public func deleteStreamLogs(account: UUID?, before bound: Date) async throws -> Int {
        try await deleteInPortions(Self.logDeletionQuery(account: account, before: bound))
    }

    static func logDeletionQuery(account: UUID?, before bound: Date) -> Query {
        var filter = Filter<StreamLogRecord>(accountID: account)
        filter.require(.before, [.time(bound)])
        let clauses = filter.clauses()
        return Query(
            """
            DELETE FROM stream_log WHERE sequence IN (
                SELECT sequence FROM stream_log AS old\(clauses.sql) AND EXISTS (
                    SELECT 1 FROM stream_log AS later
                    WHERE later.stream_id = old.stream_id AND later.sequence > old.sequence)
                LIMIT ?)
            """,
            clauses.arguments + [deletionLimit])
    }
}
