import CSodium
import Foundation

/// What a browser holds of its session, or a person of a code: 32 random bytes in Base64 for URLs. Whoever has it is let in, so the
/// database is given its digest alone.
struct SessionSecret: Sendable {
    let text: String

    /// A new one.
    init() {
        precondition(sodium_init() >= 0, "libsodium cannot be initialised")
        var bytes = [UInt8](repeating: 0, count: Self.length)
        randombytes_buf(&bytes, bytes.count)
        text = Data(bytes).base64EncodedString()
            .replacing("+", with: "-").replacing("/", with: "_").replacing("=", with: "")
    }
    /// `nil` for a text that is none.
    init?(_ text: String) {
        guard text.utf8.count == (Self.length * 4 + 2) / 3 else { return nil }
        self.text = text
    }
    private static let length = 32

    /// BLAKE2b, 32 bytes. The secret is random and as long, so there is nothing to guess that a slow hash would protect.
    var digest: [UInt8] {
        let message = Array(text.utf8)
        var digest = [UInt8](repeating: 0, count: 32)
        crypto_generichash(&digest, digest.count, message, UInt64(message.count), nil, 0)
        return digest
    }
}
