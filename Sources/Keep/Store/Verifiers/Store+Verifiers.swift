public import Foundation
import JSON
public import Records
import SQL

extension Store {
    public func createVerifier(
        _ details: VerifierDetails, account: UUID, id: UUID = UUID(), at now: Date = .now
    ) async throws -> Verifier {
        let now = now.storedTime, time = Milliseconds.nearest(now)
        let verifier = Verifier(
            id: id, accountID: account, details: details, version: 1, createTime: now, lastUpdateTime: now)
        _ = try await write {
            try $0.execute(
                "INSERT INTO verifier (\(Verifier.columns)) VALUES (?, ?, ?, ?, ?, ?, ?)",
                [id, account, details.description, details.policies.wire.text, verifier.version, time, time])
        }
        return verifier
    }

    /// A verifier of `account`, or of any account when that is `nil`.
    public func verifier(id: UUID, account: UUID?) async throws -> Verifier? {
        let found = try await read {
            try $0.first("SELECT \(Verifier.columns) FROM verifier WHERE id = ?", [id], Verifier.init(row:))
        }
        guard let found, account == nil || account == found.accountID else { return nil }
        return found
    }
    /// The newest first.
    public func verifiers(_ filter: Filter<Verifier>, page: Page = Page()) async throws -> [Verifier] {
        let query = Self.verifiersQuery(filter, page: page)
        return try await read { try $0.rows(query.sql, query.arguments, Verifier.init(row:)) }
    }
    public func verifierCount(_ filter: Filter<Verifier>) async throws -> Int {
        let query = Self.verifierCountQuery(filter)
        return try await read { try $0.value(query.sql, query.arguments) ?? 0 }
    }

    /// Replaces all that the owner wrote of a verifier.
    /// - Returns: its new version; `nil` when `account` has no such verifier.
    public func replaceVerifier(
        id: UUID, _ details: VerifierDetails, account: UUID, at now: Date = .now
    ) async throws -> Int? {
        try await write {
            try $0.value(
                """
                UPDATE verifier SET description = ?, policies = ?, version = version + 1, last_update_time = ?
                WHERE id = ? AND account_id = ? RETURNING version
                """,
                [details.description, details.policies.wire.text, Milliseconds.nearest(now), id, account])
        }
    }
    /// Returns false when `account` has no such verifier.
    public func deleteVerifier(id: UUID, account: UUID) async throws -> Bool {
        try await write {
            try $0.execute("DELETE FROM verifier WHERE id = ? AND account_id = ?", [id, account]) == 1
        }
    }
}

// The queries, apart from their execution so that a test can ask the database how it would run them.
extension Store {
    static func verifiersQuery(_ filter: Filter<Verifier>, page: Page) -> Query {
        let clauses = filter.clauses()
        return Query(
            "SELECT \(Verifier.columns) FROM verifier\(clauses.sql) ORDER BY sequence DESC LIMIT ? OFFSET ?",
            clauses.arguments + [page.limit, page.offset])
    }
    static func verifierCountQuery(_ filter: Filter<Verifier>) -> Query {
        let clauses = filter.clauses()
        return Query("SELECT count(*) FROM verifier\(clauses.sql)", clauses.arguments)
    }
}

extension Verifier {
    fileprivate static let columns = "id, account_id, description, policies, version, create_time, last_update_time"
    /// - Parameter row: of `columns`.
    fileprivate init(row: Row) throws {
        let id: UUID = row[0]
        let policies: VerifierPolicies
        do { policies = try VerifierPolicies(JSONReader(JSONValue(stored: row[3]))) } catch let error as JSONViolation {
            throw StoreError.failed(
                reason: "the policies of verifier \(id.wire) cannot be read (\(error.path): \(error.message))")
        }
        self.init(
            id: id, accountID: row[1], details: VerifierDetails(description: row[2], policies: policies),
            version: row[4], createTime: Milliseconds.date(row[5]), lastUpdateTime: Milliseconds.date(row[6]))
    }
}
