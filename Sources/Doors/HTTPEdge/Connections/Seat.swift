import Addresses
import NIOCore
import Synchronization

/// A connection that is served, and whether the server waits for it.
final class Seat: Sendable {
    /// Asks a connection to give way to another; says so to its handlers.
    struct GiveWay: Sendable {}

    /// Where it comes from; `nil`: from a proxy that is trusted, which speaks for many.
    let place: String?
    private let channel: any Channel
    /// Nanoseconds on the event loops' clock; 0 while the server is at work for it.
    private let since: Atomic<UInt64>

    init(_ channel: any Channel, trusted: [NetworkRange]) {
        self.channel = channel
        place = Self.place(of: channel.remoteAddress.network, trusted: trusted)
        since = Atomic(NIODeadline.now().uptimeNanoseconds)
    }

    static func place(of peer: NetworkAddress?, trusted: [NetworkRange]) -> String? {
        if let peer, trusted.contains(where: { $0.contains(peer) }) { return nil }
        return peer.place
    }

    /// The server waits for the client from now on.
    func waits() { since.store(NIODeadline.now().uptimeNanoseconds, ordering: .relaxed) }
    func works() { since.store(0, ordering: .relaxed) }

    var waitingSince: UInt64? {
        let since = since.load(ordering: .relaxed)
        return since == 0 ? nil : since
    }
    var isWaiting: Bool { waitingSince != nil }

    func askToGiveWay() { channel.pipeline.fireUserInboundEventTriggered(GiveWay()) }
}
