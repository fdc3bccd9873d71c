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
    /// The first pause before opening again; each next one is twice as long, up to `maximumReconnectDelay`. What a try takes that does
    /// not come about is part of the pause.
    public var reconnectDelay: Duration = .milliseconds(500)
    public var maximumReconnectDelay: Duration = .seconds(3)
    /// How long a source that is opened again may take to say what it has, if it did not take half as long before: whoever hangs
    /// would hold up what is being tried for as long as opening may take.
    public var reconnectAnswer: Duration = .seconds(3)
    /// How often a running stream is looked at, to see whether its source stalls and its picture shows anything.
    public var watchInterval: Duration = .milliseconds(500)
    /// A live source that was silent for less has not stalled, however fast its packets came.
    public var shortestStall: Duration = .seconds(2)
    /// For so long the packets of a source must have come before its silences are judged by how it uses to send.
    public var stallLearningTime: Duration = .seconds(5)
    /// When frames wait for so long and none is analysed in any stream, the daemon is unwell.
    public var advancePatience: Duration = .seconds(60)

    public init() {}

    public static let settings: [Setting<SupervisorConfiguration>] = [
        Setting("streams.maximum", \.maximumStreams, in: 1...10_000),
        Setting("streams.check_interval", \.checkInterval, seconds: 0.1...60),
        Setting("streams.reconnect_patience", \.reconnectPatience, seconds: 0...86_400),
    ]
}
