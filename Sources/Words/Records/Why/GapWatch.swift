import Foundation
import Scene

/// Notices where frames are missing that an analytic should have seen.
struct GapWatch: Sendable {
    /// The shortest silence that is told.
    private static let shortest = Duration.seconds(1)
    /// The latest gaps that are kept.
    private static let limit = 100

    private var gaps: [TraceGap] = []
    private var last: FrameTime?
    /// Media time between two of its frames of late.
    private var usual: Duration?

    /// All that are known, the silence that lasts included.
    var all: [TraceGap] { gaps }
    /// When the latest frame was, and from when on there should have been another.
    var silence: (from: Date, due: Date)? {
        guard let last else { return nil }
        let patience = max(Self.shortest, (usual ?? Self.shortest) * 3)
        return (last.wallClock, last.wallClock.addingTimeInterval(patience.seconds))
    }

    mutating func see(_ time: FrameTime, rate: Rate) {
        if last == nil, let index = gaps.indices.last, gaps[index].to == nil { gaps[index].to = time.wallClock }
        defer { last = time }
        guard let last, time.pts > last.pts else { return }
        let passed = time.pts - last.pts, between = time.index - last.index - 1
        defer { usual = usual.map { ($0 * 7 + passed) / 8 } ?? passed }
        guard passed > Self.shortest else { return }
        let isLate = passed > (usual ?? passed) * 3
        let skipped: Bool
        switch rate {
        case .frames(let asked): skipped = between >= max(1, asked)
        case .seconds(let asked):
            guard passed.seconds > asked + Self.shortest.seconds else { return }
            // Frames came while none was taken, or they came as slowly as this.
            skipped = between > 0 && passed.seconds / Double(between + 1) < max(asked, 0.2)
        }
        guard skipped || isLate else { return }
        add(TraceGap(skipped ? .notAnalysed(frames: between) : .noFrame, from: last.wallClock, to: time.wallClock))
    }

    mutating func fail(at time: FrameTime, _ reason: String) {
        let reason = Redaction.redacted(reason, as: .prose)
        last = time
        if let index = gaps.indices.last, gaps[index].reason == .failed(reason), let to = gaps[index].to,
            time.wallClock.timeIntervalSince(to) < Self.shortest.seconds
        {
            gaps[index].to = time.wallClock
        } else {
            add(TraceGap(.failed(reason), from: time.wallClock, to: time.wallClock))
        }
    }

    mutating func pause() {
        if let last {
            add(TraceGap(.sourceLost("the source ended, or the stream was stopped"), from: last.wallClock, to: nil))
        }
        (last, usual) = (nil, nil)
    }
    mutating func lose(_ reason: String) {
        guard let index = gaps.indices.last, gaps[index].to == nil else { return }
        gaps[index] = TraceGap(
            .sourceLost("the source was lost: \(Redaction.redacted(reason, as: .prose))"), from: gaps[index].from,
            to: nil)
    }

    private mutating func add(_ gap: TraceGap) {
        gaps.append(gap)
        if gaps.count > Self.limit { gaps.removeFirst(gaps.count - Self.limit) }
    }
}
