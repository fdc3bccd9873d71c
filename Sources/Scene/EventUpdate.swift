/// What one analysed frame changed about one event.
public struct EventUpdate: Hashable, Sendable {
    /// What the store must know. Only `opened` and `closed` are durable; a frame in between is for live viewers.
    public enum Change: String, Sendable { case opened, continued, closed }
    /// `event_status` on the wire.
    public enum Status: String, Sendable { case started, inProgress = "in_progress", finished }

    public var event: Event
    public var change: Change
    /// What live subscribers are told, who follow the crowd or person (`track_id`) and not its single events.
    /// `nil`: nothing, the change only cuts a track into events of one `period` policy.
    public var status: Status?
    /// Whether the stream's event policy sends the event now: to callbacks, and to `analyze --events`.
    public var isReported: Bool
    /// The frame this update speaks of.
    public var time: FrameTime
    /// People in that frame (crowd), or 1.
    public var peopleCount: Int
    /// Centres of the people in that frame; only when the stream asks for the `coordinates` target.
    public var people: [Point]?
    /// The person in that frame (human tracking with `body_detection`). Confidence `nil` in a frame without a detection.
    public var body: BodyDetection?

    /// A person's box in one frame: `body.detection` on the wire.
    public struct BodyDetection: Hashable, Sendable {
        public var box: BoundingBox
        /// `nil` when the box is a prediction and not a detection; `score: null` on the wire.
        public var confidence: Float?
        public init(box: BoundingBox, confidence: Float?) { (self.box, self.confidence) = (box, confidence) }
    }

    public init(
        event: Event, change: Change, status: Status?, isReported: Bool, time: FrameTime, peopleCount: Int,
        people: [Point]? = nil, body: BodyDetection? = nil
    ) {
        (self.event, self.change, self.status, self.isReported) = (event, change, status, isReported)
        (self.time, self.peopleCount, self.people, self.body) = (time, peopleCount, people, body)
    }
}
