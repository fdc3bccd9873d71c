import Frames

/// Sees how the packets of a video track come: how many, how far apart, by which clock. Times are in seconds, from anywhere.
struct PacketSurvey {
    /// What is a jump of the time stamps and no gap.
    private static let longestStep: Double = 10
    /// Packets that came so soon after the first had waited in FFmpeg's buffers while the source was being opened.
    private static let openingBurst: Double = 0.05
    /// Below so many packets their delays tell nothing of the clocks; and so many are kept.
    private static let fewestDelays = 16, mostDelays = 4096

    /// Whether packets come when they are made: when they come tells something then.
    private let isLive: Bool
    private var sightings = SourceFacts.Sightings()
    private var bytes = 0
    private var steps = 0, elapsed = 0.0
    private var lastStamp: Double?
    private var sinceKeyframe: Int?, lastKeyframe: Double?
    private var firstArrival: Double?, firstPunctual: Double?, lastArrival = 0.0, punctual = 0
    /// How much later each packet came than its time stamp says.
    private var delays: [Double] = []

    init(isLive: Bool) { self.isLive = isLive }

    /// - Parameter stamp: in order of decoding, or `nil`.
    mutating func add(stamp: Double?, isKeyframe: Bool, byteCount: Int, arrival: Double) {
        sightings.packets += 1
        bytes += byteCount
        note(arrival: arrival)
        note(stamp: stamp)
        if isLive, let stamp, delays.count < Self.mostDelays { delays.append(arrival - stamp) }
        if isKeyframe {
            sightings.keyframes += 1
            if let sinceKeyframe {
                sightings.keyframeDistance = max(sightings.keyframeDistance ?? 0, sinceKeyframe)
                if let lastKeyframe, let stamp, stamp >= lastKeyframe {
                    sightings.keyframeSeconds = max(sightings.keyframeSeconds ?? 0, stamp - lastKeyframe)
                }
            }
            (sinceKeyframe, lastKeyframe) = (0, stamp)
        }
        sinceKeyframe = sinceKeyframe.map { $0 + 1 }
    }

    private mutating func note(arrival: Double) {
        let first = firstArrival ?? arrival
        (firstArrival, lastArrival) = (first, arrival)
        guard arrival - first >= Self.openingBurst else { return }
        firstPunctual = firstPunctual ?? arrival
        punctual += 1
    }
    private mutating func note(stamp: Double?) {
        guard let stamp else { return sightings.missingStamps += 1 }
        defer { lastStamp = stamp }
        guard let lastStamp else { return }
        guard (0...Self.longestStep).contains(stamp - lastStamp) else { return sightings.jumps += 1 }
        steps += 1
        elapsed += stamp - lastStamp
    }

    /// What was seen so far.
    var seen: SourceFacts.Sightings {
        var seen = sightings
        seen.stamps = sightings.missingStamps < sightings.packets ? .relative : .none
        seen.frameRate = rateByStamps ?? rateByArrival
        if let frameRate = seen.frameRate, sightings.packets > 0 {
            seen.bitRate = Double(bytes) * 8 * frameRate / Double(sightings.packets)
        }
        seen.drift = drift
        return seen
    }
    private var rateByStamps: Double? { steps > 0 && elapsed > 0 ? Double(steps) / elapsed : nil }
    private var rateByArrival: Double? {
        guard isLive, punctual > 1, let firstPunctual, lastArrival > firstPunctual else { return nil }
        return Double(punctual - 1) / (lastArrival - firstPunctual)
    }
    /// The network delays packets by more or less, and never by less than nothing: so the most punctual packet of the first half is
    /// compared with that of the second.
    private var drift: Double? {
        guard isLive, sightings.jumps == 0, delays.count >= Self.fewestDelays else { return nil }
        let half = delays.count / 2
        guard let before = delays[..<half].min(), let after = delays[half...].min() else { return nil }
        return before - after
    }
}
