import Foundation
import HTTPEdge
import HTTPTypes
import Identity
import Records

/// Finds out who makes a request, and whether that gets him to an operation.
struct Authenticator: Gatekeeper {
    let identity: Identity

    func caller(_ head: HTTPRequest, in context: EdgeContext, for access: Access) async throws -> Caller {
        if access.acceptsLinks, let link = SignedLink(head.path ?? "") { return try await caller(link) }
        return try await caller(Credentials(head.headerFields, in: context), of: head, in: context, for: access)
    }

    /// - Parameters:
    ///   - credentials: that count of those which the request has.
    ///   - context: tells where it comes from; failed logins are counted by it.
    func caller(
        _ credentials: Credentials, of head: HTTPRequest, in context: EdgeContext, for access: Access
    ) async throws -> Caller {
        let caller: Caller
        switch credentials {
        case .none: throw APIError.noCredentials
        case .accountID(let text):
            guard access != .tokenOnly else { throw APIError.onlyToken }
            guard access != .signedIn, access != .admin else { throw APIError.noCredentials }
            caller = Caller(account: try await account(id: text, for: access), proof: .accountID)
        case .cookie(let jwt): caller = try await self.caller(jwt: jwt)
        case .session(let secret):
            guard head.mayUseSession(from: context.page) else { throw APIError.sessionDoesNotCount }
            guard access != .tokenOnly else { throw APIError.onlyToken }
            // One that is over is none: the browser has kept the cookie too long.
            guard let found = try await identity.session(secret) else { throw APIError.noCredentials }
            caller = Caller(account: found.account, proof: .session(found.session))
        case .authorization(let text):
            let parts = text.split(separator: " ", maxSplits: 1)
            let value = parts.count == 2 ? parts[1].trimmingCharacters(in: .whitespaces) : ""
            switch parts.first?.lowercased() {
            case "bearer": caller = try await self.caller(jwt: value)
            case _ where access == .tokenOnly: throw APIError.onlyToken
            case "basic":
                let account = try await account(basic: value, from: context.clientAddress)
                caller = Caller(account: account, proof: .password)
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
        if case .token = caller.proof {
            switch access {
            case .tokenOnly: break
            case .noToken, .ownAccountWithoutToken, .signedIn, .admin: throw .closedToTokens
            case .right(let right): try caller.demand(right)
            }
        }
        if access == .admin, caller.account.kind != .admin { throw .disabled }
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

extension HTTPRequest {
    /// Whether the cookie of a session counts, which browsers send along with whatever a page lets them ask.
    ///
    /// What changes something wants the header that only a script can send, and which browsers let only scripts of this origin send with the
    /// cookie. A WebSocket, to which a page adds no header, wants the origin itself, which browsers always send with it.
    fileprivate func mayUseSession(from page: PageOrigin) -> Bool {
        if headerFields[values: .upgrade].contains(where: { $0.lowercased() == "websocket" }) { return page == .own }
        guard page != .foreign else { return false }
        return [.get, .head, .options].contains(method) || headerFields[.console] == "1"
    }
}
