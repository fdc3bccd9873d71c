import SQL

extension Store {
    /// Rows that one transaction removes at most, so that streams which have something to say need not wait.
    static let deletionLimit = 5000

    /// Removes all rows that `query` finds, one transaction after the other.
    /// - Parameter query: removes `deletionLimit` of them at most.
    /// - Returns: how many were removed.
    func deleteInPortions(_ query: Query) async throws -> Int {
        var count = 0
        while true {
            let removed = try await write { try $0.execute(query.sql, query.arguments) }
            count += removed
            if removed < Self.deletionLimit { return count }
        }
    }
}
