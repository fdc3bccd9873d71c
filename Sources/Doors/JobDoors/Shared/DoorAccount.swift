import Records
import Store

/// Whose the jobs of a door are whose callers are nobody in particular.
struct DoorAccount: Sendable {
    /// `nil`: the account that was created first.
    let login: String?
    let store: Store

    /// `nil`: there is none of this login.
    func account() async throws -> Account? {
        guard let login else { return try await store.oldestAccount() }
        return try await store.accountWithHash(login: login)?.account
    }
}
