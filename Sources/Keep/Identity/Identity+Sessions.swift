public import Foundation
public import Records
import Store

/// A session that has just begun, or a code that was just made, with the secret that lets in whoever has it: told once, and kept nowhere.
public struct NewSession: Sendable {
    public let secret: String
    public let session: Session
    public let account: Account
}

extension Identity {
    /// Begins a session; `nil` when login or password is wrong.
    ///
    /// Passwords are tried as by `authenticate`, which says how fast. A session ends with its time, by `endSession`, with a change of its
    /// account's password and with the account.
    /// - Throws: `tooManyLogins` when this attempt was not even looked at.
    public func signIn(
        login: String, password: String, from address: String = "", at now: Date = .now
    ) async throws -> NewSession? {
        // Once more for an account that was changed between the look at its password and here.
        for _ in 0..<2 {
            guard let account = try await authenticate(login: login, password: password, from: address) else {
                return nil
            }
            if let session = try await begin(.browser, for: account, at: now) { return session }
        }
        return nil
    }

    /// Begins a session, and ends the code; `nil` when there is no such code, or no longer.
    public func signIn(code: String, at now: Date = .now) async throws -> NewSession? {
        guard let code = SessionSecret(code) else { return nil }
        let secret = SessionSecret()
        let begun = try await store.exchange(code: code.digest, forSession: secret.digest, at: now)
        return begun.map { NewSession(secret: secret.text, session: $0.session, account: $0.account) }
    }

    /// Makes a code that begins one session, within an hour and as long as the password stays; `nil` when `account` has changed meanwhile.
    public func makeCode(for account: Account, at now: Date = .now) async throws -> NewSession? {
        try await begin(.code, for: account, at: now)
    }

    private func begin(_ kind: Session.Kind, for account: Account, at now: Date) async throws -> NewSession? {
        let secret = SessionSecret(), session = Session(of: account.id, kind, at: now)
        guard try await store.insert(session, digest: secret.digest, of: account) else { return nil }
        return NewSession(secret: secret.text, session: session, account: account)
    }

    /// The session of a browser that holds this secret, and the account that it stands for; `nil` for none, or no longer.
    public func session(_ secret: String, at now: Date = .now) async throws -> (session: Session, account: Account)? {
        guard let secret = SessionSecret(secret) else { return nil }
        return try await store.session(digest: secret.digest, at: now)
    }

    /// Whoever holds the secret is no longer let in by it.
    public func endSession(_ secret: String) async throws {
        guard let secret = SessionSecret(secret) else { return }
        _ = try await store.deleteSession(digest: secret.digest)
    }
}
