public import JSON
public import Scene

/// The messages of `GET /6/streams/{stream_id}/ws`.
public enum LiveWire {
    /// One message for one update; `nil` when live subscribers are not told of it. Several people in one frame make
    /// several messages, since a message holds one event per analytic.
    public static func message(for update: EventUpdate) -> JSONValue? {
        update.wire.map { message(resultName: update.event.kind.resultName, $0) }
    }
    /// The analytic could not handle a frame; the stream goes on.
    public static func analyticError(resultName: String, _ error: String) -> JSONValue {
        message(resultName: resultName, ["error": .string(error)])
    }
    /// The processing broke; the last message.
    public static func streamError(_ error: String) -> JSONValue {
        ["stream_status": "error", "error": .string(error)]
    }
    /// The processing ended; the last message.
    public static let finished: JSONValue = ["stream_status": "finished", "error": nil]

    private static func message(resultName: String, _ result: JSONValue) -> JSONValue {
        ["stream_status": "in_progress", "error": nil, "analytics_results": [resultName: result]]
    }
}

extension EventUpdate {
    /// What live subscribers are told under the result name; `nil` when they are told nothing.
    public var wire: JSONValue? {
        guard let status else { return nil }
        var members: [String: JSONValue] = [
            "track_id": event.trackID.wire, "event_id": event.id.wire, "event_status": .string(status.rawValue),
            "time_offset": time.pts.wire,
        ]
        switch event.kind {
        case .crowd:
            members["people_count"] = .integer(Int64(peopleCount))
            if let people { members["people_coordinates"] = .coordinates(people) }
        case .humanTracking:
            members["face"] = .null
            members["body"] = body.map { .body(box: $0.box, confidence: $0.confidence) } ?? .null
        }
        return .object(members)
    }
}
