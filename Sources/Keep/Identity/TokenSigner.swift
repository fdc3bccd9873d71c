import Foundation
import JWTKit
import Records

/// Signs and verifies the JWTs of tokens: HS256 under the key that the database keeps.
///
/// Only the signature is judged here. Whether the token still exists, is expired and what it may do says its row.
struct TokenSigner: Sendable {
    struct Claims: JWTPayload, Equatable {
        let tokenId: String
        let expirationTime: String?
        let accountId: String

        init(token: UUID, account: UUID, expirationTime: Date?) {
            tokenId = token.wire
            accountId = account.wire
            self.expirationTime = expirationTime?.rfc3339
        }
        /// With an explicit `null`, as clients know it.
        func encode(to encoder: any Encoder) throws {
            var container = encoder.container(keyedBy: CodingKeys.self)
            try container.encode(tokenId, forKey: .tokenId)
            try container.encode(expirationTime, forKey: .expirationTime)
            try container.encode(accountId, forKey: .accountId)
        }
        func verify(using algorithm: some JWTAlgorithm) {}
    }
    /// Longer texts are none of ours.
    static let lengthLimit = 2048
    static let keyLength = 32

    private let keys: JWTKeyCollection

    init(key: Data) async {
        keys = await JWTKeyCollection().add(hmac: HMACKey(from: key), digestAlgorithm: .sha256)
    }

    func sign(_ claims: Claims) async throws -> String { try await keys.sign(claims) }

    /// `nil` for anything that was not signed here.
    func claims(of jwt: String) async -> Claims? {
        guard jwt.utf8.count <= Self.lengthLimit else { return nil }
        return try? await keys.verify(jwt, as: Claims.self)
    }
}
