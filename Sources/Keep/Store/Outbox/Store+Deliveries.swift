public import Foundation
import SQL

extension Store {
    /// Rows that one transaction removes at most, so that streams which have something to say need not wait.
    private static let deletionLimit = 5000

    /// Removes what became due to callbacks before `bound`.
    /// - Returns: how many were removed.
    @discardableResult
    public func deleteDeliveries(before bound: Date) async throws -> Int {
        var count = 0
        while true {
            let removed = try await write { connection in
                try connection.execute(
                    """
                    DELETE FROM delivery WHERE sequence IN (
                        SELECT sequence FROM delivery WHERE create_time < ? ORDER BY create_time LIMIT ?)
                    """, [Milliseconds.bound(bound), Self.deletionLimit])
            }
            count += removed
            if removed < Self.deletionLimit { return count }
        }
    }

    /// How many reports wait for delivery.
    public func deliveryCount() async throws -> Int {
        try await read { try $0.value("SELECT count(*) FROM delivery") ?? 0 }
    }
}
