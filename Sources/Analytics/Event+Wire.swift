public import Foundation
public import JSON
public import Scene

extension Event.Kind {
    /// The result name under which live messages carry events of this kind.
    public var resultName: String {
        switch self {
        case .crowd: "crowd"
        case .humanTracking: "tracking"
        }
    }
}

extension Event {
    /// The event as a callback and `analyze --events` carry it: the envelope and the event itself.
    ///
    /// `event_create_time` and `event_end_time` are the wall-clock times of its first and latest frame.
    public func wire(stream: UUID, account: UUID, location: JSONValue) -> JSONValue {
        [
            "event_type": .string(kind.rawValue),
            "account_id": account.wire,
            "event_create_time": .string(begin.wallClock.rfc3339),
            "event_end_time": .string(end.wallClock.rfc3339),
            "event": body(stream: stream, location: location),
        ]
    }

    /// The `event` member of `wire`. `overview` is there only when a picture was kept.
    private func body(stream: UUID, location: JSONValue) -> JSONValue {
        var members: [String: JSONValue] = [
            "stream_id": stream.wire, "event_id": id.wire, "track_id": trackID.wire,
            "video_segment": ["start_time_offset": begin.pts.wire, "end_time_offset": end.pts.wire],
            "location": location,
        ]
        var shot: [String: JSONValue] = ["time_offset": overview.time.pts.wire]
        let bodyMember: JSONValue = overview.detection.map { .body(box: $0.box, confidence: $0.confidence) } ?? .null
        switch kind {
        case .crowd:
            members["people_count"] = .integer(Int64(peopleCount))
            shot["people_coordinates"] = .coordinates(overview.people)
        case .humanTracking:
            members["face"] = .null
            members["body"] = bodyMember
            shot["detection"] = ["face": .null, "body": bodyMember["detection"] ?? .null]
        }
        if let snapshot = overview.snapshot {
            shot["image"] = .string(Data(snapshot.bytes).base64EncodedString())
            members["overview"] = .object(shot)
        }
        return .object(members)
    }
}

// MARK: Values shared with live messages

extension UUID {
    /// Lower case, as the public API writes identifiers.
    var wire: JSONValue { .string(uuidString.lowercased()) }
}
extension MediaTime {
    /// Seconds, to the millisecond.
    var wire: JSONValue { .number((Double(nanoseconds) / 1e6).rounded() / 1000) }
}
extension JSONValue {
    /// `[[x, y], …]` in whole pixels.
    static func coordinates(_ points: [Point]) -> JSONValue {
        .array(points.map { [.pixels($0.x), .pixels($0.y)] })
    }
    /// `{"detection": {"bbox": …, "score": …}}`, the box in whole pixels. What a filtered box has left of or above the
    /// frame is cut off.
    static func body(box: BoundingBox, confidence: Float?) -> JSONValue {
        let left = max(0, box.minX).wholePixels, top = max(0, box.minY).wholePixels
        let bbox: JSONValue = [
            "x": .integer(left), "y": .integer(top), "width": .integer(max(0, box.maxX.wholePixels - left)),
            "height": .integer(max(0, box.maxY.wholePixels - top)),
        ]
        let score = confidence.map { JSONValue.number((Double($0) * 10_000).rounded() / 10_000) }
        return ["detection": ["bbox": bbox, "score": score ?? .null]]
    }
    private static func pixels(_ value: Float) -> JSONValue { .integer(value.wholePixels) }
}
extension Float {
    /// Rounded; a value that no picture can have is brought into a picture's range instead of trapping.
    fileprivate var wholePixels: Int64 { isNaN ? 0 : Int64(Swift.min(Swift.max(rounded(), -1_000_000), 1_000_000)) }
}
