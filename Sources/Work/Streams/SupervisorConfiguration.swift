public import Records

/// Everything an operator may tune about running streams.
public struct SupervisorConfiguration: Hashable, Sendable {
    /// Streams at once; more wait in `pending`. At least 1.
    public var maximumStreams: Int = 64
    /// How often the supervisor looks for work by itself. Changes through the API wake it at once.
    public var checkInterval: Duration = .seconds(2)
    /// How long a live stream that once delivered frames is opened again, with growing pauses, before it counts as
    /// failed. Longer bridges reboots of a camera; its stream stays `in_progress` meanwhile.
    public var reconnectPatience: Duration = .seconds(30)
    /// The first pause before opening again; each next one is twice as long, up to `maximumReconnectDelay`.
    public var reconnectDelay: Duration = .milliseconds(500)
    public var maximumReconnectDelay: Duration = .seconds(8)

    public init() {}

    public static let settings: [Setting<SupervisorConfiguration>] = [
        Setting("streams.maximum", \.maximumStreams, in: 1...10_000),
        Setting("streams.check_interval", \.checkInterval, seconds: 0.1...60),
        Setting("streams.reconnect_patience", \.reconnectPatience, seconds: 0...86_400),
    ]
}
