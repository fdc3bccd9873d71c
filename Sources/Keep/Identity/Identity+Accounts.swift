public import Foundation
public import Records
import Store

extension Identity {
    public func account(id: UUID) async throws -> Account? { try await store.account(id: id) }

    /// Creates an account.
    /// - Parameters:
    ///   - id: `nil` makes a new one.
    ///   - address: where this is asked from, as a `LoginThrottle` tells places apart.
    /// - Throws: `invalidLogin`, `invalidPassword`, `invalidDescription`, `tooManyLogins`; `StoreError.loginTaken`, `accountIDTaken`.
    public func createAccount(
        id: UUID? = nil, login: String, password: String, kind: Account.Kind, description: String = "",
        from address: String = "", at now: Date = .now
    ) async throws -> Account {
        guard Account.isValid(login: login) else { throw IdentityError.invalidLogin(login) }
        guard Account.isValid(password: password) else { throw IdentityError.invalidPassword }
        guard description.unicodeScalars.count <= 128 else { throw IdentityError.invalidDescription }
        let hash = try await hasher.hash(password, from: LoginOrigin(login: login, address: address))
        let time = now.storedTime
        let account = Account(
            id: id ?? UUID(), login: login, kind: kind, description: description, createTime: time, lastUpdateTime: time
        )
        try await store.insert(account, passwordHash: hash)
        credentials.drop(account.id)
        return account
    }

    /// Changes what `change` names. `nil` when there is no such account.
    ///
    /// Whoever was known by the old login or password is forgotten at once.
    /// - Throws: `invalidLogin`, `invalidPassword`, `invalidDescription`, `tooManyLogins`; `StoreError.loginTaken`,
    ///   `adminTypeIsFixed`.
    public func changeAccount(
        id: UUID, _ change: AccountChange, from address: String = "", at now: Date = .now
    ) async throws -> Account? {
        if let login = change.login, !Account.isValid(login: login) { throw IdentityError.invalidLogin(login) }
        if let password = change.password, !Account.isValid(password: password) { throw IdentityError.invalidPassword }
        if let text = change.description, text.unicodeScalars.count > 128 { throw IdentityError.invalidDescription }
        guard let current = try await store.account(id: id) else { return nil }
        let origin = LoginOrigin(login: current.login, address: address)
        let hash: String? =
            if let password = change.password { try await hasher.hash(password, from: origin) } else { nil }
        defer {
            credentials.drop(id)
            // Whoever was told by the commit itself may still have found the old password remembered.
            store.changes.yield([.credentials(account: id)])
        }
        return try await store.changeAccount(id: id, change, passwordHash: hash, at: now)
    }
}
