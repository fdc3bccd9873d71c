public import Foundation
import Records
import SQL

// Old objects go in the order in which they were stored, some in each transaction, and their files after them.
extension Store {
    /// Rows that one transaction removes at most.
    private static let objectDeletionLimit = 200

    /// Removes what has expired.
    /// - Returns: how many were removed.
    @discardableResult
    public func deleteExpiredObjects(at now: Date) async throws -> Int {
        var count = 0
        while true {
            let removed = try await removeObjects(where: Self.expiredObjects, Self.expiredArguments(at: now))
            count += removed.count
            if removed.count < Self.objectDeletionLimit { return count }
        }
    }
    static let expiredObjects =
        "sequence IN (SELECT sequence FROM object WHERE expiry IS NOT NULL AND expiry <= ? ORDER BY expiry LIMIT ?)"
    static func expiredArguments(at now: Date) -> [any Bindable] { [Milliseconds.nearest(now), objectDeletionLimit] }

    /// Removes what was stored before `bound`.
    @discardableResult
    public func deleteObjects(before bound: Date) async throws -> Int {
        let time = Milliseconds.bound(bound)
        return try await deleteOldestObjects { object, _ in object.time < time }
    }
    /// Removes the oldest until no more than `limit` are left.
    @discardableResult
    public func deleteObjects(beyondCount limit: Int) async throws -> Int {
        let excess = try await objectTotals().count - limit
        return try await deleteOldestObjects { _, before in before.count < excess }
    }
    /// Removes the oldest until they have no more than `limit` bytes.
    @discardableResult
    public func deleteObjects(beyondBytes limit: Int) async throws -> Int {
        let excess = try await objectTotals().bytes - limit
        return try await deleteOldestObjects { _, before in before.bytes < excess }
    }

    private struct Oldest: Sendable {
        let sequence, time: Int64
        let size: Int
    }
    /// - Parameter goes: asked of each, the oldest first, with what goes before it; the first that stays ends the search.
    private func deleteOldestObjects(
        _ goes: @escaping @Sendable (_ object: Oldest, _ before: ObjectTotals) -> Bool
    ) async throws -> Int {
        var gone = ObjectTotals(count: 0, bytes: 0)
        while true {
            let removed = try await removeObjects { [before = gone] connection in
                let oldest = try connection.rows(
                    "SELECT sequence, create_time, size FROM object ORDER BY sequence LIMIT ?",
                    [Self.objectDeletionLimit]
                ) { Oldest(sequence: $0[0], time: $0[1], size: $0[2]) }
                var last: Int64?, sum = before
                for object in oldest {
                    guard goes(object, sum) else { break }
                    last = object.sequence
                    sum = ObjectTotals(count: sum.count + 1, bytes: sum.bytes + object.size)
                }
                guard let last else { return (RemovedObjects(), RemovedObjects()) }
                let removed = try connection.removeObjects(where: "sequence <= ?", [last])
                return (removed, removed)
            }
            gone = ObjectTotals(count: gone.count + removed.count, bytes: gone.bytes + removed.bytes)
            if removed.count < Self.objectDeletionLimit { return gone.count }
        }
    }
}
