import Foundation
public import Records
import Store

extension Identity {
    /// The account of these credentials; `nil` when they are wrong, which takes as long for an unknown login as for a wrong
    /// password.
    ///
    /// Right ones are remembered while they are used, so only the first of many requests costs a hash; equal ones that come
    /// together cost one. Passwords that are tried one after another from one address against one login are slowed.
    /// - Parameter address: where the attempt comes from, as a `LoginThrottle` tells places apart.
    /// - Throws: `tooManyLogins` when this attempt was not even looked at.
    public func authenticate(login: String, password: String, from address: String = "") async throws -> Account? {
        guard login.utf8.count <= 128, password.utf8.count <= 1024 else { return nil }
        let key = credentials.key(login: login, password: password)
        let origin = LoginOrigin(login: login, address: address)
        switch credentials.knowledge(of: key) {
        case .right(let account): return account
        case .wrong: return nil
        case nil:
            return try await logins.run(LoginAttempt(key: key, address: address)) {
                try await verify(password, from: origin, key)
            }
        }
    }

    private func verify(
        _ password: String, from origin: LoginOrigin, _ key: CredentialCache.Key
    ) async throws -> Account? {
        // Somebody else may have done it between the look at the cache and here.
        switch credentials.knowledge(of: key) {
        case .right(let account): return account
        case .wrong: return nil
        case nil: break
        }
        switch throttle.admit(origin) {
        case .after(let wait): if wait > .zero { try await Task.sleep(for: wait) }
        case .refused(let wait): throw IdentityError.tooManyLogins(retryAfter: wait)
        }
        let generation = credentials.generation
        let found = try await store.accountWithHash(login: origin.login)
        let isRight = try await hasher.verify(
            password, against: found?.hash, from: origin, isPreferred: throttle.isAcquainted(origin))
        guard isRight, let found else {
            credentials.rememberMistake(key, generation: generation)
            return nil
        }
        throttle.welcome(origin)
        credentials.remember(found.account, for: key, generation: generation)
        return found.account
    }
}

/// Equal attempts from one address are one.
struct LoginAttempt: Hashable, Sendable {
    let key: CredentialCache.Key
    let address: String
}
