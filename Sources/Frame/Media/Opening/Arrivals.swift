import Synchronization

/// When the packets of a source over the network come. Written by its thread, read by anybody.
final class Arrivals: Sendable {
    private static let epoch = ContinuousClock.now
    private static let none = Int64.min
    private let waitingSince = Atomic(none)
    private let packets = Atomic(0)

    /// The thread waits for a packet from now on.
    func wait() { waitingSince.store(Int64((ContinuousClock.now - Self.epoch) / .nanoseconds(1)), ordering: .relaxed) }
    /// It waits no longer, and has one more packet if it has `come`.
    func end(come: Bool) {
        waitingSince.store(Self.none, ordering: .relaxed)
        if come { packets.add(1, ordering: .relaxed) }
    }

    var count: Int { packets.load(ordering: .relaxed) }
    /// How long the thread has been waiting; `nil` while it does something else.
    var silence: Duration? {
        let since = waitingSince.load(ordering: .relaxed)
        return since == Self.none ? nil : ContinuousClock.now - Self.epoch - .nanoseconds(since)
    }
}
