import Foundation
import JWTKit
import Records
import Scene

/// Signs and verifies the JWTs of tokens: HS256 under the key of the data directory.
///
/// Only the signature is judged here. Whether the token still exists, is expired and what it may do says its row.
actor TokenSigner {
    struct Claims: JWTPayload, Equatable {
        let tokenId: String
        let expirationTime: String?
        let accountId: String

        init(token: UUID, account: UUID, expirationTime: Date?) {
            tokenId = token.uuidString.lowercased()
            accountId = account.uuidString.lowercased()
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

    private let key: HMACKey
    private var prepared: JWTKeyCollection?

    init(key: Data) { self.key = HMACKey(from: key) }

    func sign(_ claims: Claims) async throws -> String { try await keys().sign(claims) }

    /// `nil` for anything that was not signed here.
    func claims(of jwt: String) async -> Claims? {
        guard jwt.utf8.count <= Self.lengthLimit else { return nil }
        return try? await keys().verify(jwt, as: Claims.self)
    }

    private func keys() async -> JWTKeyCollection {
        if let prepared { return prepared }
        let keys = await JWTKeyCollection().add(hmac: key, digestAlgorithm: .sha256)
        prepared = keys
        return keys
    }
}
