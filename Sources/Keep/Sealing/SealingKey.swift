import CSodium

/// The 32 bytes that secrets at rest are sealed under. However it is printed, only its name is seen.
public struct SealingKey: Hashable, Sendable, CustomStringConvertible, CustomReflectable {
    static let length = 32
    let bytes: [UInt8]

    init(bytes: [UInt8]) {
        precondition(bytes.count == Self.length && sodium_init() >= 0, "a key has \(Self.length) bytes")
        self.bytes = bytes
    }
    /// - Parameter text: 64 hexadecimal digits; `nil` for anything else.
    public init?(_ text: String) {
        let digits = text.utf8.map { Character(UnicodeScalar($0)).hexDigitValue }
        guard digits.count == 2 * Self.length, !digits.contains(nil) else { return nil }
        let values = digits.compactMap(\.self)
        self.init(bytes: (0..<Self.length).map { UInt8(values[2 * $0] << 4 | values[2 * $0 + 1]) })
    }
    public static func random() -> SealingKey {
        precondition(sodium_init() >= 0, "libsodium cannot be initialised")
        var bytes = [UInt8](repeating: 0, count: length)
        randombytes_buf(&bytes, bytes.count)
        return SealingKey(bytes: bytes)
    }

    /// As it is written down.
    public var text: String { Self.hexadecimal(bytes) }
    /// What it is called where it must not be told: 16 hexadecimal digits, which tell nothing of it.
    public var name: String { Self.name(of: id) }
    public var description: String { "key \(name)" }
    public var customMirror: Mirror { Mirror(self, children: []) }

    /// In front of what is sealed under it.
    var id: [UInt8] { Array(derived("sightline key id").prefix(Self.idLength)) }
    static let idLength = 8
    static func name(of id: some Collection<UInt8>) -> String { hexadecimal(Array(id)) }

    /// A key for one purpose: keyed BLAKE2b of the purpose's name.
    func derived(_ purpose: String) -> [UInt8] { Self.hash(Array(purpose.utf8), under: bytes, length: Self.length) }

    static func hash(_ message: [UInt8], under key: [UInt8], length: Int) -> [UInt8] {
        var digest = [UInt8](repeating: 0, count: length)
        crypto_generichash(&digest, digest.count, message, UInt64(message.count), key, key.count)
        return digest
    }
    private static func hexadecimal(_ bytes: [UInt8]) -> String {
        let digits = Array("0123456789abcdef")
        return String(bytes.flatMap { [digits[Int($0 >> 4)], digits[Int($0 & 15)]] })
    }
}
