import Records
import SQL
import Synchronization

// A file can be damaged by a machine that lost its power and whose disk had said that all was written, by a disk that forgets, or by
// somebody's copying.
extension Store {
    /// Looks through the database once, beside everything else, if the process before was killed or its machine was. What is found is
    /// reported, and is a trouble until the next start.
    /// - Returns: how many damages were found, 1 at most.
    @discardableResult
    public func lookForDamage() async throws -> Int {
        guard !isLookedThrough.load(ordering: .relaxed) else { return 0 }
        do {
            let found = try await database.findDamage()
            isLookedThrough.store(true, ordering: .relaxed)
            if let found { note(damage: found) } else { report(.foundWhole) }
            return found == nil ? 0 : 1
        } catch let error as SQLError { throw StoreError(error) }
    }
    /// Whether damage was found, by looking for it or by whoever came to it.
    public var isDamaged: Bool { damage.withLock { $0 } != nil }

    /// What a statement that failed says of the file.
    func note(_ error: SQLError) {
        if error.kind == .damaged { note(damage: error.description) }
    }
    private func note(damage found: String) {
        let isNew = damage.withLock { known in
            defer { known = known ?? found }
            return known == nil
        }
        if isNew { report(.damaged(reason: found)) }
    }
}
