/// The frames of an event, as many as a limit allows: when there are too many, every second goes. The first, the latest, and for
/// as long as there is room for them those where something changed stay.
struct ThinnedFrames: Sendable {
    private struct Kept: Sendable {
        let frame: FrameTrace
        let isChange: Bool
    }
    /// Of what comes, every how many-th is kept.
    private struct Pace: Sendable {
        var stride = 1
        private var passed = 0
        mutating func isDue() -> Bool {
            passed += 1
            guard passed >= stride else { return false }
            passed = 0
            return true
        }
    }
    private var kept: [Kept] = []
    /// Of frames in which nothing changes, and of the others.
    private var plain = Pace(), changes = Pace()
    /// Whether the last of `kept` stays when another comes.
    private var isLastKept = false
    /// Frames that were shown.
    private(set) var seen = 0

    var frames: [FrameTrace] { kept.map(\.frame) }
    var count: Int { kept.count }

    /// - Parameter limit: at least 2; may differ from call to call.
    mutating func add(_ frame: FrameTrace, isChange: Bool, limit: Int) {
        if !isLastKept, !kept.isEmpty { kept.removeLast() }
        isLastKept = (isChange ? changes.isDue() : plain.isDue()) || kept.isEmpty
        kept.append(Kept(frame: frame, isChange: isChange))
        seen += 1
        while kept.count > limit { thin(to: limit) }
    }

    private mutating func thin(to limit: Int) {
        guard limit > 2 else {
            kept = [kept[0], kept[kept.count - 1]]
            return
        }
        let middle = kept.dropFirst().dropLast()
        // Where nearly all are changes, those must go, too.
        let sparesChanges = middle.count { !$0.isChange } > limit / 8
        plain.stride *= 2
        if !sparesChanges { changes.stride *= 2 }
        var position = 0
        let left = middle.filter { frame in
            guard !sparesChanges || !frame.isChange else { return true }
            position += 1
            return position.isMultiple(of: 2)
        }
        kept = [kept[0]] + left + [kept[kept.count - 1]]
    }
}
