import API
import Foundation
public import HTTPEdge
import JobDoors
import Notifications
import Records
import Streams

/// How the descriptors that the process may have are shared out: streams first, since the daemon is there for them, then
/// connections, and some that nobody may plan with.
///
/// A process that runs out of them dies: libdispatch opens files of `/proc` now and then and takes no refusal.
public struct DescriptorBudget: Hashable, Sendable {
    /// All that the process may have.
    public let limit: Int
    /// Streams at once.
    public let streams: Int
    /// Connections served at once.
    public let connections: Int

    /// Planned with by nobody.
    static let reserve = 64
    /// The database with its readers and logs, the engine, the event loops, what waits on disk.
    static let own = 64 + 4 * ProcessInfo.processInfo.activeProcessorCount
    /// An RTSP source has its sockets, the two ends of the proxy that checks its addresses, and that proxy's own three; over
    /// UDP two more for each track.
    static let perStream = 10
    /// The fewest connections that are worth a daemon.
    static let leastConnections = 32

    /// No connection is served from here on.
    public var connectionCeiling: Int { limit - Self.reserve }

    /// - Parameters:
    ///   - limit: all that the process may have.
    ///   - streams: wanted; what is left when connections have the fewest that they need is the most there is.
    ///   - connections: wanted.
    ///   - callbacks: connections to their receivers.
    /// - Throws: where the limit leaves no room for a single stream.
    public init(limit: Int, streams: Int, connections: Int, callbacks: Int) throws(DescriptorShortage) {
        let free = limit - Self.reserve - Self.own - HTTPListener.spareDescriptors - callbacks
        let least = Self.leastConnections + Self.perStream
        guard free >= least else { throw DescriptorShortage(limit: limit, needed: limit - free + least) }
        self.limit = limit
        self.streams = min(streams, (free - Self.leastConnections) / Self.perStream)
        self.connections = min(connections, free - self.streams * Self.perStream)
    }
}

/// The process may have too few descriptors to do anything.
public struct DescriptorShortage: Error, Hashable, Sendable, CustomStringConvertible {
    public let limit: Int
    public let needed: Int
    public var description: String {
        "This process may open \(limit) files at once (ulimit -Hn), but needs at least \(needed)."
    }
}

extension Settings {
    /// Connections of the listener for tags at once.
    private static let taggingConnections = 64
    private static let descriptorsForTagging = taggingConnections + HTTPListener.spareDescriptors

    /// How the door for tags listens.
    public var taggingListener: ListenerConfiguration {
        var listener = listener
        (listener.host, listener.port) = (jobDoors.taggingAddress.host, jobDoors.taggingAddress.port)
        (listener.publicURL, listener.trustedProxies) = (nil, [])
        (listener.certificate, listener.key) = (nil, nil)
        listener.connectionLimit = Self.taggingConnections
        return listener
    }

    /// Takes back what the descriptors of this process do not suffice for, so that what is shown is in force.
    /// - Returns: the budget that was kept to.
    public mutating func fitDescriptors(
        limit: Int = descriptorLimit()
    ) throws(DescriptorShortage) -> DescriptorBudget {
        let budget = try DescriptorBudget(
            limit: limit, streams: streams.maximumStreams, connections: listener.connectionLimit,
            callbacks: callbacks.descriptors + (jobDoors.opensTagging ? Self.descriptorsForTagging : 0))
        streams.maximumStreams = budget.streams
        listener.connectionLimit = budget.connections
        // Whoever watches stays; some places are for requests alone.
        api.subscriberLimit = min(api.subscriberLimit, budget.connections * 3 / 4)
        listener.descriptorCeiling = budget.connectionCeiling
        return budget
    }
}
