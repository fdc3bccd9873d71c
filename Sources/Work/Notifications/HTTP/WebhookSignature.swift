import CSodium
import Foundation
import Records

/// Signs a message by the scheme of Standard Webhooks 1.0.0: HMAC-SHA256 over id, time and body, with points between them.
enum WebhookSignature {
    /// As the header `webhook-signature` carries it: `v1,` and Base64.
    static func header(id: String, time: Int, body: [UInt8], secret: SigningSecret) -> String {
        let signature = hmac(Array("\(id).\(time).".utf8) + body, key: secret.bytes)
        return "v1," + Data(signature).base64EncodedString()
    }

    static func hmac(_ message: [UInt8], key: [UInt8]) -> [UInt8] {
        precondition(sodium_init() >= 0, "libsodium cannot be initialised")
        var state = crypto_auth_hmacsha256_state()
        var digest = [UInt8](repeating: 0, count: Int(crypto_auth_hmacsha256_bytes()))
        crypto_auth_hmacsha256_init(&state, key, key.count)
        crypto_auth_hmacsha256_update(&state, message, UInt64(message.count))
        crypto_auth_hmacsha256_final(&state, &digest)
        return digest
    }
}
