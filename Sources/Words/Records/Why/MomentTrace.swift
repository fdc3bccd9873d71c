public import Foundation
public import JSON
import Scene

/// What one analytic knows of a moment: the frames around it, and what it made of them.
public struct MomentTrace: Sendable {
    let rules: AnalyticRules
    public let frames: [FrameTrace]
    public let events: [UUID]
    let gaps: [TraceGap]
}

extension StreamTrace {
    /// What each analytic knows of a time.
    /// - Parameter now: up to when it is known that nothing came.
    public func moment(_ window: ClosedRange<Date>, now: Date) -> [MomentTrace] {
        watched.values.sorted { $0.rules.index < $1.rules.index }.map { current in
            var frames = current.ring.all.filter { window.contains($0.time.wallClock) }
            let known = Set(frames.map(\.time))
            // An event that has lasted for long remembers more than the ring.
            var older: [FrameTrace] = []
            for open in current.open.values {
                older += open.frames.frames.filter {
                    window.contains($0.time.wallClock) && !known.contains($0.time)
                }
            }
            frames = Array(
                Dictionary((frames + older).map { ($0.time, $0) }) { first, _ in first }.values
            ).sorted { $0.time.pts < $1.time.pts }
            let events = Set(frames.flatMap { $0.decisions.compactMap(\.event) })
            return MomentTrace(
                rules: current.rules, frames: frames, events: events.sorted { $0.uuidString < $1.uuidString },
                gaps: current.missing(in: window, now: now))
        }
    }
}

extension StreamTrace.Watched {
    fileprivate func missing(in window: ClosedRange<Date>, now: Date) -> [TraceGap] {
        var missing = gaps.all.filter { $0.meets(window) }
        guard let first = ring.first?.time.wallClock else {
            missing.append(TraceGap(.noFrame, from: nil, to: nil))
            return missing
        }
        if (Date.distantPast.addingTimeInterval(1)..<first).contains(window.lowerBound) {
            let reason: TraceGap.Reason =
                ring.hasForgotten
                ? .forgotten : .noTrace("the stream was not looked at yet, or has been started anew since")
            missing.insert(TraceGap(reason, from: nil, to: first), at: 0)
        }
        if let silence = gaps.silence, now > silence.due, window.upperBound > silence.from {
            missing.append(TraceGap(.noFrame, from: silence.from, to: nil))
        }
        return missing
    }
}

extension MomentTrace {
    /// - Parameter time: what was asked about; `nil`: all of it.
    public func wire(at time: Date?) -> JSONValue {
        let written = frames.map { $0.wire() }
        return .object(
            rules.members.merging([
                "source": "memory",
                "answer": [.string(time.map { Self.answer(written, missing: gaps, at: $0) } ?? summary)],
                "event_ids": .array(events.map { .string($0.wire) }), "frames": .array(written),
                "missing": .array(gaps.map(\.wire)),
            ]) { first, _ in first })
    }

    /// Of all that is remembered.
    private var summary: String {
        guard events.isEmpty else { return "\(events.count) \(events.count == 1 ? "event" : "events")." }
        guard let best = frames.max(by: { $0.count < $1.count }) else { return "No frame was analysed." }
        return "No event. Of the frames that are remembered, most people were counted at "
            + "\(best.time.wallClock.rfc3339) (time_offset \(best.time.pts.wire.text)): \(best.sentence())."
    }

    /// The part of an event's kept trace that lies in a time; `nil` when none does.
    public static func wire(_ kept: JSONValue, in window: ClosedRange<Date>, at time: Date) -> JSONValue? {
        guard let rules = kept["rules"]?.object, let event = kept["event_id"] else { return nil }
        let all = kept["frames"]?.array ?? []
        var frames = all.filter { frame in frame.date.map(window.contains) ?? false }
        // A long event has been thinned: then its frame next to that time speaks for it.
        if frames.isEmpty, let first = all.first?.date, let last = all.last?.date,
            (first...max(first, last)).contains(time)
        {
            frames = all.min { distance($0, time) < distance($1, time) }.map { [$0] } ?? []
        }
        guard !frames.isEmpty else { return nil }
        return .object(
            rules.merging([
                "source": "event", "answer": [.string(answer(frames, missing: [], at: time))], "event_ids": [event],
                "frames": .array(frames), "missing": [],
            ]) { first, _ in first })
    }

    /// What a person would be told first: whether there was an event, and why or why not.
    private static func answer(_ frames: [JSONValue], missing: [TraceGap], at time: Date) -> String {
        guard let nearest = frames.min(by: { distance($0, time) < distance($1, time) }) else {
            return TraceGap.nothingIsKnown(of: "that time", missing)
        }
        let isEvent = (nearest["decisions"]?.array ?? []).contains { $0["event_id"] != nil && $0["event_id"] != .null }
        let becomesOne = !isEvent && becomesEvent(nearest, in: frames)
        let text = nearest["text"]?.string ?? "", at = nearest["time"]?.string ?? ""
        let offset = (nearest["time_offset"] ?? .null).text
        let event = isEvent ? "An event" : becomesOne ? "An event that is confirmed later" : "No event"
        return "\(event) at \(at) (time_offset \(offset)): \(text)."
    }

    /// Whether the probe that the frame belongs to opens an event: that begins with the probe.
    private static func becomesEvent(_ frame: JSONValue, in frames: [JSONValue]) -> Bool {
        let later = frames.drop { $0 != frame }.dropFirst()
        return (frame["decisions"]?.array ?? []).contains { decision in
            guard decision["verdict"] == "probing" else { return false }
            let verdicts = later.lazy.map { other in
                other["decisions"]?.array?.first { $0["track"] == decision["track"] }?["verdict"]
            }
            return verdicts.first { $0 != "probing" } == .some("opened")
        }
    }
    private static func distance(_ frame: JSONValue, _ time: Date) -> TimeInterval {
        frame.date.map { abs($0.timeIntervalSince(time)) } ?? .infinity
    }
}

extension JSONValue {
    fileprivate var date: Date? { self["time"]?.string.flatMap { Date(rfc3339: $0) } }
}

/// What is answered about a time of a stream.
/// - Parameters:
///   - time: what was asked about; `nil`: all that is remembered.
///   - analytics: what each of them knows.
///   - missing: what is not known of any.
public func streamWhy(
    stream: UUID, account: UUID, time: Date?, window: ClosedRange<Date>?, analytics: [JSONValue],
    missing: [TraceGap] = []
) -> JSONValue {
    // Where something was seen, nobody asks who saw nothing.
    let seeing = analytics.filter { $0["frames"] != [] }
    let sentences = (seeing.isEmpty ? analytics : seeing).flatMap { analytic in
        (analytic["answer"]?.array ?? []).compactMap(\.string).map { sentence in
            JSONValue.string("\(analytic["analytic"]?.string ?? ""): \(sentence)")
        }
    }
    let nothing = JSONValue.string(TraceGap.nothingIsKnown(of: "that time", missing))
    return [
        "stream_id": .string(stream.wire), "account_id": .string(account.wire),
        "time": time.map { .string($0.rfc3339) } ?? .null,
        "from": window.map { .string($0.lowerBound.rfc3339) } ?? .null,
        "to": window.map { .string($0.upperBound.rfc3339) } ?? .null,
        "answer": .array(sentences.isEmpty ? [nothing] : sentences), "analytics": .array(analytics),
        "missing": .array(missing.map(\.wire)),
    ]
}
