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
        /// What a picture is to its event.
        public enum Role: Hashable, Sendable {
            /// The whole frame: a member of `event` on the wire, such as `overview`.
            case frame(member: String)
            /// The body of who the event is about, cut out: in one of its `detections`.
            case body(Set<Aggregate>)
            /// The face, aligned.
            case face(Set<Aggregate>)

            /// A sample of one side.
            public static func sample(of side: Side, _ aggregates: Set<Aggregate>) -> Role {
                side == .face ? .face(aggregates) : .body(aggregates)
            }
            /// What a sample is of, and what it is in; `nil` for another picture.
            public var sample: (side: Side, aggregates: Set<Aggregate>)? {
                switch self {
                case .frame: nil
                case .body(let aggregates): (.body, aggregates)
                case .face(let aggregates): (.face, aggregates)
                }
            }
        }
        /// What is seen of somebody.
        public enum Side: String, Sendable, CaseIterable { case face, body }
        /// The members of a side of `aggregate_estimations` that a sample is in.
        public enum Aggregate: String, Sendable { case samples, thumbnail }
        /// How somebody is told of a picture.
        public enum Told: Hashable, Sendable {
            /// Where it is found.
            case link(String)
            /// The picture itself, in base64.
            case whole(String)
        }
        /// Under which its bytes are stored.
        public let id: UUID
        public var role: Role
        /// The frame that it shows.
        public let time: FrameTime
        /// What else is told of it, beside the time and the picture itself; of a sample, its `detection`.
        public let facts: any Facts
        public let snapshot: Snapshot
        public init(id: UUID = UUID(), role: Role, time: FrameTime, facts: any Facts, snapshot: Snapshot) {
            (self.id, self.role, self.time, self.facts, self.snapshot) = (id, role, time, facts, snapshot)
        }
        /// As what it is stored.
        public var kind: StoredObject.Kind {
            switch role {
            case .frame: .image
            case .body: .bodySample
            case .face: .faceSample
            }
        }
        /// The picture itself, for where nothing stores it; `nil` when it cannot be encoded.
        public var base64: Told? { (try? snapshot.bytes).map { .whole(Data($0).base64EncodedString()) } }
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
    /// What each analysed frame shows, in their order: once it is over, where its analytic was asked to keep that.
    public var estimations: [Estimation] = []

    /// What one frame shows of an event.
    public struct Estimation: Sendable {
        public let time: FrameTime
        public let facts: any Facts
        public init(time: FrameTime, facts: any Facts) { (self.time, self.facts) = (time, facts) }
    }

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
    /// All six members of it, null where nothing is known.
    public let location: JSONValue
    /// Whether the event is found in the store afterwards.
    public let isStored: Bool
    public init(
        stream: UUID, account: UUID, source: String = "", location: JSONValue = GeneratedEvent.location(nil),
        isStored: Bool = true
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
