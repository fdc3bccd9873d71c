public import Foundation
public import Records
import SQL

// Who was told what faces look like.
extension Store {
    /// To be called before anybody is told.
    public func note(_ accesses: [BiometricAccess]) async throws {
        guard !accesses.isEmpty else { return }
        try await write { connection in
            for access in accesses {
                try connection.execute(
                    "INSERT INTO biometric_log (\(BiometricAccess.columns)) VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
                    [
                        access.accountID, access.kind.rawValue, access.subject, access.action.rawValue, access.reader,
                        access.token, access.requestID, Milliseconds.nearest(access.time),
                    ])
            }
        }
    }
    /// The newest first.
    public func biometricLog(
        _ filter: Filter<BiometricAccess>, page: Page = Page()
    ) async throws -> [BiometricAccess] {
        let query = Self.biometricLogQuery(filter, page: page)
        return try await read { try $0.rows(query.sql, query.arguments, BiometricAccess.init(row:)) }
    }
    static func biometricLogQuery(_ filter: Filter<BiometricAccess>, page: Page) -> Query {
        let clauses = filter.clauses()
        return Query(
            """
            SELECT \(BiometricAccess.columns) FROM biometric_log\(clauses.sql) ORDER BY sequence DESC LIMIT ? OFFSET ?
            """, clauses.arguments + [page.limit, page.offset])
    }
    /// Removes lines from before `bound`.
    @discardableResult
    public func deleteBiometricLog(before bound: Date) async throws -> Int {
        try await deleteInPortions(
            Query(
                """
                DELETE FROM biometric_log WHERE sequence IN (
                    SELECT sequence FROM biometric_log WHERE time < ? ORDER BY time LIMIT ?)
                """, [Milliseconds.bound(bound), Self.deletionLimit]))
    }
}

extension BiometricAccess {
    fileprivate static let columns =
        "account_id, subject_kind, subject_id, action, reader_id, reader_token_id, request_id, time"

    /// - Parameter row: of `columns`.
    fileprivate init(row: Row) throws {
        guard let kind = Kind(rawValue: row[1]), let action = Action(rawValue: row[3]) else {
            throw StoreError.failed(reason: "the biometric log holds a word that this version does not know")
        }
        self.init(
            reader: row[4], token: row[5], requestID: row[6], action: action, kind: kind, subject: row[2],
            accountID: row[0], time: Milliseconds.date(row[7]))
    }
}
