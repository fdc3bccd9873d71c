import Addresses
public import Hummingbird
import Logging
import NIOCore

/// What is known of one request on its way from the connection to its operation.
public struct EdgeContext: RequestContext {
    public var coreContext: CoreRequestContextStorage
    /// The client's, or one of our own making.
    public internal(set) var requestID = RequestID()
    /// Where the request comes from, for counting failed logins: the client itself, also behind a proxy that is trusted.
    public private(set) var clientAddress = ""
    /// Which page it comes from.
    public private(set) var page = PageOrigin.unsaid
    /// What the address begins with by which the client reached us: `https://sightline.example.org`.
    public var baseURL: String {
        if let url = listener.publicURL { return url.text }
        return "\(forwarding?.scheme ?? listener.scheme)://\(forwarding?.host ?? authority ?? listener.authority)"
    }
    /// What tells this server from others at the same host, whose cookies browsers keep together with ours: port and path of `baseURL`,
    /// such as `_5000` or `_8443_cameras`; empty where it has neither.
    public var cookieSuffix: String {
        let parts = baseURL.split(separator: "/")
        let port = parts.dropFirst().first.flatMap {
            Int($0.split(separator: ":", omittingEmptySubsequences: false).last ?? "")
        }
        let path = parts.dropFirst(2).map {
            $0.map { $0.isASCII && ($0.isLetter || $0.isNumber) ? String($0) : "-" }.joined()
        }
        return ((port.map { ["\($0)"] } ?? []) + path).map { "_" + $0 }.joined()
    }
    private var forwarding: Forwarding?
    /// As the client has it.
    private var authority: String?
    let channel: any Channel

    /// Parameters of the path, by name.
    var path: [Substring: Substring] = [:]
    /// What the operation takes.
    var body = BodyKind.none
    var listener = ListenerConfiguration()

    public init(source: Source) {
        coreContext = CoreRequestContextStorage(source: source)
        channel = source.channel
    }
}

extension EdgeContext {
    /// Takes over what the request itself says, and what was set up for it.
    mutating func begin(_ request: Request, _ listener: ListenerConfiguration) {
        self.listener = listener
        let forwarding = Forwarding(
            peer: channel.remoteAddress.network, headers: request.headers, trusted: listener.trustedProxies)
        (self.forwarding, authority) = (forwarding, request.head.authority)
        clientAddress = forwarding.client.place
        page = PageOrigin(request.headers, authority: authority, baseURL: baseURL)
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
    /// The address without its port; `nil` of what is none of the internet's.
    var network: NetworkAddress? { self?.ipAddress.flatMap { NetworkAddress($0) } }
}

extension NetworkAddress? {
    /// As it is counted: of IPv6 the network of one customer, who has more addresses than anyone can count.
    var place: String {
        guard let self else { return "" }
        // An IPv4 address that was mapped into IPv6 is that address.
        let isMapped = self.bytes.starts(with: [0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff])
        switch self.bytes.count {
        case 16 where isMapped: return self.bytes.suffix(4).map(String.init).joined(separator: ".")
        case 16: return self.bytes.prefix(8).map { String($0, radix: 16) }.joined(separator: ":")
        default: return self.text
        }
    }
}
