public import Foundation
public import JSON

/// What is due of one stream to one callback: it is sent in order, one report after the other.
public struct DueLane: Hashable, Sendable, Identifiable {
    public let id: UUID
    /// Stands for the host and port that is called; the lanes of one receiver share it.
    public let receiver: UUID
    /// From when on its first report may be sent.
    public let time: Date
    /// Whether its last try failed.
    public let hasFailed: Bool
    public init(id: UUID, receiver: UUID, time: Date, hasFailed: Bool = false) {
        (self.id, self.receiver, self.time, self.hasFailed) = (id, receiver, time, hasFailed)
    }
}

/// One report on its way: the first that is due in its lane.
public struct Letter: Sendable {
    /// Of the report among all there ever were.
    public let sequence: Int64
    public let lane: UUID
    public let streamID, eventID: UUID
    /// `nil`: what is stored of it cannot be read any more.
    public let callback: Callback?
    /// The event as a callback carries it.
    public var body: JSONText
    /// In its lane, from 1 without a gap: so a receiver sees what it missed.
    public let number: Int
    /// How often in a row the lane's callback took nothing.
    public let failures: Int

    public init(
        sequence: Int64, lane: UUID, streamID: UUID, eventID: UUID, callback: Callback?, body: JSONText, number: Int,
        failures: Int
    ) {
        (self.sequence, self.lane, self.streamID, self.eventID) = (sequence, lane, streamID, eventID)
        (self.callback, self.body, self.number, self.failures) = (callback, body, number, failures)
    }
}

/// What becomes of a letter that was sent.
public enum Verdict: Hashable, Sendable {
    /// The receiver has it.
    case delivered
    /// It and those behind it wait until `next`. Whatever of the lane became due before `expiry` is a dead letter.
    case postponed(reason: String, next: Date, expiry: Date)
    /// It is a dead letter, and the next one's turn comes.
    case dead(reason: String)
}
