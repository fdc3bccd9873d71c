import CSodium
import Foundation

/// XChaCha20-Poly1305 under one key, through libsodium.
///
/// What is sealed is bound to its place, so that nobody who can write in the database can show it from another. A form byte, the
/// key's id (8 bytes), a random nonce (24), the text, a tag (16).
/// Source: draft-irtf-cfrg-xchacha-03; nonces of 24 bytes may be drawn at random.
struct Seal: Sendable {
    private static let form: UInt8 = 1
    private static let nonceLength = 24, tagLength = 16
    private static let headLength = 1 + SealingKey.idLength + nonceLength

    let key: SealingKey
    let id: [UInt8]
    private let secret, hashSecret: [UInt8]

    init(_ key: SealingKey) {
        (self.key, id) = (key, key.id)
        (secret, hashSecret) = (key.derived("sightline seal"), key.derived("sightline reference"))
    }

    /// The id of the key that something was sealed under; `nil` for what is not sealed.
    static func id(of sealed: some RandomAccessCollection<UInt8>) -> [UInt8]? {
        guard sealed.count >= headLength + tagLength, sealed.first == form else { return nil }
        return Array(sealed.dropFirst().prefix(SealingKey.idLength))
    }

    func seal(_ message: UnsafeBufferPointer<UInt8>, at place: SealedPlace) -> [UInt8] {
        let place = place.bytes
        return [UInt8](unsafeUninitializedCapacity: Self.headLength + message.count + Self.tagLength) { sealed, count in
            sealed[0] = Self.form
            for index in 0..<SealingKey.idLength { sealed[1 + index] = id[index] }
            let nonce = sealed.baseAddress! + 1 + SealingKey.idLength
            randombytes_buf(nonce, Self.nonceLength)
            crypto_aead_xchacha20poly1305_ietf_encrypt(
                nonce + Self.nonceLength, nil, message.baseAddress, UInt64(message.count), place, UInt64(place.count),
                nil, nonce, secret)
            count = sealed.count
        }
    }

    /// `nil` when it was not sealed under this key, at this place.
    func open(_ sealed: [UInt8], at place: SealedPlace) -> [UInt8]? {
        guard Self.id(of: sealed) == id else { return nil }
        let place = place.bytes
        var isOpen = false
        let length = sealed.count - Self.headLength - Self.tagLength
        let message = [UInt8](unsafeUninitializedCapacity: max(1, length)) { message, count in
            sealed.withUnsafeBufferPointer { sealed in
                let text = sealed.baseAddress! + Self.headLength
                isOpen =
                    crypto_aead_xchacha20poly1305_ietf_decrypt(
                        message.baseAddress!, nil, nil, text, UInt64(length + Self.tagLength), place,
                        UInt64(place.count), text - Self.nonceLength, secret) == 0
            }
            count = length
        }
        return isOpen ? message : nil
    }

    /// Says whether two texts are equal without saying what they are.
    func hash(_ text: String) -> UUID {
        let digest = SealingKey.hash(Array(text.utf8), under: hashSecret, length: 16)
        return digest.withUnsafeBytes { UUID(uuid: $0.loadUnaligned(as: uuid_t.self)) }
    }
}
