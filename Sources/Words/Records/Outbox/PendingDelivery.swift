public import Foundation
public import JSON

/// A report of an event or a job that is due to a callback and was not delivered.
public struct PendingDelivery: Hashable, Sendable, Identifiable {
    public enum State: String, Sendable, CaseIterable {
        /// It is tried again and again.
        case due
        /// It was given up: it is sent again when somebody asks for that.
        case dead
    }
    public let id: UUID
    public let accountID: UUID
    public let subject: ReportSubject
    /// As its owner wrote it; holds passwords.
    public let callback: JSONValue
    /// Among the reports of its stream or job to its callback, from 1 without a gap.
    public let number: Int
    public let state: State
    /// Times that it was sent in vain.
    public let attempts: Int
    public let lastError: String?
    public let lastAttemptTime: Date?
    /// When its lane is tried next; `nil` for a dead letter. Those before it in the lane come first.
    public let nextAttemptTime: Date?
    /// When the event was reported, or the job's door said it.
    public let createTime: Date
    /// When it became due: then, or when somebody asked for it to be sent again.
    public let dueTime: Date

    public init(
        id: UUID, accountID: UUID, subject: ReportSubject, callback: JSONValue, number: Int, state: State,
        attempts: Int,
        lastError: String?, lastAttemptTime: Date?, nextAttemptTime: Date?, createTime: Date, dueTime: Date
    ) {
        (self.id, self.accountID, self.subject, self.number) = (id, accountID, subject, number)
        (self.callback, self.state, self.attempts, self.lastError) = (callback, state, attempts, lastError)
        (self.lastAttemptTime, self.nextAttemptTime) = (lastAttemptTime, nextAttemptTime)
        (self.createTime, self.dueTime) = (createTime, dueTime)
    }

    public var eventID: UUID? { subject.eventID }
    public var streamID: UUID? { subject.streamID }
    public var jobID: UUID? { subject.jobID }
    public var handlerID: UUID? { subject.handlerID }
}

/// How the reports of one event or job fare.
public struct ReportsStanding: Hashable, Sendable {
    /// Reports that callbacks have taken.
    public let delivered: Int
    public let lastDeliveryTime: Date?
    /// The others, in the order in which they became due.
    public let pending: [PendingDelivery]
    public init(delivered: Int, lastDeliveryTime: Date?, pending: [PendingDelivery]) {
        (self.delivered, self.lastDeliveryTime, self.pending) = (delivered, lastDeliveryTime, pending)
    }
}

/// How much is in the outbox.
public struct OutboxLevel: Hashable, Sendable {
    public let due, dead: Int
    /// When the oldest of what is due became so.
    public let oldestDueTime: Date?
    public init(due: Int, dead: Int, oldestDueTime: Date?) {
        (self.due, self.dead, self.oldestDueTime) = (due, dead, oldestDueTime)
    }
}
