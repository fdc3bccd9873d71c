import Records
import SQL
import Synchronization

/// A database that can be gone.
final class FlakyDatabase: Database {
    enum Condition: Sendable {
        case well
        case gone
        /// Lost after each commit, before anybody has heard of it.
        case deaf
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
        let condition = condition.withLock { $0 }
        if condition == .gone { throw SQLError(.unavailable, "gone") }
        let value = try await base.write(body)
        if condition == .deaf { throw SQLError(.unavailable, "lost") }
        return value
    }
    func close() throws { try base.close() }
}
