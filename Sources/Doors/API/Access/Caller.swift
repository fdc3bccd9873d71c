import Foundation
import HTTPEdge
import Records

/// Who made a request, and whose objects that lets him see. Objects are only ever changed by their own account.
struct Caller: Sendable {
    /// How the caller is known.
    enum Proof: Sendable {
        case password
        /// A browser that is signed in: as good as the password, for as long as the session lasts.
        case session(Session)
        /// `Luna-Account-Id` alone: sees that account and no other, whatever its type.
        case accountID
        case token(Token)
        /// A link that is signed: sees what it leads to, which is of that account.
        case link
    }
    let account: Account
    let proof: Proof

    /// - Throws: what a token is told that lacks the right; others have all.
    func demand(_ right: Right) throws(APIError) {
        guard case .token(let token) = proof else { return }
        let (action, key) = (right.action.rawValue, right.object.rawValue)
        guard token.specification.permissions.allows(action, on: key) else { throw .missingRight(action, key) }
    }

    /// The account whose objects a reading request is about; `nil` means those of all accounts.
    /// - Parameter query: its `account_id` restricts a caller who sees several accounts, and has no effect on others.
    func scope(_ query: Query) throws(Refusal) -> UUID? {
        let requested = try query.id("account_id")
        return seesAllAccounts ? requested : account.id
    }
    var seesAllAccounts: Bool {
        switch proof {
        case .password, .session: account.kind.seesAllAccounts
        case .accountID, .link: false
        case .token(let token): account.kind.seesAllAccounts && token.specification.visibility == .all
        }
    }
    /// When the credentials cease to be good; `nil`: not by themselves.
    var expiry: Date? {
        switch proof {
        case .token(let token): token.specification.expirationTime
        case .session(let session): session.expiry
        case .password, .accountID, .link: nil
        }
    }
    /// What this caller could not put into a token of its own: that would be more than it has itself.
    func missing(for token: TokenSpecification) -> Right.Missing? {
        guard case .token(let own) = proof else { return nil }
        if token.visibility == .all, own.specification.visibility == .account, account.kind.seesAllAccounts {
            return Right.Missing(action: "all", key: "visibility_area")
        }
        return own.specification.permissions.missing(for: token.permissions).map {
            Right.Missing(action: $0.action, key: $0.key)
        }
    }
}

extension Right {
    /// A right that somebody lacks; the key may be one of those that this daemon itself never asks for.
    struct Missing: Sendable { let action, key: String }
}
