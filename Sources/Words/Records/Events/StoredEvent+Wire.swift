public import JSON

/// The members of a stored event, and which of them somebody wants: `docs/contract/events.md §2.1`.
public enum EventTarget: String, Sendable, CaseIterable {
    case eventID = "event_id"
    case accountID = "account_id"
    case handlerID = "handler_id"
    case createTime = "create_time"
    case endTime = "end_time"
    case streamID = "stream_id"
    case trackID = "track_id"
    case source
    case externalID = "external_id"
    case userData = "user_data"
    case tags, meta, location
    case faceDetections = "face_detections"
    case bodyDetections = "body_detections"
    case topMatch = "top_match"
    case matchResult = "match_result"
    case faceID = "face_id"
    case attachResult = "attach_result"
    case gender, age, emotion, mask
    case ethnicGroup = "ethnic_group"
    case liveness, deepfake
    case bodyBasicAttributes = "body_basic_attributes"
    case upperBody = "upper_body"
    case lowerBody = "lower_body"
    case accessories

    /// What an event may say of another whom its person is like: nothing that holds events, or grows with whoever made it.
    public static let ofMatches = Set(allCases).subtracting([
        .matchResult, .topMatch, .attachResult, .meta, .faceDetections, .bodyDetections,
    ])
}

extension StoredEvent {
    /// The one builder of the stored form of an event that a handler has made: `docs/contract/events.md §1.1`.
    public func stored(_ targets: Set<EventTarget> = Set(EventTarget.allCases)) -> JSONValue {
        let event = body["event"] ?? .null
        let attributes = EventAttributes.members(of: event)
        var members: [String: JSONValue] = [:]
        for target in targets { members[target.rawValue] = value(of: target, event, attributes) }
        return .object(members)
    }
    /// A general event as it is found: the envelope of `docs/contract/analytics.md §4.2`.
    public var general: JSONValue { body }

    private func value(of target: EventTarget, _ event: JSONValue, _ attributes: [String: JSONValue]) -> JSONValue {
        switch target {
        case .eventID: .string(id.wire)
        case .accountID: .string(accountID.wire)
        case .handlerID: handlerID.map { .string($0.wire) } ?? .null
        case .createTime: .string(begin.time.rfc3339)
        case .endTime: .string(end.time.rfc3339)
        case .streamID: streamID.map { .string($0.wire) } ?? .null
        case .trackID: trackID.map { .string($0) } ?? .null
        case .source, .tags, .meta: event[target.rawValue] ?? .null
        case .externalID, .userData: event[target.rawValue] ?? ""
        case .location: GeneratedEvent.location(event["location"])
        case .faceDetections: Self.detections(of: event, "face")
        case .bodyDetections: Self.detections(of: event, "body")
        case .matchResult: event["matches"] ?? .null
        case .attachResult: attributes["attach_result"] ?? []
        case .topMatch: Self.withoutObjectID(attributes["top_match"])
        default: attributes[target.rawValue] ?? .null
        }
    }

    /// One side of all detections, flat; null when none shows it.
    private static func detections(of event: JSONValue, _ side: String) -> JSONValue {
        let items = (event["detections"]?.array ?? []).compactMap { detection -> JSONValue? in
            guard let sample = detection["samples"]?[side], sample != .null else { return nil }
            var item: [String: JSONValue] = ["sample_id": sample["sample_id"] ?? .null]
            if let rect = sample["detection"]?["rect"] { item["detection"] = ["rect": rect] }
            for key in ["detect_time", "detect_ts", "image_origin"] { item[key] = detection[key] ?? .null }
            return .object(item)
        }
        return items.isEmpty ? .null : .array(items)
    }
    private static func withoutObjectID(_ match: JSONValue?) -> JSONValue {
        guard var members = match?.object else { return .null }
        members["object_id"] = nil
        return .object(members)
    }
}
