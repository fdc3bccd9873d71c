public import Foundation
public import JSON

/// Work on what somebody sent, whose items are done one by one: what the database knows of it.
public struct Job: Hashable, Sendable, Identifiable {
    public let id: UUID
    /// The order in which jobs were handed in.
    public let sequence: Int
    public let accountID: UUID
    public let kind: JobKind
    public var state: JobState
    /// Whether somebody waits for its answer: it ends with him, and at a restart.
    public let isAttended: Bool
    /// What its door was asked for, in that door's words. May hold secrets.
    public let parameters: JSONValue
    /// Why it failed, in a sentence.
    public var error: String?
    /// What it comes to as a whole, in its door's words.
    public var result: JSONText?
    public var tally: JobTally
    public let createTime: Date
    /// When its first item was taken up.
    public var startTime: Date?
    public var endTime: Date?
    /// From when on it is forgotten, with its results; `nil`: never.
    public var expiry: Date?

    public init(
        id: UUID, sequence: Int, accountID: UUID, kind: JobKind, state: JobState, isAttended: Bool = false,
        parameters: JSONValue = [:], error: String? = nil, result: JSONText? = nil, tally: JobTally = .init(),
        createTime: Date,
        startTime: Date? = nil, endTime: Date? = nil, expiry: Date? = nil
    ) {
        (self.id, self.sequence, self.accountID, self.kind, self.state) = (id, sequence, accountID, kind, state)
        (self.isAttended, self.parameters, self.error, self.tally) = (isAttended, parameters, error, tally)
        self.result = result
        (self.createTime, self.startTime, self.endTime, self.expiry) = (createTime, startTime, endTime, expiry)
    }
}

/// How many of a job's items are done. Weights are frames for a video and 1 for a picture.
public struct JobTally: Hashable, Sendable {
    public var items = 0, done = 0, failed = 0
    public var weight = 0
    /// Of what is done or failed, and of that part of the others of which it is recorded.
    public var weightDone = 0
    public init(items: Int = 0, done: Int = 0, failed: Int = 0, weight: Int = 0, weightDone: Int = 0) {
        (self.items, self.done, self.failed) = (items, done, failed)
        (self.weight, self.weightDone) = (weight, weightDone)
    }
    public var pending: Int { items - done - failed }
    /// 0 before anything is done, 100 for an end alone: what runs has 1 to 99.
    public func percent(_ state: JobState) -> Int {
        switch state {
        case .done: 100
        case .running: min(99, max(1, weight > 0 ? Int(100 * Double(weightDone) / Double(weight)) : 1))
        default: weight > 0 ? min(99, Int(100 * Double(weightDone) / Double(weight))) : 0
        }
    }
}

/// A job as it is handed in.
public struct JobDraft: Sendable {
    public var id = UUID()
    public var accountID: UUID
    public var kind: JobKind
    public var state = JobState.queued
    public var parameters: JSONValue
    public var items: [JobItemDraft]
    /// How long it is kept after its end; `nil`: as the settings have it.
    public var keeping: Duration?
    /// When it is forgotten that nobody sent what it waits for; `nil`: never.
    public var expiry: Date?
    public init(accountID: UUID, kind: JobKind, parameters: JSONValue = [:], items: [JobItemDraft] = []) {
        (self.accountID, self.kind, self.parameters, self.items) = (accountID, kind, parameters, items)
    }
}

/// One thing that a job has to work on, as it is handed in.
public struct JobItemDraft: Hashable, Sendable {
    /// What it is called by whoever sent it, or where it is found. May hold secrets.
    public var name: String
    /// What else is known of it, in its door's words.
    public var facts: JSONValue
    public var weight: Int
    public init(name: String, facts: JSONValue = .null, weight: Int = 1) {
        (self.name, self.facts, self.weight) = (name, facts, weight)
    }
}

/// One thing that a job has to work on.
public struct JobItem: Hashable, Sendable {
    public let jobID: UUID
    /// From 0 on, in the order in which they were handed in.
    public let number: Int
    public let name: String
    public let facts: JSONValue
    public let weight: Int
    /// Of its weight, what is done and recorded.
    public let weightDone: Int
    public let state: JobItemState
    /// What was found, in its door's words, once it is done.
    public let result: JSONText?
    /// From where on work goes on that was cut off, in its door's words.
    public let checkpoint: JSONText?
    /// Why it failed, in a sentence.
    public let error: String?
    public let endTime: Date?
    public init(
        jobID: UUID, number: Int, name: String, facts: JSONValue = .null, weight: Int = 1, weightDone: Int = 0,
        state: JobItemState = .pending, result: JSONText? = nil, checkpoint: JSONText? = nil, error: String? = nil,
        endTime: Date? = nil
    ) {
        (self.jobID, self.number, self.name, self.facts, self.weight) = (jobID, number, name, facts, weight)
        (self.weightDone, self.checkpoint) = (weightDone, checkpoint)
        (self.state, self.result, self.error, self.endTime) = (state, result, error, endTime)
    }
}

/// What became of an item, to be written down.
public struct JobOutcome: Hashable, Sendable {
    public enum Kind: Hashable, Sendable {
        case done(JSONText)
        /// - Parameter reason: a sentence.
        case failed(reason: String)
        /// So far it is done: whoever takes it up again goes on there.
        case reached(checkpoint: JSONText, weight: Int)
    }
    public let jobID: UUID
    public let number: Int
    public let kind: Kind
    public init(jobID: UUID, number: Int, _ kind: Kind) { (self.jobID, self.number, self.kind) = (jobID, number, kind) }
}
