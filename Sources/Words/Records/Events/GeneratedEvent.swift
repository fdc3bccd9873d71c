public import Foundation
public import JSON

/// The one builder of the event as handlers generate it: `docs/contract/events.md §1.2`, all of whose members are always there.
public enum GeneratedEvent {
    /// Fills in what is not known of an event.
    /// - Parameters:
    ///   - members: as far as they are known; they may be more than the contract names.
    ///   - isStored: whether the event is found at its `url`.
    public static func members(
        _ members: [String: JSONValue], id: UUID, isStored: Bool
    ) -> [String: JSONValue] {
        var event: [String: JSONValue] = [
            "source": .null, "stream_id": .null, "track_id": .null, "external_id": "", "user_data": "", "tags": .null,
            "meta": .null, "face": .null, "face_attributes": .null, "body_attributes": .null, "matches": .null,
            "detections": [],
        ]
        event.merge(members) { $1 }
        event["event_id"] = .string(id.wire)
        event["url"] = isStored ? .string(path(of: id)) : .null
        event["location"] = location(members["location"])
        event["aggregate_estimations"] = estimations(members["aggregate_estimations"])
        return event
    }
    /// Where the event of an id is found.
    public static func path(of id: UUID) -> String { "/6/events/\(id.wire)" }

    /// A detection: what one picture shows, `nil` for what it does not.
    /// - Parameters:
    ///   - time: when the picture was taken; and seconds of the stream's own clock.
    ///   - origin: where the picture is found.
    public static func detection(
        face: JSONValue? = nil, body: JSONValue? = nil, time: Date, offset: JSONValue, origin: String? = nil,
        fileName: String = rawImage
    ) -> JSONValue {
        [
            "filename": .string(fileName), "samples": ["face": face ?? .null, "body": body ?? .null],
            "detect_time": .string(time.rfc3339), "detect_ts": offset,
            "image_origin": origin.map { .string($0) } ?? .null,
        ]
    }
    /// The name of a picture that has none.
    public static let rawImage = "Raw Image"

    /// A face as one picture shows it.
    /// - Parameter sample: of the aligned face, `nil` when none is stored.
    public static func face(_ detection: JSONValue, sample: UUID? = nil) -> JSONValue {
        sampled(detection, .faceSample, sample)
    }
    /// A body as one picture shows it.
    /// - Parameter sample: of the crop, `nil` when none is stored.
    public static func body(_ detection: JSONValue, sample: UUID? = nil) -> JSONValue {
        sampled(detection, .bodySample, sample)
    }
    private static func sampled(_ detection: JSONValue, _ kind: StoredObject.Kind, _ sample: UUID?) -> JSONValue {
        [
            "sample_id": sample.map { .string($0.wire) } ?? .null,
            "url": sample.map { .string(kind.path(of: $0)) } ?? .null, "detection": detection,
        ]
    }

    /// All six members of a location.
    public static func location(_ given: JSONValue?) -> JSONValue {
        var location: [String: JSONValue] = [:]
        for key in ["city", "area", "district", "street", "house_number", "geo_position"] {
            location[key] = given?[key] ?? .null
        }
        return .object(location)
    }
    private static func estimations(_ given: JSONValue?) -> JSONValue {
        func side(_ name: String) -> JSONValue {
            var members = given?[name]?.object ?? [:]
            members["attributes"] = members["attributes"] ?? .emptyObject
            return .object(members)
        }
        return ["face": side("face"), "body": side("body")]
    }
}
