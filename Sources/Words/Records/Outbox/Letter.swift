public import Foundation
public import JSON

/// What is due of one stream, job or handler to one callback: it is sent in order, one report after the other.
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

/// What a report tells of.
public enum ReportSubject: Hashable, Sendable {
    case event(UUID, ofStream: UUID)
    case job(UUID)
    /// An event that a request, or a stream by its wish, made by a handler; `nil`: it is not stored.
    case generated(event: UUID?, byHandler: UUID)

    public var eventID: UUID? {
        switch self {
        case .event(let id, _): id
        case .generated(let id, _): id
        case .job: nil
        }
    }
    public var streamID: UUID? {
        if case .event(_, let id) = self { id } else { nil }
    }
    public var jobID: UUID? {
        if case .job(let id) = self { id } else { nil }
    }
    public var handlerID: UUID? {
        if case .generated(_, let id) = self { id } else { nil }
    }
    /// The stream, the job or the handler whose reports come to a callback one after the other.
    public var source: UUID {
        switch self {
        case .event(_, let stream): stream
        case .job(let id): id
        case .generated(_, let handler): handler
        }
    }
}

/// What a job's door wants told to somebody.
public struct JobReport: Hashable, Sendable {
    public var callback: Callback
    /// What is sent, in the door's words. May hold secrets.
    public var body: JSONText
    public init(to callback: Callback, _ body: JSONText) { (self.callback, self.body) = (callback, body) }
}

/// One report on its way: the first that is due in its lane.
public struct Letter: Sendable {
    /// Of the report among all there ever were.
    public let sequence: Int64
    /// By what its receiver knows it, the same with each try: the id of its event, or of a job's report its own.
    public let id: UUID
    public let lane: UUID
    public let subject: ReportSubject
    /// `nil`: what is stored of it cannot be read any more.
    public let callback: Callback?
    /// What is sent: an event as a callback carries it, or what a job's door said.
    public var body: JSONText
    /// In its lane, from 1 without a gap: so a receiver sees what it missed.
    public let number: Int
    /// How often in a row the lane's callback took nothing.
    public let failures: Int

    public init(
        sequence: Int64, id: UUID, lane: UUID, subject: ReportSubject, callback: Callback?, body: JSONText, number: Int,
        failures: Int
    ) {
        (self.sequence, self.id, self.lane, self.subject) = (sequence, id, lane, subject)
        (self.callback, self.body, self.number, self.failures) = (callback, body, number, failures)
    }

    public var eventID: UUID? { subject.eventID }
    public var streamID: UUID? { subject.streamID }
    public var jobID: UUID? { subject.jobID }
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
