import Foundation
import JSON
public import Scene

/// What one analytic saw in one frame and made of it. Shared by all that remember it.
public final class FrameTrace: Sendable {
    /// Boxes that are kept of a frame.
    public static let boxLimit = 64

    public let time: FrameTime
    /// Who counts for the analytic.
    public let count: Int
    public let boxes: [TracedBox]
    /// Boxes beyond the limit.
    public let boxesLeftOut: Int
    public let decisions: [any Decision]
    /// From which the model is sure; `0...1`.
    let threshold: Float
    /// In whose pixels the boxes are.
    let frameSize: PixelSize

    public init(
        time: FrameTime, count: Int, boxes: [TracedBox], decisions: [any Decision], threshold: Float,
        frameSize: PixelSize
    ) {
        (self.time, self.count, self.decisions, self.threshold) = (time, count, decisions, threshold)
        self.frameSize = frameSize
        self.boxes = boxes.count > Self.boxLimit ? Array(boxes.prefix(Self.boxLimit)) : boxes
        boxesLeftOut = max(0, boxes.count - Self.boxLimit)
    }

    /// Bytes that it takes, about.
    var size: Int { 192 + boxes.count * MemoryLayout<TracedBox>.stride + decisions.count * 136 }

    /// Whether something begins, ends or turns between `earlier` and this.
    func isChange(from earlier: FrameTrace) -> Bool {
        decisions.count != earlier.decisions.count
            || zip(decisions, earlier.decisions).contains { !$0.isLike($1) }
    }
    func decision(on event: UUID) -> (any Decision)? { decisions.first { $0.event == event } }
    /// Of whom something begins, ends or turns between `earlier` and this; `nil` is everybody together.
    func changed(since earlier: FrameTrace) -> Set<Track.ID?> {
        var before = Dictionary(earlier.decisions.map { ($0.track, $0) }) { first, _ in first }
        var changed: Set<Track.ID?> = []
        for decision in decisions {
            if let known = before.removeValue(forKey: decision.track), decision.isLike(known) { continue }
            changed.insert(decision.track)
        }
        return changed.union(before.keys)
    }

    /// - Parameter track: whose frame it is; `nil`: everybody's.
    func wire(of track: Track.ID? = nil) -> JSONValue {
        let own = track.map { track in boxes.filter { $0.track == track } } ?? boxes
        let made = track.map { track in self.decisions.filter { $0.track == track } } ?? decisions
        var members: [String: JSONValue] = [
            "frame": .integer(Int64(time.index)), "time": .string(time.wallClock.rfc3339),
            "time_offset": time.pts.wire, "people_count": .integer(Int64(count)), "boxes": .array(own.map(\.wire)),
            "decisions": .array(made.map(\.wire)), "text": .string(sentence(of: track)),
        ]
        let leftOut = boxes.count - own.count + boxesLeftOut
        if leftOut > 0 { members["boxes_left_out"] = .integer(Int64(leftOut)) }
        return .object(members)
    }

    /// What a person would say of the frame.
    func sentence(of track: Track.ID? = nil) -> String {
        let all = decisions.filter { track == nil || $0.track == track }.map(\.sentence)
        var parts = [all.isEmpty ? "nobody is followed" : all.prefix(8).joined(separator: "; ")]
        if all.count > 8 { parts.append("and \(all.count - 8) more") }
        if track == nil, let aside { parts.append(aside) }
        return parts.joined(separator: "; ")
    }

    /// Who was found and does not count.
    private var aside: String? {
        var parts: [String] = []
        let told = Set(decisions.compactMap(\.track).map(Optional.some))
        for (standing, words) in [
            (TracedBox.Standing.outsideZone, "outside of the droi"),
            (.belowThreshold, "below the model's threshold of \(threshold.hundredths)"),
            (.tentative, "followed but tentative"), (.lost, "lost"), (.unfollowed, "seen and not followed yet"),
        ] {
            let found = boxes.filter { $0.standing == standing && !told.contains($0.track) }
            guard !found.isEmpty else { continue }
            let best = found.compactMap(\.confidence).max()
            parts.append("\(found.count) \(words)" + (best.map { " (score up to \($0.hundredths))" } ?? ""))
        }
        return parts.isEmpty ? nil : "not counted: " + parts.joined(separator: ", ")
    }
}

extension Float {
    fileprivate var hundredths: String {
        let hundredths = Int((self * 100 + 0.01).rounded(.down))
        return "\(hundredths / 100).\(hundredths % 100 < 10 ? "0" : "")\(hundredths % 100)"
    }
}
