import Foundation
import Frames

/// Learns how far apart the packets of one live source come, and says when it has been silent for too long.
///
/// That is twenty times the usual interval or three times the longest gap of late, whichever is longer, and at least two
/// seconds; the source's own deadline for reading bounds it from above. A silence that was judged too long counts as a gap as well,
/// so a camera that sends little while nothing moves is not opened again and again. A gap counts half after ten minutes.
struct StallWatch {
    /// Before anything is said, so many packets must have come.
    private static let packetsToLearn = 10
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
    ///   - timeToLearn: for so long packets must have come before anything is said.
    init(shortest: Duration = .seconds(2), timeToLearn: Duration = .seconds(5)) {
        (self.shortest, self.timeToLearn) = (shortest, timeToLearn)
    }

    /// How long a silence may last; `nil` while too little is known.
    var patience: Duration? {
        guard let interval, seen >= Self.packetsToLearn, seenFor >= timeToLearn else { return nil }
        return max(shortest, .seconds(max(interval * Self.intervalsOfPatience, longestGap * Self.gapsOfPatience)))
    }

    /// Looks at the source, some times a second.
    /// - Parameters:
    ///   - packets: read since it was opened.
    ///   - silence: how long it has been waiting for the next one.
    /// - Returns: the silence if that is too long.
    mutating func look(packets: Int, silence: Duration?, at now: ContinuousClock.Instant) -> Duration? {
        if let lastLook { longestGap *= pow(0.5, (now - lastLook) / Self.halfLife) }
        lastLook = now
        let new = packets - self.packets
        self.packets = packets
        if new > 0 {
            if let lastArrival {
                seenFor += now - lastArrival
                let gap = (now - lastArrival) / .seconds(1)
                longestGap = max(longestGap, gap)
                interval = interval.map { $0 + (gap / Double(new) - $0) / 5 } ?? gap / Double(new)
            }
            (lastArrival, seen) = (now, seen + new)
        }
        guard let silence, let patience, silence > patience else { return nil }
        longestGap = max(longestGap, silence / .seconds(1))
        return silence
    }

    /// The source is opened anew; what was learned stays.
    mutating func reopen() { (packets, lastArrival) = (0, nil) }
}

/// A live source that was silent for longer than it uses to be.
struct Stalled: SourceFailure {
    let silence: Duration
    let isTransient = true
    var description: String {
        let seconds = (silence / .seconds(1)).formatted(.number.precision(.fractionLength(1)))
        return "The source sent nothing for \(seconds) s."
    }
}
