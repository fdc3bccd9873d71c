import Records
import SQL
import Synchronization

/// A database that can be gone.
final class FlakyDatabase: Database {
    enum Condition: Hashable, Sendable {
        case well
        case gone
        /// Lost after each commit, before anybody has heard of it.
        case deaf
        /// Writes neither go through nor fail until it is another.
        case stuck
        /// Read by somebody else, so that its log cannot be folded in.
        case read
        /// Gone after so many more writes.
        case dying(Int)
    }
    private let base: any Database
    private let condition = Mutex(Condition.well)
    init(_ base: any Database) { self.base = base }

    func become(_ condition: Condition) { self.condition.withLock { $0 = condition } }

    var dialect: Dialect { base.dialect }
    var changes: ChangeFeed { base.changes }
    func read<V: Sendable>(_ body: @escaping @Sendable (any Connection) throws -> V) async throws -> V {
        if condition.withLock({ $0 }) == .gone { throw SQLError(.unavailable, "gone") }
        return try await base.read(body)
    }
    func write<V: Sendable>(_ body: @escaping @Sendable (any Connection) throws -> V) async throws -> V {
        while condition.withLock({ $0 }) == .stuck { try await Task.sleep(for: .milliseconds(2)) }
        let condition = condition.withLock { $0 }
        if condition == .gone || condition == .dying(0) { throw SQLError(.unavailable, "gone") }
        if case .dying(let count) = condition { become(.dying(count - 1)) }
        let value = try await base.write(body)
        if condition == .deaf { throw SQLError(.unavailable, "lost") }
        return value
    }
    var mayBeDamaged: Bool { base.mayBeDamaged }
    func findDamage() async throws -> String? { try await base.findDamage() }
    /// How often that was tried.
    let folds = Atomic(0)
    func foldIn() async throws {
        folds.add(1, ordering: .relaxed)
        if condition.withLock({ $0 }) == .read { throw SQLError(.unavailable, "read") }
        try await base.foldIn()
    }
    func close() throws { try base.close() }
}
