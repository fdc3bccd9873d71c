import Glibc

/// Sockets to which packets come, whose descriptor is handed on.
package enum DatagramSocket {
    /// Bytes that the system keeps until they are read: a second of 16 Mbit/s. The system may allow less.
    private static let room: Int32 = 2 << 20
    /// Whoever had the port before may need a moment to leave it: the stream itself, say, as it was before a change.
    private static let patience: Duration = .seconds(3)

    /// Opens one for `target`, which has been checked: a group, which is joined, or an address of this machine.
    /// - Parameter interface: the network device on which the group is joined; `nil`: the one that routes lead to.
    /// - Returns: a descriptor that is the caller's.
    package static func open(_ target: NetworkAddress, port: UInt16, interface: String?) throws(AddressError) -> Int32 {
        let index = try interface.map { name throws(AddressError) in
            let index = if_nametoindex(name)
            guard index > 0 else { throw .cannotConnect(ENODEV) }
            return index
        }
        let isV4 = target.bytes.count == 4
        let type = Int32(SOCK_DGRAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue)
        let descriptor = socket(isV4 ? AF_INET : AF_INET6, type, 0)
        guard descriptor >= 0 else { throw .cannotConnect(errno) }
        let isGroup = NetworkPolicy.kind(of: target) == .multicast
        // Several streams may listen to one group.
        if isGroup { set(descriptor, SOL_SOCKET, SO_REUSEADDR, Int32(1)) }
        set(descriptor, SOL_SOCKET, SO_RCVBUF, room)
        let end = ContinuousClock.now + patience
        var isBound = SocketEnd.bind(descriptor, to: target, port: port) == 0
        while !isBound, errno == EADDRINUSE, .now < end {
            usleep(50_000)
            isBound = SocketEnd.bind(descriptor, to: target, port: port) == 0
        }
        guard isBound,
            !isGroup || join(descriptor, target, index ?? 0) == 0
        else {
            let reason = errno
            close(descriptor)
            throw .cannotConnect(reason)
        }
        return descriptor
    }

    private static func join(_ descriptor: Int32, _ group: NetworkAddress, _ interface: UInt32) -> Int32 {
        if group.bytes.count == 4 {
            var request = ip_mreqn()
            withUnsafeMutableBytes(of: &request.imr_multiaddr) { $0.copyBytes(from: group.bytes) }
            request.imr_ifindex = Int32(interface)
            // Otherwise packets of groups that others on this machine joined come, too.
            set(descriptor, Int32(IPPROTO_IP), IP_MULTICAST_ALL, Int32(0))
            return set(descriptor, Int32(IPPROTO_IP), IP_ADD_MEMBERSHIP, request)
        }
        var request = ipv6_mreq()
        withUnsafeMutableBytes(of: &request.ipv6mr_multiaddr) { $0.copyBytes(from: group.bytes) }
        request.ipv6mr_interface = interface
        return set(descriptor, Int32(IPPROTO_IPV6), IPV6_JOIN_GROUP, request)
    }

    @discardableResult
    private static func set<Value>(_ descriptor: Int32, _ level: Int32, _ option: Int32, _ value: Value) -> Int32 {
        withUnsafeBytes(of: value) { setsockopt(descriptor, level, option, $0.baseAddress, socklen_t($0.count)) }
    }
}
