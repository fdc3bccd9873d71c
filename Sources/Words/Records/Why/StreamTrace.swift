public import Foundation
public import Scene

/// What is remembered of a stream that runs: for each analytic its latest frames, and those of its open events.
public struct StreamTrace: Sendable {
    /// Before the event begins, of what is told of it.
    private static let lead = Duration.seconds(2)
    /// Frames of all open events of an analytic, together; each may have a few in any case.
    private static let openLimit = 20_000
    private static let fewest = 20

    struct OpenEvent: Sendable {
        var event: Event
        /// Whom it is about, as soon as a decision says so.
        var track: Track.ID?
        var frames = ThinnedFrames()
    }
    struct Watched: Sendable {
        let rules: AnalyticRules
        var ring = FrameRing()
        var open: [UUID: OpenEvent] = [:]
        var gaps = GapWatch()
    }
    let streamID, accountID: UUID
    private let limits: TraceLimits
    /// By the index of the analytic.
    private(set) var watched: [Int: Watched]

    public init(stream: UUID, account: UUID, rules: [AnalyticRules], limits: TraceLimits = TraceLimits()) {
        (streamID, accountID, self.limits) = (stream, account, limits)
        watched = Dictionary(rules.map { ($0.index, Watched(rules: $0)) }) { first, _ in first }
    }

    /// Takes what an analytic saw in its next frame and the updates that it made of it.
    /// - Returns: the traces of events that the frame has ended.
    public mutating func take(_ frame: FrameTrace, of analytic: Int, updates: [EventUpdate]) -> [EventTrace] {
        guard var current = watched.removeValue(forKey: analytic) else { return [] }
        defer { watched[analytic] = current }
        let earlier = current.ring.last
        current.gaps.see(frame.time, rate: current.rules.rate)
        current.ring.add(
            frame, isChange: earlier.map(frame.isChange) ?? true, within: limits,
            bytes: limits.bytes / (watched.count + 1))
        let limit = min(limits.frames, max(Self.fewest, Self.openLimit / max(1, current.open.count)))
        let changed = current.open.isEmpty ? nil : earlier.map(frame.changed)
        for index in current.open.values.indices {
            current.open.values[index].add(frame, changed: changed, limit: limit)
        }
        var closed: [EventTrace] = []
        for update in updates {
            let id = update.event.id
            current.open[id]?.event.end = update.event.end
            switch update.change {
            case .continued: break
            case .opened:
                current.open[id] = OpenEvent(update.event, earlier: current.ring.all, lead: Self.lead, limit: limit)
            case .closed:
                if let open = current.open.removeValue(forKey: id) { closed.append(trace(open, in: current)) }
            }
        }
        return closed
    }

    /// All that is remembered.
    public var everything: ClosedRange<Date> { .distantPast ... .distantFuture }

    /// An analytic could not look at a frame.
    public mutating func fail(_ analytic: Int, at time: FrameTime, _ reason: String) {
        watched[analytic]?.gaps.fail(at: time, reason)
    }

    /// The source has ended, and with it all events; what comes after it is not joined to what was before.
    /// - Returns: the traces of the events that it ended.
    public mutating func pause() -> [EventTrace] {
        var closed: [EventTrace] = []
        for index in watched.keys {
            var current = watched[index]!
            closed += current.open.values.map {
                trace($0, in: current, ending: "The source ended or the stream was stopped, and the event with it.")
            }
            current.open = [:]
            current.gaps.pause()
            watched[index] = current
        }
        return closed
    }
    /// Says why the source is gone.
    public mutating func lose(_ reason: String) {
        for index in watched.keys { watched[index]!.gaps.lose(reason) }
    }

    /// The trace so far of an event that goes on.
    public func openTrace(of event: UUID) -> EventTrace? {
        for current in watched.values {
            if let open = current.open[event] { return trace(open, in: current, isClosed: false) }
        }
        return nil
    }

    /// Bytes that are remembered, about; of the frames of open events those that are forgotten otherwise are not in it.
    public var size: Int { watched.values.reduce(0) { $0 + $1.ring.size } }
    /// Frames that are remembered for events that go on.
    public var openFrames: Int {
        watched.values.reduce(0) { $0 + $1.open.values.reduce(0) { $0 + $1.frames.count } }
    }

    private func trace(
        _ open: OpenEvent, in current: Watched, isClosed: Bool = true, ending: String? = nil
    ) -> EventTrace {
        let event = open.event, window = event.begin.wallClock...max(event.begin.wallClock, event.end.wallClock)
        return EventTrace(
            id: event.id, type: event.type, begin: event.begin, end: event.end, isClosed: isClosed, streamID: streamID,
            accountID: accountID, rules: current.rules, track: open.track, frames: open.frames.frames,
            framesSeen: open.frames.seen, gaps: current.gaps.all.filter { $0.meets(window) }, ending: ending)
    }
}

extension StreamTrace.OpenEvent {
    /// - Parameter earlier: frames up to the one that opened it, that one included.
    fileprivate init(_ event: Event, earlier: [FrameTrace], lead: Duration, limit: Int) {
        self.event = event
        let bound = event.begin.pts.seconds - lead.seconds
        var last: FrameTrace?
        if let opening = earlier.last { track = opening.decision(on: event.id)?.track }
        for frame in earlier where frame.time.pts.seconds >= bound {
            add(frame, changed: last.map(frame.changed), limit: limit)
            last = frame
        }
    }
    /// - Parameter changed: of whom something turns with the frame; `nil`: nothing is known from before.
    fileprivate mutating func add(_ frame: FrameTrace, changed: Set<Track.ID?>?, limit: Int) {
        frames.add(frame, isChange: changed?.contains(track) ?? true, limit: limit)
    }
}
