import Foundation
import HTTPTypes
import Identity
import Records
import Store

/// Who made a request, and whose objects that lets him see. Objects are only ever changed by their own account.
struct Caller: Sendable {
    /// How the caller is known.
    enum Proof: Sendable {
        case password
        /// `Luna-Account-Id` alone: sees that account and no other, whatever its type.
        case accountID
        case token(Token)
    }
    let account: Account
    let proof: Proof

    /// The account whose objects a reading request is about; `nil` means those of all accounts.
    /// - Parameter query: its `account_id` restricts a caller who sees several accounts, and has no effect on others.
    func scope(_ query: Query) throws(APIError) -> UUID? {
        let requested = try query.id("account_id")
        return seesAllAccounts ? requested : account.id
    }
    var seesAllAccounts: Bool {
        switch proof {
        case .password: account.kind.seesAllAccounts
        case .accountID: false
        case .token(let token): account.kind.seesAllAccounts && token.specification.visibility == .all
        }
    }
    /// When the credentials cease to be good; `nil`: not by themselves.
    var expiry: Date? { if case .token(let token) = proof { token.specification.expirationTime } else { nil } }
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

/// Finds out who makes a request, and whether that gets him to an operation.
struct Authenticator: Sendable {
    let identity: Identity

    /// - Parameter address: where the request comes from; failed logins are counted by it.
    func caller(_ credentials: Credentials, from address: String, for access: Access) async throws -> Caller {
        let caller: Caller
        switch credentials {
        case .none: throw APIError.noCredentials
        case .accountID(let text):
            guard access != .tokenOnly else { throw APIError.onlyToken }
            caller = Caller(account: try await account(id: text, for: access), proof: .accountID)
        case .cookie(let jwt): caller = try await self.caller(jwt: jwt)
        case .authorization(let text):
            let parts = text.split(separator: " ", maxSplits: 1)
            let value = parts.count == 2 ? parts[1].trimmingCharacters(in: .whitespaces) : ""
            switch parts.first?.lowercased() {
            case "bearer": caller = try await self.caller(jwt: value)
            case _ where access == .tokenOnly: throw APIError.onlyToken
            case "basic":
                caller = Caller(account: try await account(basic: value, from: address), proof: .password)
            default: throw APIError.badBasicHeader
            }
        }
        try admit(caller, to: access)
        return caller
    }

    private func admit(_ caller: Caller, to access: Access) throws(APIError) {
        guard case .token(let token) = caller.proof else { return }
        switch access {
        case .tokenOnly: break
        case .noToken, .ownAccountWithoutToken: throw .closedToTokens
        case .right(let right):
            let (action, key) = (right.action.rawValue, right.object.rawValue)
            guard token.specification.permissions.allows(action, on: key) else { throw .missingRight(action, key) }
        }
    }

    private func account(id text: String, for access: Access) async throws -> Account {
        guard let id = UUID(wire: text) else { throw APIError.badAccountHeader }
        if let account = try await identity.account(id: id) { return account }
        throw access.isAboutOwnAccount ? APIError.accountNotFound(id) : APIError.wrongCredentials
    }
    private func account(basic value: String, from address: String) async throws -> Account {
        guard let data = Data(base64Encoded: value), let text = String(data: data, encoding: .utf8),
            let colon = text.firstIndex(of: ":")
        else { throw APIError.badBasicHeader }
        let login = String(text[..<colon]), password = String(text[text.index(after: colon)...])
        do {
            if let account = try await identity.authenticate(login: login, password: password, from: address) {
                return account
            }
        } catch IdentityError.tooManyLogins(let wait) {
            throw APIError.tooManyLogins(retryAfter: wait)
        }
        throw APIError.wrongCredentials
    }
    private func caller(jwt: String) async throws -> Caller {
        switch try await identity.lookUp(jwt: jwt) {
        case .valid(let token, let account): Caller(account: account, proof: .token(token))
        case .corrupted: throw APIError.badToken
        case .unknown, .expired: throw APIError.unusableToken
        }
    }
}
