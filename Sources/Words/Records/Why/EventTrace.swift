public import Foundation
public import JSON
public import Scene

/// What was seen of an event: why it began, went on and ended.
public struct EventTrace: Sendable {
    public let id: UUID
    public let type: String
    /// Of the event, as far as it is known.
    public let begin, end: FrameTime
    public let isClosed: Bool
    let streamID, accountID: UUID
    let rules: AnalyticRules
    /// Whom the analytic follows for the event; `nil`: it is about everybody.
    let track: Track.ID?
    public let frames: [FrameTrace]
    /// Frames of the event, and the moment before it, that the analytic saw.
    public let framesSeen: Int
    let gaps: [TraceGap]
    /// Why it ended, where no frame says so.
    let ending: String?

    /// As it is answered and kept.
    public var wire: JSONValue {
        var members: [String: JSONValue] = [
            "event_id": .string(id.wire), "event_type": .string(type), "stream_id": .string(streamID.wire),
            "account_id": .string(accountID.wire), "begin": .string(begin.wallClock.rfc3339),
            "end": .string(end.wallClock.rfc3339), "is_open": .bool(!isClosed), "rules": .object(rules.members),
            "answer": .array(answer.map { .string($0) }), "frames": .array(frames.map { $0.wire(of: track) }),
            "frames_seen": .integer(Int64(framesSeen)), "missing": .array(gaps.map(\.wire)),
        ]
        if let size = frames.last?.frameSize {
            members["frame_size"] = ["width": .integer(Int64(size.width)), "height": .integer(Int64(size.height))]
        }
        if let track { members["track"] = .integer(Int64(clamping: track.rawValue)) }
        return .object(members)
    }

    /// What a person would ask first: why it began, and why it ended.
    private var answer: [String] {
        var sentences: [String] = []
        func tell(_ frame: FrameTrace) {
            sentences.append(
                "\(frame.time.wallClock.rfc3339) (time_offset \(frame.time.pts.wire.text)): "
                    + "\(frame.sentence(of: track)).")
        }
        if let first = frames.first(where: { $0.decision(on: id) != nil }) { tell(first) }
        if isClosed, let last = frames.last(where: { $0.decision(on: id)?.verdict == .closed }) { tell(last) }
        if let ending { sentences.append(ending) }
        return sentences.isEmpty ? ["No frame that is remembered says why it began."] : sentences
    }

    /// What is answered for an event of which nothing was traced.
    public static func unknown(_ event: StoredEvent, _ reason: String) -> JSONValue {
        let gap = TraceGap(.noTrace(reason), from: nil, to: nil)
        return [
            "event_id": .string(event.id.wire), "event_type": .string(event.type),
            "stream_id": event.streamID.map { .string($0.wire) } ?? .null,
            "account_id": .string(event.accountID.wire), "begin": .string(event.begin.time.rfc3339),
            "end": .string(event.end.time.rfc3339), "is_open": .bool(event.state == .open), "rules": .null,
            "answer": [.string(TraceGap.nothingIsKnown(of: "the event", [gap]))], "frames": [], "frames_seen": 0,
            "missing": [gap.wire],
        ]
    }
}

/// The trace of an event as it is kept. It is written out when somebody wants it, which takes a millisecond or so.
public struct KeptTrace: Sendable {
    public let event, stream, account: UUID
    /// What its frames cover.
    public let begin, end: Date
    private let write: @Sendable () -> JSONText
    /// Written anew each time.
    public var document: JSONText { write() }

    public init(
        event: UUID, stream: UUID, account: UUID, begin: Date, end: Date,
        document: @autoclosure @escaping @Sendable () -> JSONText
    ) {
        (self.event, self.stream, self.account) = (event, stream, account)
        (self.begin, self.end, write) = (begin, end, document)
    }
    public init(_ trace: EventTrace) {
        let times = [trace.begin.wallClock, trace.end.wallClock] + trace.frames.map(\.time.wallClock)
        self.init(
            event: trace.id, stream: trace.streamID, account: trace.accountID, begin: times.min()!, end: times.max()!,
            document: JSONText(trace.wire))
    }
}
