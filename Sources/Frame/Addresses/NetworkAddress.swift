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

    /// What the address reaches: IPv4 in IPv6 clothes (`::ffff:0:0/96`, `64:ff9b::/96`) is the IPv4 address.
    var effective: NetworkAddress {
        let mapped: [UInt8] = [0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff]
        let translated: [UInt8] = [0, 0x64, 0xff, 0x9b, 0, 0, 0, 0, 0, 0, 0, 0]
        let isClothed = bytes.count == 16 && (bytes.starts(with: mapped) || bytes.starts(with: translated))
        return isClothed ? NetworkAddress(bytes: Array(bytes[12...])) : self
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
