public import Foundation
public import Records
import Store

extension Identity {
    public func createToken(
        _ specification: TokenSpecification, account: UUID, id: UUID = UUID(), at now: Date = .now
    ) async throws -> Token {
        let token = Token(
            id: id, accountID: account, specification: specification,
            jwt: try await jwt(id, account, specification), createTime: now.storedTime, lastUpdateTime: now.storedTime)
        try await store.insert(token)
        return token
    }

    /// Replaces the whole token; JWTs given out before stay good for what it then is. `nil` when `account` has no such token.
    public func replaceToken(
        id: UUID, account: UUID, with specification: TokenSpecification, at now: Date = .now
    ) async throws -> Token? {
        try await store.replaceToken(
            id: id, account: account, with: specification, jwt: try await jwt(id, account, specification), at: now)
    }

    /// What a JWT stands for now.
    public func lookUp(jwt: String, at now: Date = .now) async throws -> TokenLookup {
        guard let claims = try await signer.claims(of: jwt), let id = UUID(uuidString: claims.tokenId) else {
            return .corrupted
        }
        guard let (token, account) = try await store.tokenWithAccount(id: id) else { return .unknown }
        return token.isExpired(at: now) ? .expired : .valid(token, account)
    }

    private func jwt(_ id: UUID, _ account: UUID, _ specification: TokenSpecification) async throws -> String {
        try await signer.sign(
            TokenSigner.Claims(token: id, account: account, expirationTime: specification.expirationTime))
    }
}
