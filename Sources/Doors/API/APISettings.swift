public import Foundation

/// Everything an operator may tune about the HTTP server.
public struct APISettings: Hashable, Sendable {
    public var host = "127.0.0.1"
    /// 0 lets the system choose one; see `APIServer`'s `onRunning`.
    public var port = 5000
    /// Bytes of a request body. Longer ones are refused with 413 and never held.
    public var bodyLimit = 1 << 20
    /// How long a request body may take to arrive before it is refused with 408.
    public var bodyTimeout = Duration.seconds(60)
    /// How long a connection may stay silent between requests, or take for the head of its first one.
    public var idleTimeout = Duration.seconds(75)
    /// Connections at once; more wait in the system's queue.
    public var connectionLimit = 4096
    /// A WebSocket client is asked for a sign of life so often, and given up when three in a row have not come.
    public var pingInterval = Duration.seconds(20)
    /// Whether anybody may create an account, as the v6 API has it. Otherwise admins do, and types are what they said.
    public var isRegistrationOpen = false
    /// Analytics of one stream at most.
    public var analyticsLimit = 64
    /// Whether `/metrics` is there.
    public var servesMetrics = true
    /// When the analytics were registered, as the catalogue shows it: this daemon knows them from its start.
    public var startTime = Date.now

    public init() {}
}
