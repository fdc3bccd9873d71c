import Glibc

/// An IPv4 or IPv6 address, as bytes in network order.
public struct NetworkAddress: Hashable, Sendable {
    /// 4 or 16 bytes.
    public let bytes: [UInt8]

    init(bytes: [UInt8]) { self.bytes = bytes }

    /// - Parameter text: a numeric address such as `10.0.0.5` or `fe80::1`.
    public init?(_ text: some StringProtocol) {
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

    /// - Parameter host: as it stands in a URL, without brackets. Besides the usual spelling the resolver takes what `inet_aton` does,
    ///   `0x0a010203`, `167838211`, `10.1`, `012.1.2.3`, without asking anybody; and a dot at the end means the same as none.
    public init?(literal host: some StringProtocol) {
        let host = host.last == "." ? String(host.dropLast()) : String(host)
        if let address = Self(host) {
            self = address
            return
        }
        var hints = addrinfo(), list: UnsafeMutablePointer<addrinfo>?
        hints.ai_family = AF_UNSPEC
        hints.ai_flags = AI_NUMERICHOST
        guard getaddrinfo(host, nil, &hints, &list) == 0 else { return nil }
        defer { freeaddrinfo(list) }
        guard let address = list?.pointee.ai_addr else { return nil }
        self.init(address)
    }

    /// Beginnings of IPv6 addresses that hold an IPv4 address, and where they hold it.
    /// Sources: RFC 4291 §2.5.5.2, RFC 6052 §2.1, RFC 8215 (with the longest prefix), RFC 3056 §2,
    /// RFC 2765 §2.1.
    private static let clothes: [(prefix: [UInt8], v4: Int)] = [
        ([0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff], 12),  // ::ffff:0:0/96
        ([0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff, 0, 0], 12),  // ::ffff:0:0:0/96
        ([0, 0x64, 0xff, 0x9b, 0, 0, 0, 0, 0, 0, 0, 0], 12),  // 64:ff9b::/96
        ([0, 0x64, 0xff, 0x9b, 0, 1], 12),  // 64:ff9b:1::/48
        ([0x20, 0x02], 2),  // 2002::/16
    ]
    /// What the address reaches: IPv4 in IPv6 clothes is the IPv4 address.
    var effective: NetworkAddress {
        guard bytes.count == 16, let (_, v4) = Self.clothes.first(where: { bytes.starts(with: $0.prefix) }) else {
            return self
        }
        return NetworkAddress(bytes: Array(bytes[v4..<v4 + 4]))
    }

    /// Whether networks are given addresses of its kind: of IPv6 2000::/3 alone is open so far (RFC 4291 §2.4, RFC 3587 §3).
    var isAssignable: Bool {
        let bytes = effective.bytes
        return bytes.count == 4 || bytes[0] & 0xe0 == 0x20
    }

    /// Those that the network devices of this machine have at the moment.
    static var ofThisMachine: Set<NetworkAddress> {
        var list: UnsafeMutablePointer<ifaddrs>?
        guard getifaddrs(&list) == 0 else { return [] }
        defer { freeifaddrs(list) }
        return Set(
            sequence(first: list) { $0?.pointee.ifa_next }.compactMap { $0?.pointee.ifa_addr.flatMap { Self($0) } })
    }
    /// `nil` for what is neither IPv4 nor IPv6.
    init?(_ address: UnsafeMutablePointer<sockaddr>) {
        switch Int32(address.pointee.sa_family) {
        case AF_INET:
            let bytes = address.withMemoryRebound(to: sockaddr_in.self, capacity: 1) { address in
                withUnsafeBytes(of: &address.pointee.sin_addr) { Array($0) }
            }
            self.init(bytes: bytes)
        case AF_INET6:
            let bytes = address.withMemoryRebound(to: sockaddr_in6.self, capacity: 1) { address in
                withUnsafeBytes(of: &address.pointee.sin6_addr) { Array($0) }
            }
            self.init(bytes: bytes)
        default: return nil
        }
    }

    /// In the numeric form, without brackets.
    public var text: String {
        withUnsafeTemporaryAllocation(of: CChar.self, capacity: Int(INET6_ADDRSTRLEN)) { text in
            text.initialize(repeating: 0)
            _ = inet_ntop(bytes.count == 4 ? AF_INET : AF_INET6, bytes, text.baseAddress, socklen_t(text.count))
            return String(cString: text.baseAddress!)
        }
    }
}
