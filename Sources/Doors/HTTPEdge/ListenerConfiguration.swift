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
    /// How long a connection may stay silent between requests, or take for the head of its first one.
    public var idleTimeout = Duration.seconds(75)
    /// Connections at once; more wait in the system's queue.
    public var connectionLimit = 4096
    /// A WebSocket client is asked for a sign of life so often, and given up when three in a row have not come.
    public var pingInterval = Duration.seconds(20)

    public init() {}

    public static let settings: [Setting<ListenerConfiguration>] = [
        Setting("host", \.host),
        Setting("port", \.port, in: 0...65535),
        Setting("api.body_limit", \.bodyLimit, in: 1024...(64 << 20)),
        Setting("api.request_timeout", \.bodyTimeout, seconds: 1...3600),
    ]
}
