import Foundation
public import JSON

/// What those are told of an event who subscribe to events.
extension StoredEvent {
    /// The one builder of the messages of `/6/ws` and `/6/general/ws`: `docs/contract/events.md §12`.
    public var notice: JSONValue {
        let event = body["event"] ?? .emptyObject
        var members: [String: JSONValue] = [
            "event": event, "event-create-time": .string(begin.time.rfc3339),
            "event-end-time": .string(end.time.rfc3339),
        ]
        if let handlerID {
            members["handler_id"] = .string(handlerID.wire)
            members["Luna-Request-id"] = body[RawEvent.requestMember] ?? .string(ownRequestID)
        } else {
            members["event_type"] = .string(type)
            members["account_id"] = .string(accountID.wire)
        }
        return .object(members)
    }
    /// Of an event that no request has made: the second in which it began, and its own id.
    private var ownRequestID: String {
        let seconds = String(max(0, Int(begin.time.timeIntervalSince1970.rounded(.down))))
        return "\(String(repeating: "0", count: max(0, 10 - seconds.count)))\(seconds),\(id.wire)"
    }
}
