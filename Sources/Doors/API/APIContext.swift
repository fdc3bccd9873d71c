import Foundation
import Hummingbird
import NIOCore

/// What is known of one request on its way through the server.
struct APIContext: RequestContext {
    var coreContext: CoreRequestContextStorage
    /// The client's, or one of our own making.
    var requestID = RequestID()

    /// Where the request comes from, for counting failed logins.
    let clientAddress: String

    init(source: Source) {
        coreContext = CoreRequestContextStorage(source: source)
        clientAddress = source.channel.remoteAddress.place
    }
}

extension SocketAddress? {
    /// The address without its port; of IPv6 the network of one customer, who has more addresses than anyone can count.
    var place: String {
        guard let text = self?.ipAddress else { return "" }
        var address = in6_addr()
        guard inet_pton(AF_INET6, text, &address) == 1 else { return text }
        return withUnsafeBytes(of: address) { bytes in
            // An IPv4 address that was mapped into IPv6 is that address.
            bytes.prefix(10).allSatisfy { $0 == 0 } && bytes[10] == 0xff && bytes[11] == 0xff
                ? bytes.suffix(4).map(String.init).joined(separator: ".")
                : bytes.prefix(8).map { String($0, radix: 16) }.joined(separator: ":")
        }
    }
}
