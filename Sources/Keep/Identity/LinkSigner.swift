import CSodium
public import Foundation

/// Signs links that lead to something of an account without its credentials, and knows them again.
///
/// A signature is the account's id (16 bytes) and the HMAC-SHA256 of it and the path (32), in Base64 for URLs. Nothing of it is
/// stored: it is good as long as what it leads to is there, and as long as the database keeps its key, also after that is sealed anew.
public struct LinkSigner: Sendable {
    static let keyLength = 32
    private static let idLength = 16
    private static let digestLength = 32

    private let key: [UInt8]
    init(key: Data) {
        precondition(key.count == Self.keyLength && sodium_init() >= 0, "a key has \(Self.keyLength) bytes")
        self.key = [UInt8](key)
    }

    /// - Parameter path: without a query.
    public func signature(of account: UUID, to path: String) -> String {
        let id = withUnsafeBytes(of: account.uuid) { Array($0) }
        let message = id + path.utf8
        var digest = [UInt8](repeating: 0, count: Self.digestLength)
        crypto_auth_hmacsha256(&digest, message, UInt64(message.count), key)
        return Data(id + digest).base64EncodedString().replacing("+", with: "-").replacing("/", with: "_")
    }

    /// Whose link it is; `nil` when it was not signed here, or leads elsewhere. Takes the same time for each wrong one.
    public func account(of signature: String, to path: String) -> UUID? {
        guard signature.utf8.count == 4 * (Self.idLength + Self.digestLength) / 3,
            let data = Data(
                base64Encoded: signature.replacing("-", with: "+").replacing("_", with: "/"))
        else { return nil }
        let bytes = [UInt8](data)
        guard bytes.count == Self.idLength + Self.digestLength else { return nil }
        let message = bytes.prefix(Self.idLength) + path.utf8
        let digest = Array(bytes.suffix(Self.digestLength))
        guard crypto_auth_hmacsha256_verify(digest, Array(message), UInt64(message.count), key) == 0 else {
            return nil
        }
        return bytes.withUnsafeBytes { UUID(uuid: $0.loadUnaligned(as: uuid_t.self)) }
    }
}
