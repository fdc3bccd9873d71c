public import Records
public import Store

/// Follows the records of a scope: portion by portion from a place on, each from the store when its reader has taken the one before,
/// so that nothing waits in memory for whoever is slow, and nothing is told that is not stored.
public struct RecordFeed: Sendable {
    public let scope: RecordScope
    /// Up to here all that is in the scope was handed over.
    public private(set) var place: Int64
    private let store: Store

    public init(of scope: RecordScope, after place: Int64, in store: Store) {
        (self.scope, self.place, self.store) = (scope, place, store)
    }

    /// What comes next. Does not wait for anything to happen, but for a database that is away.
    /// - Throws: `StoreError` but `unavailable`; `CancellationError`.
    public mutating func next() async throws -> RecordPortion {
        while true {
            do {
                let portion = try await store.records(of: scope, after: place)
                place = portion.end
                return portion
            } catch StoreError.unavailable {
                try await Task.sleep(for: .seconds(1))
            }
        }
    }

    /// Has an element when records may have been added to the scope since the one before.
    public var changes: AsyncStream<Change> {
        let account = scope.account
        return store.changes.changes { change in
            guard case .events(let changed) = change else { return false }
            return account == nil || account == changed
        }
    }
}
