public import Foundation

/// Something a person wants to know: it has a beginning, an end and an id of its own.
public struct Event: Hashable, Sendable, Identifiable {
    /// `event_type` on the wire.
    public enum Kind: String, Sendable { case crowd, humanTracking = "human_tracking" }
    /// The frame that shows the event best: the most people (crowd), the surest detection (human tracking).
    public struct Overview: Hashable, Sendable {
        public var time: FrameTime
        /// Centres of the people in that frame, in pixels of the source frame.
        public var people: [Point]
        /// The person of a human-tracking event.
        public var detection: Detection?
        /// Kept only when the stream asks for the `overview` target.
        public var snapshot: Snapshot?
        public init(time: FrameTime, people: [Point], detection: Detection?, snapshot: Snapshot?) {
            (self.time, self.people, self.detection, self.snapshot) = (time, people, detection, snapshot)
        }
    }

    public let id: UUID
    /// The crowd or the person; several events of one `period` policy share it. `track_id` on the wire.
    public let trackID: UUID
    public let kind: Kind
    public let begin: FrameTime
    /// The latest frame that belongs to the event; final once it is closed.
    public var end: FrameTime
    /// People at most during the event; 1 for human tracking.
    public var peopleCount: Int
    public var overview: Overview

    public init(
        id: UUID = UUID(), trackID: UUID, kind: Kind, begin: FrameTime, end: FrameTime, peopleCount: Int,
        overview: Overview
    ) {
        (self.id, self.trackID, self.kind, self.begin, self.end) = (id, trackID, kind, begin, end)
        (self.peopleCount, self.overview) = (peopleCount, overview)
    }
}
