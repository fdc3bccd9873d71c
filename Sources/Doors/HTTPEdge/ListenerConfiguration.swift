public import Addresses
public import Foundation
import JSON
public import Records

/// Everything an operator may tune about where and how connections are taken.
public struct ListenerConfiguration: Hashable, Sendable {
    public var host = "127.0.0.1"
    /// 0 lets the system choose one; see `HTTPListener`'s `onRunning`.
    public var port = 5000
    /// Bytes of a request body whose operation has no limit of its own. Longer ones are refused with 413 and never held.
    public var bodyLimit = 1 << 20
    /// How long a request body may take to arrive before it is refused with 408.
    public var bodyTimeout = Duration.seconds(60)
    /// How long a body that is streamed may stay silent, such as that of an object, before it is refused with 408.
    public var silenceTimeout = Duration.seconds(30)
    /// Bytes a second that must come of such a body.
    public var leastRate = 1024
    /// How long a request line with its headers may take, from the opening of the connection or its first byte, before it is
    /// refused with 408.
    public var headTimeout = Duration.seconds(10)
    /// How long a connection may stay silent between requests.
    public var idleTimeout = Duration.seconds(75)
    /// How long a client may take for 32 KiB of an answer of which more waits.
    public var writeTimeout = Duration.seconds(30)
    /// Connections served at once.
    public var connectionLimit = 8192
    /// No connection is served whose descriptor is at least so high: what is above is for others.
    public var descriptorCeiling = Int.max
    /// How long a client that is turned away may take to read why.
    public var endTimeout = Duration.seconds(2)
    /// A WebSocket client is asked for a sign of life so often, and given up when three in a row have not come.
    public var pingInterval = Duration.seconds(20)

    /// By what address clients reach the server from outside; `nil`: by the one that they name.
    public var publicURL: PublicURL?
    /// Pages that browsers let talk to us, besides our own; empty: all, but without `Authorization`.
    public var corsOrigins: [WebOrigin] = []
    /// Those whose word is taken for who a client is; see `Forwarding`.
    public var trustedProxies: [NetworkRange] = []
    /// PEM, the server's own first; `nil`: nothing is encrypted.
    public var certificate: URL?
    /// PEM, without a passphrase.
    public var key: URL?

    /// Bytes of one frame of a WebSocket client, and of one message however it is cut into frames: clients have nothing to say.
    public var frameLimit = 16 << 10
    public var messageLimit = 64 << 10

    public init() {}

    /// Only this machine can connect.
    public var isLoopback: Bool { host == "localhost" || host == "::1" || host.hasPrefix("127.") }
    /// Clients come through a proxy, as far as the settings tell.
    public var isBehindProxy: Bool { publicURL != nil || !trustedProxies.isEmpty }
    /// Of the addresses that it serves.
    public var scheme: String { certificate == nil ? "http" : "https" }
    /// What addresses of the server begin with where no client has named one.
    public var address: String { publicURL?.text ?? "\(scheme)://\(authority)" }
    var authority: String { ListenerAddress(host: host, port: port).text }

    public static let settings: [Setting<ListenerConfiguration>] = [
        Setting("host", \.host),
        Setting("port", \.port, in: 0...65535),
        Setting("api.body_limit", \.bodyLimit, in: 1024...(64 << 20)),
        Setting("api.request_timeout", \.bodyTimeout, seconds: 1...3600),
        Setting("api.silence_timeout", \.silenceTimeout, seconds: 0.1...3600),
        Setting("api.least_rate", \.leastRate, in: 0...1 << 30),
        Setting("api.head_timeout", \.headTimeout, seconds: 0.1...3600),
        Setting("api.idle_timeout", \.idleTimeout, seconds: 0.1...3600),
        Setting("api.write_timeout", \.writeTimeout, seconds: 1...3600),
        Setting("api.connection_limit", \.connectionLimit, in: 8...1_000_000),
        Setting("api.public_url", \.publicURL, .text, wanted: PublicURL.wanted) {
            .some(PublicURL($0))
        } show: {
            $0.map { .string($0.text) } ?? .null
        },
        Setting(
            "api.trusted_proxies", \.trustedProxies, separator: ",",
            wanted: "networks such as 10.0.0.0/8 or fd00::/8", parse: { NetworkRange($0) }, show: \.description),
        Setting(
            "api.cors_origins", \.corsOrigins, separator: ",", wanted: WebOrigin.wanted, parse: { WebOrigin($0) },
            show: \.text),
        Setting("api.certificate", \.certificate),
        Setting("api.key", \.key),
    ]
}
