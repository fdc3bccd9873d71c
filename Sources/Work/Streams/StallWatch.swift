import Foundation

/// Learns how far apart the packets of one live source come, and says how long it may be silent.
///
/// That is twenty times the usual interval or three times the longest gap of late, whichever is longer, and at least two
/// seconds. The source itself ends by it, and its own deadline for reading bounds it from above.
///
/// A silence that ended the source counts as a gap as well, so a camera that sends little while nothing moves is not opened again
/// and again. Nothing tells such a camera from one that hung, since both send as soon as they are opened again: so after a stall the
/// next one is noticed later, up to the deadline for reading. A gap counts half after ten minutes.
struct StallWatch {
    /// Before a silence is bounded, so many packets must have come.
    private static let packetsToLearn = 10
    /// More are not told apart.
    private static let mostSeen = 1 << 20
    private static let intervalsOfPatience = 20.0, gapsOfPatience = 3.0
    private static let halfLife: Duration = .seconds(600)

    private let shortest, timeToLearn: Duration
    /// Seconds between packets, the latest looks weighing most.
    private var interval: Double?
    /// Seconds.
    private var longestGap = 0.0
    private var seen = 0
    /// Of packets that came one after the other.
    private var seenFor = Duration.zero
    private var lastArrival, lastLook: ContinuousClock.Instant?
    /// As the source counted them at the look before.
    private var packets = 0

    /// - Parameters:
    ///   - shortest: silences up to this long are none.
    ///   - timeToLearn: for so long packets must have come before a silence is bounded.
    init(shortest: Duration = .seconds(2), timeToLearn: Duration = .seconds(5)) {
        (self.shortest, self.timeToLearn) = (shortest, timeToLearn)
    }

    /// How long a silence may last; `nil` while too little is known.
    var patience: Duration? {
        guard let interval, seen >= Self.packetsToLearn, seenFor >= timeToLearn else { return nil }
        return max(shortest, .seconds(max(interval * Self.intervalsOfPatience, longestGap * Self.gapsOfPatience)))
    }

    /// Looks at the source, some times a second.
    /// - Parameter packets: read since it was opened.
    mutating func look(packets: Int, at now: ContinuousClock.Instant) {
        if let lastLook { longestGap *= pow(0.5, (now - lastLook) / Self.halfLife) }
        lastLook = now
        let new = packets &- self.packets  // of a count that another process keeps
        self.packets = packets
        if new > 0 {
            if let lastArrival {
                seenFor += now - lastArrival
                let gap = (now - lastArrival) / .seconds(1)
                longestGap = max(longestGap, gap)
                interval = interval.map { $0 + (gap / Double(new) - $0) / 5 } ?? gap / Double(new)
            }
            (lastArrival, seen) = (now, min(seen + min(new, Self.mostSeen), Self.mostSeen))
        }
    }

    /// The source ended because it was silent for so long.
    mutating func stall(after silence: Duration) { longestGap = max(longestGap, silence / .seconds(1)) }
    /// The source is opened anew; what was learned stays.
    mutating func reopen() { (packets, lastArrival) = (0, nil) }
}
