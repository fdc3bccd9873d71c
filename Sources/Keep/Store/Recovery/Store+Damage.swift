import SQL

extension Store {
    /// Looks through the database once, beside everything else, when there is a reason to. What is found is reported, and is a trouble
    /// as long as the store is open.
    public func lookForDamage() async throws {
        do { try await database.look() } catch let error as SQLError { throw StoreError(error) }
    }
    /// Whether damage was found, by looking for it or by whoever came upon it.
    public var isDamaged: Bool { database.damage != nil }
}
