import Glibc

/// An IPv4 or IPv6 address, as bytes in network order.
struct NetworkAddress: Hashable, Sendable {
    /// 4 or 16 bytes.
    let bytes: [UInt8]

    init(bytes: [UInt8]) { self.bytes = bytes }

    /// - Parameter text: a numeric address such as `10.0.0.5` or `fe80::1`.
    init?(_ text: some StringProtocol) {
        var v4 = in_addr(), v6 = in6_addr()
        let text = String(text)
        if inet_pton(AF_INET, text, &v4) == 1 {
            self.init(bytes: withUnsafeBytes(of: &v4) { Array($0) })
        } else if inet_pton(AF_INET6, text, &v6) == 1 {
            self.init(bytes: withUnsafeBytes(of: &v6) { Array($0) })
        } else {
            return nil
        }
    }

    /// What the address reaches: IPv4 in IPv6 clothes (`::ffff:0:0/96`, `64:ff9b::/96`) is the IPv4 address.
    var effective: NetworkAddress {
        let mapped: [UInt8] = [0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff]
        let translated: [UInt8] = [0, 0x64, 0xff, 0x9b, 0, 0, 0, 0, 0, 0, 0, 0]
        let isClothed = bytes.count == 16 && (bytes.starts(with: mapped) || bytes.starts(with: translated))
        return isClothed ? NetworkAddress(bytes: Array(bytes[12...])) : self
    }

    /// In the numeric form, without brackets.
    var text: String {
        withUnsafeTemporaryAllocation(of: CChar.self, capacity: Int(INET6_ADDRSTRLEN)) { text in
            text.initialize(repeating: 0)
            _ = inet_ntop(bytes.count == 4 ? AF_INET : AF_INET6, bytes, text.baseAddress, socklen_t(text.count))
            return String(cString: text.baseAddress!)
        }
    }
}

/// A block of addresses in CIDR notation: `10.0.0.0/8`, `fd00::/8`, or a single address.
public struct NetworkRange: Hashable, Sendable, CustomStringConvertible {
    /// What an address is for, as far as sources care.
    public enum Kind: String, Hashable, Sendable {
        case loopback, linkLocal, metadata, unspecified, multicast, reserved, ordinary

        /// For sentences.
        var phrase: String {
            switch self {
            case .loopback: "a loopback address"
            case .linkLocal: "a link-local address"
            case .metadata: "the address of a cloud metadata service"
            case .unspecified: "an unspecified address"
            case .multicast: "a multicast address"
            case .reserved: "a reserved address"
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

    func contains(_ address: NetworkAddress) -> Bool {
        let address = address.effective
        guard address.bytes.count == base.bytes.count else { return false }
        return (0..<prefixLength).allSatisfy { bit in
            let mask: UInt8 = 0x80 >> UInt8(bit % 8)
            return address.bytes[bit / 8] & mask == base.bytes[bit / 8] & mask
        }
    }
}

/// Which hosts sources may be on. Private networks are allowed: that is where cameras live.
public struct NetworkPolicy: Hashable, Sendable {
    /// Addresses of this very machine may be used.
    public var allowsLoopback = false
    /// Ranges that are allowed whatever they are for.
    public var allowed: [NetworkRange] = []
    public init() {}

    /// Sources: RFC 6890 (special-purpose addresses), RFC 4291, and the clouds' own pages for their metadata services.
    private static let special: [(NetworkRange.Kind, [NetworkRange])] = [
        (
            .metadata,
            ["169.254.169.254", "169.254.170.2", "100.100.100.200", "168.63.129.16", "192.0.0.192", "fd00:ec2::254"]
        ),
        (.loopback, ["127.0.0.0/8", "::1"]),
        (.linkLocal, ["169.254.0.0/16", "fe80::/10"]),
        (.unspecified, ["0.0.0.0/8", "::/96"]),
        (.multicast, ["224.0.0.0/4", "ff00::/8"]),
        (.reserved, ["240.0.0.0/4"]),
    ].map { kind, texts in (kind, texts.map { NetworkRange($0)! }) }

    static func kind(of address: NetworkAddress) -> NetworkRange.Kind {
        special.first { $0.1.contains { $0.contains(address) } }?.0 ?? .ordinary
    }

    func check(_ address: NetworkAddress) throws(MediaError) {
        if allowed.contains(where: { $0.contains(address) }) { return }
        let kind = Self.kind(of: address)
        guard kind == .ordinary || (kind == .loopback && allowsLoopback) else {
            throw .addressNotAllowed(kind)
        }
    }

    /// The addresses of `host`, all of them allowed. Blocks while the name is being resolved.
    ///
    /// One refused address refuses the host: which of them would be used is not ours to choose.
    func addresses(of host: String) throws(MediaError) -> [NetworkAddress] {
        let addresses = Self.resolve(host)
        guard !addresses.isEmpty else { throw .unknownHost }
        for address in addresses { try check(address) }
        return addresses
    }

    private static func resolve(_ host: String) -> [NetworkAddress] {
        if let address = NetworkAddress(host) { return [address] }
        var hints = addrinfo(), list: UnsafeMutablePointer<addrinfo>?
        hints.ai_family = AF_UNSPEC
        hints.ai_socktype = Int32(SOCK_STREAM.rawValue)
        guard getaddrinfo(host, nil, &hints, &list) == 0 else { return [] }
        defer { freeaddrinfo(list) }
        var addresses: [NetworkAddress] = []
        var next = list
        while let entry = next {
            defer { next = entry.pointee.ai_next }
            let address: NetworkAddress? =
                switch entry.pointee.ai_family {
                case AF_INET:
                    entry.pointee.ai_addr.withMemoryRebound(to: sockaddr_in.self, capacity: 1) { address in
                        NetworkAddress(bytes: withUnsafeBytes(of: &address.pointee.sin_addr) { Array($0) })
                    }
                case AF_INET6:
                    entry.pointee.ai_addr.withMemoryRebound(to: sockaddr_in6.self, capacity: 1) { address in
                        NetworkAddress(bytes: withUnsafeBytes(of: &address.pointee.sin6_addr) { Array($0) })
                    }
                default: nil
                }
            if let address, !addresses.contains(address) { addresses.append(address) }
        }
        return addresses
    }
}
