import Foundation
import Scene

/// The latest frames of one analytic: all around changes, and two for each second in which nothing changes.
struct FrameRing: Sendable {
    private static let interval = Duration.milliseconds(500)

    private var frames: [FrameTrace] = []
    /// Those before it are forgotten.
    private var start = 0
    private var bytes = 0
    /// The latest frame, which is kept when the next one is a change.
    private var latest: FrameTrace?
    private var isLatestKept = false
    private var isBehindChange = false
    /// Whether something was forgotten.
    private(set) var hasForgotten = false

    /// The frame before the one that comes next.
    var last: FrameTrace? { latest }
    var first: FrameTrace? { start < frames.count ? frames[start] : latest }
    /// Also the latest one.
    var all: [FrameTrace] {
        let kept = Array(frames[start...])
        guard let latest, !isLatestKept else { return kept }
        return kept + [latest]
    }
    var size: Int { bytes }

    mutating func add(_ frame: FrameTrace, isChange: Bool, within limits: TraceLimits, bytes limit: Int) {
        if isChange, let latest, !isLatestKept { keep(latest) }
        let isDue = frames.count == start || frame.time.pts - frames[frames.count - 1].time.pts >= Self.interval
        let isKept = isChange || isBehindChange || isDue || frame.time.pts < frames[frames.count - 1].time.pts
        if isKept { keep(frame) }
        (latest, isLatestKept, isBehindChange) = (frame, isKept, isChange)
        forget(before: frame.time.wallClock.addingTimeInterval(-limits.memory.seconds), beyond: limit)
    }

    private mutating func keep(_ frame: FrameTrace) {
        frames.append(frame)
        bytes += frame.size
    }
    private mutating func forget(before bound: Date, beyond limit: Int) {
        while start < frames.count, bytes > limit || frames[start].time.wallClock < bound {
            bytes -= frames[start].size
            start += 1
            hasForgotten = true
        }
        guard start > 64, start > frames.count / 2 else { return }
        frames.removeFirst(start)
        start = 0
    }
}

/// How much of what was seen is remembered.
public struct TraceLimits: Hashable, Sendable {
    /// Frames of one event. At least 2.
    public var frames = 500
    /// How long back frames of a running stream are remembered.
    public var memory = Duration.seconds(600)
    /// Bytes for that, of one stream.
    public var bytes = 2 << 20
    public init() {}
}
