public import Foundation
public import JSON

/// An event of a handler that is whole when it comes, since it was made elsewhere or of what somebody sent: it begins and ends with its
/// being stored.
public struct RawEvent: Sendable, Identifiable {
    /// `event_type` of such events in the store.
    public static let type = "handler"

    public let id: UUID
    public let accountID: UUID
    /// That it was made by, or is said to have been.
    public let handlerID: UUID
    public let begin, end: Date
    /// The members of the event as far as its maker told them.
    public let members: [String: JSONValue]
    /// What whom it is about looks like; not told with the event.
    public let descriptor: Descriptor?
    /// Of the request that brought it; `nil`: nobody knows.
    public let requestID: String?
    /// Whether subscribers of events are told of it.
    public let isNotice: Bool
    /// Whom it is reported to, beside them.
    public let callbacks: [Callback]
    public init(
        id: UUID = UUID(), accountID: UUID, handlerID: UUID, begin: Date, end: Date, members: [String: JSONValue],
        descriptor: Descriptor? = nil, requestID: String? = nil, isNotice: Bool = true, callbacks: [Callback] = []
    ) {
        (self.isNotice, self.callbacks) = (isNotice, callbacks)
        (self.id, self.accountID, self.handlerID) = (id, accountID, handlerID)
        (self.begin, self.end, self.members) = (begin, end, members)
        (self.descriptor, self.requestID) = (descriptor, requestID)
    }

    /// With all its members: `docs/contract/events.md §1.2`.
    public func generated(isStored: Bool) -> JSONValue {
        .object(GeneratedEvent.members(members, id: id, isStored: isStored))
    }
    /// In the envelope in which events are kept and sent.
    public var wire: JSONValue {
        var wire: [String: JSONValue] = [
            "event_type": .string(Self.type), "account_id": .string(accountID.wire),
            "event_create_time": .string(begin.rfc3339), "event_end_time": .string(end.rfc3339),
            "event": generated(isStored: true),
        ]
        wire[Self.requestMember] = requestID.map { .string($0) }
        return .object(wire)
    }
    /// The member of the envelope that names the request, for those who are told of the event.
    static let requestMember = "Luna-Request-id"
}
