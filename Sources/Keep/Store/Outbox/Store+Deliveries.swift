public import Foundation
import SQL

extension Store {
    /// Removes what became due to callbacks before `bound`.
    /// - Returns: how many were removed.
    @discardableResult
    public func deleteDeliveries(before bound: Date) async throws -> Int {
        try await deleteInPortions(
            Query(
                """
                DELETE FROM delivery WHERE sequence IN (
                    SELECT sequence FROM delivery WHERE create_time < ? ORDER BY create_time LIMIT ?)
                """, [Milliseconds.bound(bound), Self.deletionLimit]))
    }

    /// How many reports wait for delivery.
    public func deliveryCount() async throws -> Int {
        try await read { try $0.value("SELECT count(*) FROM delivery") ?? 0 }
    }
}
