public import Foundation
public import Records
import SQL

// Features that are kept for a while. One that has expired is not there, whether it has been removed already or not.
extension Store {
    /// - Parameter lifetime: in seconds.
    public func createAttribute(
        _ features: FaceFeatures, lifetime: Int = FaceAttribute.standardLifetime, account: UUID, id: UUID = UUID(),
        at now: Date = .now
    ) async throws -> FaceAttribute {
        let now = now.storedTime
        let attribute = FaceAttribute(
            id: id, accountID: account, createTime: now, expiry: now.addingTimeInterval(Double(lifetime)),
            features: features)
        _ = try await write { connection in
            try connection.execute(
                """
                INSERT INTO attribute (id, account_id, expiry, create_time, \(FaceFeatures.inserted))
                VALUES (?, ?, ?, ?, \(FaceFeatures.marks))
                """,
                [id, account, Milliseconds.nearest(attribute.expiry), Milliseconds.nearest(now)]
                    + features.arguments(connection))
        }
        return attribute
    }

    /// An attribute of `account`, or of any account when that is `nil`.
    public func attribute(id: UUID, account: UUID?, at now: Date = .now) async throws -> FaceAttribute? {
        var filter = Filter<FaceAttribute>(accountID: account)
        filter.require(.ids, [.id(id)])
        return try await attributes(filter, at: now).first
    }
    /// The oldest first.
    public func attributes(_ filter: Filter<FaceAttribute>, at now: Date = .now) async throws -> [FaceAttribute] {
        let query = Self.attributesQuery(filter, at: now)
        return try await read { try $0.rows(query.sql, query.arguments, FaceAttribute.init(row:)) }
    }
    static func attributesQuery(_ filter: Filter<FaceAttribute>, at now: Date) -> Query {
        var clauses = filter.clauses()
        clauses.add("expiry > ?", [Milliseconds.floor(now)])
        return Query(
            "SELECT \(FaceAttribute.columns) FROM attribute\(clauses.sql) ORDER BY sequence", clauses.arguments)
    }

    /// Returns false when `account` has no such attribute.
    @discardableResult
    public func deleteAttribute(id: UUID, account: UUID) async throws -> Bool {
        let count = try await write {
            try $0.execute("DELETE FROM attribute WHERE id = ? AND account_id = ?", [id, account])
        }
        if count > 0 { await erase() }
        return count > 0
    }
    /// Removes what has expired.
    /// - Returns: how many that were.
    @discardableResult
    public func deleteExpiredAttributes(at now: Date = .now) async throws -> Int {
        let count = try await deleteInPortions(
            Query("DELETE FROM attribute WHERE \(Self.expiredAttributes)", Self.expiredAttributeArguments(at: now)))
        if count > 0 { await erase() }
        return count
    }
    static let expiredAttributes =
        "sequence IN (SELECT sequence FROM attribute WHERE expiry <= ? ORDER BY expiry LIMIT ?)"
    static func expiredAttributeArguments(at now: Date) -> [any Bindable] { [Milliseconds.floor(now), deletionLimit] }
}
