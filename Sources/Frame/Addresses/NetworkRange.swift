/// A block of addresses in CIDR notation: `10.0.0.0/8`, `fd00::/8`, or a single address.
public struct NetworkRange: Hashable, Sendable, CustomStringConvertible {
    /// What an address is for, as far as those care who connect to it.
    public enum Kind: String, Hashable, Codable, Sendable {
        case loopback, own, linkLocal, metadata, unspecified, multicast, reserved, privateUse, ordinary

        /// For sentences.
        public var phrase: String {
            switch self {
            case .loopback: "a loopback address"
            case .own: "an address of this machine"
            case .linkLocal: "a link-local address"
            case .metadata: "the address of a cloud metadata service"
            case .unspecified: "an unspecified address"
            case .multicast: "a multicast address"
            case .reserved: "a reserved address"
            case .privateUse: "an address of a private network"
            case .ordinary: "an address"
            }
        }
    }

    private let base: NetworkAddress
    private let prefixLength: Int

    /// - Parameter text: an address, or one with `/` and a prefix length. `nil` when it is neither.
    public init?(_ text: String) {
        let parts = text.split(separator: "/", maxSplits: 1, omittingEmptySubsequences: false)
        guard let base = NetworkAddress(parts[0]) else { return nil }
        let bits = base.bytes.count * 8
        guard parts.count == 2 else {
            (self.base, prefixLength) = (base, bits)
            return
        }
        guard let length = Int(parts[1]), (0...bits).contains(length) else { return nil }
        (self.base, prefixLength) = (base, length)
    }

    public var description: String { "\(base.text)/\(prefixLength)" }

    /// IPv4 in IPv6 clothes is the IPv4 address.
    public func contains(_ address: NetworkAddress) -> Bool {
        let address = address.effective
        guard address.bytes.count == base.bytes.count else { return false }
        return (0..<prefixLength).allSatisfy { bit in
            let mask: UInt8 = 0x80 >> UInt8(bit % 8)
            return address.bytes[bit / 8] & mask == base.bytes[bit / 8] & mask
        }
    }
}
