public import Foundation
import Records
import SQL

extension Store {
    /// Log records that one transaction removes at most, so that streams which have something to say need not wait.
    static let logDeletionLimit = 5000

    /// Removes records older than `bound` from the streams' logs, but never the newest one of a stream.
    /// - Parameter account: whose streams; `nil`: everybody's.
    /// - Returns: how many were removed.
    @discardableResult
    public func deleteStreamLogs(account: UUID?, before bound: Date) async throws -> Int {
        let query = Self.logDeletionQuery(account: account, before: bound)
        var count = 0
        while true {
            let removed = try await write { try $0.execute(query.sql, query.arguments) }
            count += removed
            if removed < Self.logDeletionLimit { return count }
        }
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
            clauses.arguments + [logDeletionLimit])
    }
}
