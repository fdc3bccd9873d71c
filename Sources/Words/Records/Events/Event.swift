public import Foundation
public import JSON
public import Scene

/// What an analytic says beyond the envelope of its event: members of an object on the wire. Written out only when somebody
/// reads them, since most frames are told to nobody.
public protocol Facts: Sendable {
    var members: [String: JSONValue] { get }
}

/// Something a person wants to know: it has a beginning, an end and an id of its own.
///
/// This is the envelope, the same for every analytic. What the event is about lies in `facts` and `pictures`, which the
/// analytic renders itself.
public struct Event: Sendable, Identifiable {
    /// A picture that is kept with an event.
    public struct Picture: Sendable {
        /// Under which its bytes are stored.
        public let id: UUID
        /// The member of `event` that holds it on the wire, such as `overview`.
        public let name: String
        /// The frame that it shows.
        public let time: FrameTime
        /// What else is told of it, beside the time and the picture itself.
        public let facts: any Facts
        public let snapshot: Snapshot
        public init(id: UUID = UUID(), name: String, time: FrameTime, facts: any Facts, snapshot: Snapshot) {
            (self.id, self.name, self.time, self.facts, self.snapshot) = (id, name, time, facts, snapshot)
        }
        /// The picture itself, for where nothing stores it.
        public var base64: JSONValue { .string(Data(snapshot.bytes).base64EncodedString()) }
    }

    /// Which of the wire's forms an event takes.
    public enum Form: Sendable {
        /// Free members of `event` in the envelope; found among the general events.
        case general
        /// As handlers generate events; found among the events of handlers.
        case generated
    }

    public let id: UUID
    /// What the event is about, such as a crowd or a person; several events of one `period` policy share it. `track_id` on
    /// the wire.
    public let trackID: UUID
    /// `event_type` on the wire.
    public let type: String
    public let form: Form
    public let begin: FrameTime
    /// The latest frame that belongs to the event; final once it is closed.
    public var end: FrameTime
    /// Members of `event` on the wire, as far as they are known.
    public var facts: any Facts
    public var pictures: [Picture]

    public init(
        id: UUID = UUID(), trackID: UUID, type: String, form: Form = .general, begin: FrameTime, end: FrameTime,
        facts: any Facts, pictures: [Picture] = []
    ) {
        (self.id, self.trackID, self.type, self.form) = (id, trackID, type, form)
        (self.begin, self.end) = (begin, end)
        (self.facts, self.pictures) = (facts, pictures)
    }
}

/// Where an event was seen, as far as the event itself tells it.
public struct EventPlace: Sendable {
    public let stream, account: UUID
    /// The stream's name; empty when it has none.
    public let source: String
    public let location: JSONValue
    /// Whether the event is found in the store afterwards.
    public let isStored: Bool
    public init(
        stream: UUID, account: UUID, source: String = "", location: JSONValue = .emptyObject, isStored: Bool = true
    ) {
        (self.stream, self.account, self.source) = (stream, account, source)
        (self.location, self.isStored) = (location, isStored)
    }
    /// Secrets in what the stream's owner wrote are hidden, for events are told to others.
    public init(_ stream: StreamDefinition) {
        self.init(
            stream: stream.id, account: stream.accountID, source: Redaction.redacted(stream.name, as: .prose),
            location: stream.location.withoutSecrets)
    }
}

extension Event {
    /// The event as a callback and `analyze --events` carry it: the envelope and the event itself.
    ///
    /// `event_create_time` and `event_end_time` are the wall-clock times of its first and latest frame.
    /// - Parameter image: what names a picture, or is it; `nil` for one that was not kept.
    public func wire(at place: EventPlace, image: (Picture) -> JSONValue? = \.base64) -> JSONValue {
        [
            "event_type": .string(type),
            "account_id": .string(place.account.wire),
            "event_create_time": .string(begin.wallClock.rfc3339),
            "event_end_time": .string(end.wallClock.rfc3339),
            "event": .object(form == .general ? members(at: place, image) : generated(at: place, image)),
        ]
    }

    /// The `event` member of `wire`. A picture is there only when it was kept.
    private func members(at place: EventPlace, _ image: (Picture) -> JSONValue?) -> [String: JSONValue] {
        var members = facts.members
        members["stream_id"] = .string(place.stream.wire)
        members["event_id"] = .string(id.wire)
        members["track_id"] = .string(trackID.wire)
        members["video_segment"] = ["start_time_offset": begin.pts.wire, "end_time_offset": end.pts.wire]
        members["location"] = place.location
        for picture in pictures {
            guard let image = image(picture) else { continue }
            var shot = picture.facts.members
            shot["time_offset"] = picture.time.pts.wire
            shot["image"] = image
            members[picture.name] = .object(shot)
        }
        return members
    }
    private func generated(at place: EventPlace, _ image: (Picture) -> JSONValue?) -> [String: JSONValue] {
        var members = members(at: place, image)
        if !place.source.isEmpty { members["source"] = .string(place.source) }
        return GeneratedEvent.members(members, id: id, isStored: place.isStored)
    }
}

extension MediaTime {
    /// Seconds, to the millisecond.
    public var wire: JSONValue { .number((Double(nanoseconds) / 1e6).rounded() / 1000) }
}
