public import Foundation
public import JSON
public import Scene

/// An event as the store keeps it.
public struct StoredEvent: Hashable, Sendable, Identifiable {
    public enum State: String, Sendable {
        case open, closed
        /// The daemon went away while the event was open; its end is the latest instant that is known of it.
        case interrupted
    }
    /// A place in time: on the stream's own clock and on the wall's.
    public struct Instant: Hashable, Sendable {
        public let offset: MediaTime
        public let time: Date
        public init(offset: MediaTime, time: Date) { (self.offset, self.time) = (offset, time) }
    }
    public let id: UUID
    public let accountID: UUID
    /// `nil`: it was seen in no stream.
    public let streamID: UUID?
    /// The handler that made it; `nil` for a general event.
    public let handlerID: UUID?
    /// `event_type` on the wire.
    public let type: String
    /// `nil` for an event of no track.
    public let trackID: String?
    public let begin: Instant
    public let end: Instant
    public let state: State
    /// The event as a callback carries it, as of its latest record.
    public let body: JSONValue

    public init(
        id: UUID, accountID: UUID, streamID: UUID?, handlerID: UUID?, type: String, trackID: String?, begin: Instant,
        end: Instant, state: State, body: JSONValue
    ) {
        (self.id, self.accountID, self.streamID, self.handlerID) = (id, accountID, streamID, handlerID)
        (self.type, self.trackID) = (type, trackID)
        (self.begin, self.end, self.state, self.body) = (begin, end, state, body)
    }
}

/// One entry of an account's append-only list of what happened to its events.
public struct EventRecord: Hashable, Sendable {
    public enum Phase: String, Sendable { case started, finished }
    /// From 1 without a gap within the account.
    public let sequence: Int64
    public let phase: Phase
    public let time: Date
    /// As it is now, which may be later than this record.
    public let event: StoredEvent
    public init(sequence: Int64, phase: Phase, time: Date, event: StoredEvent) {
        (self.sequence, self.phase, self.time, self.event) = (sequence, phase, time, event)
    }
}
