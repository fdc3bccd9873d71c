import Records
import SQL
import Synchronization

/// A database, and what is known of damage in it: found by a look through all of it, or by whoever came upon it.
///
/// A file can be damaged by a machine that lost its power and whose disk had said that all was written, by a disk that forgets, or
/// by somebody's copying.
final class DamageWatch: Database {
    private struct State {
        var damage: String?
        var isLookDue: Bool
    }
    private let base: any Database
    private let state: Mutex<State>
    private let report: @Sendable (StoreReport) -> Void

    init(_ base: any Database, report: @escaping @Sendable (StoreReport) -> Void) {
        (self.base, self.report) = (base, report)
        state = Mutex(State(isLookDue: base.mayBeDamaged))
    }

    /// What was found first; `nil` while nothing was.
    var damage: String? { state.withLock(\.damage) }

    /// Looks once, if there is a reason to.
    /// - Throws: `SQLError`; `CancellationError`. Then the next call looks.
    func look() async throws {
        guard state.withLock(\.isLookDue) else { return }
        let found = try await findDamage()
        let isWhole = state.withLock { state in
            state.isLookDue = false
            return state.damage == nil
        }
        if found == nil, isWhole { report(.foundWhole) }
    }

    private func note(_ found: String) {
        let isFirst = state.withLock { state in
            defer { state.damage = state.damage ?? found }
            return state.damage == nil
        }
        if isFirst { report(.damaged(reason: found)) }
    }
    private func noted(_ error: any Error) -> any Error {
        if let error = error as? SQLError, error.kind == .damaged { note(error.description) }
        return error
    }

    // MARK: As the database does it

    var dialect: Dialect { base.dialect }
    var changes: ChangeFeed { base.changes }
    var mayBeDamaged: Bool { base.mayBeDamaged }

    func read<V: Sendable>(_ body: @escaping @Sendable (any Connection) throws -> V) async throws -> V {
        do { return try await base.read(body) } catch { throw noted(error) }
    }
    func write<V: Sendable>(_ body: @escaping @Sendable (any Connection) throws -> V) async throws -> V {
        do { return try await base.write(body) } catch { throw noted(error) }
    }
    func foldIn() async throws {
        do { try await base.foldIn() } catch { throw noted(error) }
    }
    func findDamage() async throws -> String? {
        let found = try await base.findDamage()
        if let found { note(found) }
        return found
    }
    func close() throws { try base.close() }
}
