import Foundation
import Records
public import Store
import Synchronization

/// Who somebody is: passwords, tokens and sessions, who may try them how fast, and who is remembered. Rows are the store's.
///
/// Every method throws what the store throws, and `IdentityError`.
public final class Identity: Sendable {
    let store: Store
    let credentials = CredentialCache(capacity: 4096, lifetime: .seconds(60))
    let hasher = PasswordHasher()
    let throttle: LoginThrottle
    let logins = SharedWork<LoginAttempt, Account?>()
    private let signers = SharedWork<Int, TokenSigner>()
    private let knownSigner = Mutex<TokenSigner?>(nil)
    private let knownLinkSigner = Mutex<LinkSigner?>(nil)

    public convenience init(store: Store) { self.init(store: store, throttle: LoginThrottle()) }
    init(store: Store, throttle: LoginThrottle) { (self.store, self.throttle) = (store, throttle) }

    /// Signs with the key that the database keeps.
    var signer: TokenSigner {
        get async throws {
            if let known = knownSigner.withLock({ $0 }) { return known }
            return try await signers.run(0) {
                let key = try await store.secret("token key", length: TokenSigner.keyLength)
                let signer = await TokenSigner(key: key)
                knownSigner.withLock { $0 = signer }
                return signer
            }
        }
    }
    /// Signs with a key of its own that the database keeps.
    public var linkSigner: LinkSigner {
        get async throws {
            if let known = knownLinkSigner.withLock({ $0 }) { return known }
            let signer = LinkSigner(key: try await store.secret("link key", length: LinkSigner.keyLength))
            knownLinkSigner.withLock { $0 = signer }
            return signer
        }
    }
}

/// Why somebody's credentials are not accepted as new ones, or not looked at.
public enum IdentityError: Error, Hashable, Sendable, CustomStringConvertible {
    case invalidLogin(String)
    case invalidPassword
    case invalidDescription
    /// Passwords are being tried faster than they may be.
    case tooManyLogins(retryAfter: Duration)

    public var description: String {
        switch self {
        case .invalidLogin(let login):
            "The login '\(login)' should be an e-mail address of 3 to 128 characters: lower-case letters, digits, '_', '-' "
                + "or '.', then '@', letters, '.' and at least two letters"
        case .invalidPassword: "The password should have 3 to 128 characters and no line break"
        case .invalidDescription: "The description should have at most 128 characters"
        case .tooManyLogins(let wait): "Too many logins failed; try again in \(wait)"
        }
    }
}
