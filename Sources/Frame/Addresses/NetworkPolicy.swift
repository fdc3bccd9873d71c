import Glibc

/// Which hosts may be connected to. Private networks are allowed unless it is said otherwise: that is where cameras live.
public struct NetworkPolicy: Hashable, Sendable {
    /// Addresses of private networks may be used.
    public var allowsPrivateNetworks = true
    /// Addresses of this very machine may be used, those of its network devices too.
    public var allowsLoopback = false
    /// Ranges that are allowed whatever they are for.
    public var allowed: [NetworkRange] = []
    public init() {}

    /// Sources: the IANA's registries of special-purpose addresses (RFC 6890), RFC 4291, and the clouds' own pages for their metadata
    /// services.
    private static let special: [(NetworkRange.Kind, [NetworkRange])] = [
        (
            .metadata,
            [
                "169.254.169.254", "169.254.170.2", "100.100.100.200", "168.63.129.16", "192.0.0.192", "fd00:ec2::/32",
                "fd20:ce::/32",
            ]
        ),
        (.loopback, ["127.0.0.0/8", "::1"]),
        (.linkLocal, ["169.254.0.0/16", "fe80::/10"]),
        (.unspecified, ["0.0.0.0/8", "::/96"]),
        (.multicast, ["224.0.0.0/4", "ff00::/8"]),
        // The relays of 6to4; what protocols have for themselves, Teredo and ORCHID among it.
        (.reserved, ["240.0.0.0/4", "192.88.99.0/24", "2001::/23"]),
        (
            .privateUse,
            [
                "10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16", "100.64.0.0/10", "192.0.0.0/24", "198.18.0.0/15",
                "fc00::/7", "fec0::/10",
                // For documentation, and so for networks of tests.
                "192.0.2.0/24", "198.51.100.0/24", "203.0.113.0/24", "2001:db8::/32", "3fff::/20",
            ]
        ),
    ].map { kind, texts in (kind, texts.map { NetworkRange($0)! }) }

    static func kind(of address: NetworkAddress) -> NetworkRange.Kind {
        special.first { $0.1.contains { $0.contains(address) } }?.0
            ?? (address.isAssignable ? .ordinary : .reserved)
    }

    /// Whether the operator named `address` among the ranges.
    public func names(_ address: NetworkAddress) -> Bool { allowed.contains { $0.contains(address) } }

    /// Returns when `address` may be connected to.
    public func check(_ address: NetworkAddress) throws(AddressError) {
        try check(address, own: { NetworkAddress.ofThisMachine })
    }
    /// - Parameter own: what the network devices of this machine have.
    func check(_ address: NetworkAddress, own: () -> Set<NetworkAddress>) throws(AddressError) {
        if names(address) { return }
        let kind = Self.kind(of: address)
        switch kind {
        case .loopback where allowsLoopback: return
        case .privateUse where !allowsPrivateNetworks:
            guard allowsLoopback, own().contains(address.effective) else { throw .notAllowed(kind) }
        case .ordinary, .privateUse:
            if !allowsLoopback, own().contains(address.effective) { throw .notAllowed(.own) }
        default: throw .notAllowed(kind)
        }
    }

    /// The addresses of `host`, all of them allowed. Blocks while the name is being resolved.
    ///
    /// One refused address refuses the host: which of them would be used is not ours to choose.
    public func addresses(of host: String) throws(AddressError) -> [NetworkAddress] {
        let addresses = Self.resolve(host)
        guard !addresses.isEmpty else { throw .unknownHost }
        for address in addresses { try check(address) }
        return addresses
    }

    private static func resolve(_ host: String) -> [NetworkAddress] {
        if let address = NetworkAddress(literal: host) { return [address] }
        var hints = addrinfo(), list: UnsafeMutablePointer<addrinfo>?
        hints.ai_family = AF_UNSPEC
        hints.ai_socktype = Int32(SOCK_STREAM.rawValue)
        guard getaddrinfo(host, nil, &hints, &list) == 0 else { return [] }
        defer { freeaddrinfo(list) }
        var addresses: [NetworkAddress] = []
        var next = list
        while let entry = next {
            defer { next = entry.pointee.ai_next }
            let address = entry.pointee.ai_addr.flatMap { NetworkAddress($0) }
            if let address, !addresses.contains(address) { addresses.append(address) }
        }
        return addresses
    }
}
