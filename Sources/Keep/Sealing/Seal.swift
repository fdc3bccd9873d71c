import CSodium
import Foundation

/// XChaCha20-Poly1305 under one key, through libsodium.
///
/// What is sealed is bound to its place, so that nobody who can write in the database can show it from another. A form byte, the
/// key's id (8 bytes), a random nonce (24), the text, a tag (16).
/// Source: draft-irtf-cfrg-xchacha-03; nonces of 24 bytes may be drawn at random.
final class Seal: Sendable {
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
    static func id(of sealed: UnsafeRawBufferPointer) -> [UInt8]? {
        isForm(sealed) ? Array(sealed.dropFirst().prefix(SealingKey.idLength)) : nil
    }
    private static func isForm(_ sealed: UnsafeRawBufferPointer) -> Bool {
        sealed.count >= headLength + tagLength && sealed[0] == form
    }
    private func isOwn(_ sealed: UnsafeRawBufferPointer) -> Bool {
        Self.isForm(sealed) && sealed.dropFirst().prefix(SealingKey.idLength).elementsEqual(id)
    }

    func seal(_ message: UnsafeBufferPointer<UInt8>, at place: SealedPlace) -> [UInt8] {
        [UInt8](unsafeUninitializedCapacity: Self.headLength + message.count + Self.tagLength) { sealed, count in
            sealed[0] = Self.form
            for index in 0..<SealingKey.idLength { sealed[1 + index] = id[index] }
            let nonce = sealed.baseAddress! + 1 + SealingKey.idLength
            randombytes_buf(nonce, Self.nonceLength)
            place.withBytes { place in
                _ = crypto_aead_xchacha20poly1305_ietf_encrypt(
                    nonce + Self.nonceLength, nil, message.baseAddress, UInt64(message.count), place.baseAddress,
                    UInt64(place.count), nil, nonce, secret)
            }
            count = Self.headLength + message.count + Self.tagLength
        }
    }

    /// `nil` when it was not sealed under this key, at this place.
    func open(_ sealed: UnsafeRawBufferPointer, at place: SealedPlace) -> [UInt8]? {
        guard isOwn(sealed) else { return nil }
        var isOpen = false
        let message = [UInt8](unsafeUninitializedCapacity: max(1, Self.length(in: sealed))) { message, count in
            isOpen = open(sealed, at: place, into: message)
            count = isOpen ? Self.length(in: sealed) : 0
        }
        return isOpen ? message : nil
    }
    /// The same of a text.
    func openText(_ sealed: UnsafeRawBufferPointer, at place: SealedPlace) -> String? {
        guard isOwn(sealed) else { return nil }
        return withUnsafeTemporaryAllocation(of: UInt8.self, capacity: max(1, Self.length(in: sealed))) { message in
            guard open(sealed, at: place, into: message) else { return nil }
            return String(decoding: message.prefix(Self.length(in: sealed)), as: UTF8.self)
        }
    }
    private static func length(in sealed: UnsafeRawBufferPointer) -> Int { sealed.count - headLength - tagLength }
    private func open(
        _ sealed: UnsafeRawBufferPointer, at place: SealedPlace, into message: UnsafeMutableBufferPointer<UInt8>
    ) -> Bool {
        let start = sealed.assumingMemoryBound(to: UInt8.self).baseAddress!
        return place.withBytes { place in
            crypto_aead_xchacha20poly1305_ietf_decrypt(
                message.baseAddress!, nil, nil, start + Self.headLength, UInt64(sealed.count - Self.headLength),
                place.baseAddress, UInt64(place.count), start + Self.headLength - Self.nonceLength, secret) == 0
        }
    }

    /// Says whether two texts are equal without saying what they are.
    func hash(_ text: String) -> UUID {
        let digest = SealingKey.hash(Array(text.utf8), under: hashSecret, length: 16)
        return digest.withUnsafeBytes { UUID(uuid: $0.loadUnaligned(as: uuid_t.self)) }
    }
}
