import Foundation
import HTTPEdge
import HTTPTypes
import Identity
import Records

/// Finds out who makes a request, and whether that gets him to an operation.
struct Authenticator: Gatekeeper {
    let identity: Identity

    func caller(_ head: HTTPRequest, from address: String, for access: Access) async throws -> Caller {
        if access.acceptsLinks, let link = SignedLink(head.path ?? "") { return try await caller(link) }
        return try await caller(Credentials(head.headerFields), from: address, for: access)
    }

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

    /// Who has a link that was signed here needs nothing else, and sees what it leads to.
    private func caller(_ link: SignedLink) async throws -> Caller {
        guard let id = try await identity.linkSigner.account(of: link.signature, to: link.path),
            let account = try await identity.account(id: id)
        else { throw APIError.wrongCredentials }
        return Caller(account: account, proof: .link)
    }

    private func admit(_ caller: Caller, to access: Access) throws(APIError) {
        guard case .token = caller.proof else { return }
        switch access {
        case .tokenOnly: break
        case .noToken, .ownAccountWithoutToken: throw .closedToTokens
        case .right(let right): try caller.demand(right)
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
