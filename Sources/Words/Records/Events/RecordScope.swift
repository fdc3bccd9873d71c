public import Foundation
public import JSON

/// Whose records somebody follows, and so by which numbers: those of an account, or those that all accounts share.
public enum RecordScope: Hashable, Sendable {
    /// Those of one stream, by the numbers of its account.
    case stream(UUID, of: UUID)
    case account(UUID)
    case everything

    /// Whose numbers they are: `nil` stands for those that all share.
    public var account: UUID? {
        switch self {
        case .stream(_, let account), .account(let account): account
        case .everything: nil
        }
    }
}

/// A record as those are told it who follow a scope.
public struct FollowedRecord: Sendable {
    /// Its number in the scope.
    public let place: Int64
    public let eventID: UUID
    public let phase: EventRecord.Phase
    /// Whether subscribers of events are told of it.
    public let isNotice: Bool
    /// `analytics_results` of its live message, as far as that is remembered.
    public let results: JSONText
    /// As it is now, which may be later than the record; `nil` where a stream is followed, and where nobody is told of the record.
    public let event: StoredEvent?
    public init(
        place: Int64, eventID: UUID, phase: EventRecord.Phase, isNotice: Bool, results: JSONText, event: StoredEvent?
    ) {
        (self.place, self.eventID, self.phase) = (place, eventID, phase)
        (self.isNotice, self.results, self.event) = (isNotice, results, event)
    }
}

/// What follows on a place in a scope, as far as it was read at once.
public struct RecordPortion: Sendable {
    /// Those of the scope, in their order.
    public let records: [FollowedRecord]
    /// Numbers that are there no longer, before which there is nothing else; then `records` is empty.
    public let expired: ClosedRange<Int64>?
    /// Up to here nothing else is in the scope.
    public let end: Int64
    /// Whether that was all there is.
    public let isLast: Bool
    public init(records: [FollowedRecord] = [], expired: ClosedRange<Int64>? = nil, end: Int64, isLast: Bool) {
        (self.records, self.expired, self.end, self.isLast) = (records, expired, end, isLast)
    }
}

extension StoredEvent {
    /// `analytics_results` of the live message of one of its records, as far as the event tells it: the number of people, but not where
    /// they were in that frame.
    public func results(of phase: EventRecord.Phase) -> JSONValue {
        let event = body["event"] ?? .null
        var members: [String: JSONValue] = [
            "track_id": trackID.map { .string($0) } ?? .null, "event_id": .string(id.wire),
            "event_status": .string(phase.rawValue), "time_offset": (phase == .started ? begin : end).offset.wire,
        ]
        members["people_count"] = event["people_count"]
        // The analytic's name is in no old row, but each had a type of its own.
        return [type == "human_tracking" ? "tracking" : type: .object(members)]
    }
}
