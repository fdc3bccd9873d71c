import Foundation
public import Hummingbird
import Logging
import NIOCore

/// What is known of one request on its way from the connection to its operation.
public struct EdgeContext: RequestContext {
    public var coreContext: CoreRequestContextStorage
    /// The client's, or one of our own making.
    public internal(set) var requestID = RequestID()
    /// Where the request comes from, for counting failed logins.
    public let clientAddress: String
    private let channel: any Channel

    /// Parameters of the path, by name.
    var path: [Substring: Substring] = [:]
    /// What the operation takes.
    var body = BodyKind.none
    var listener = ListenerConfiguration()

    public init(source: Source) {
        coreContext = CoreRequestContextStorage(source: source)
        (channel, clientAddress) = (source.channel, source.channel.remoteAddress.place)
    }
}

extension EdgeContext {
    /// Takes over what the request itself says, and what was set up for it.
    mutating func begin(_ request: Request, _ listener: ListenerConfiguration) {
        self.listener = listener
        if let id = request.headers[.requestID].flatMap({ RequestID($0) }) { requestID = id }
        logger[metadataKey: "hb.request.id"] = nil  // one id is enough
        logger[metadataKey: HTTPLogKey.requestID] = "\(requestID)"
    }
    /// Why the upgrade was refused that this request asked for; `nil` if it asked for none.
    func upgradeRefusal() async -> (any Error)? {
        try? await channel.eventLoop.submit { [channel] in
            try channel.pipeline.syncOperations.handler(type: UpgradeGate.self).takeRefusal()
        }.get()
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
