import Analytics
import JSON
import Pipeline
import Records
import Scene
import Streams

/// The messages of `GET /6/streams/{stream_id}/live`.
enum ViewWire {
    /// What the messages of frames are to be understood by.
    static func head(of frame: ViewedFrame) -> JSONValue {
        [
            "kind": frame.picture == nil ? "boxes" : "jpeg", "width": .integer(Int64(frame.size.width)),
            "height": .integer(Int64(frame.size.height)),
            "zones": .array(frame.regions.flatMap { zones($0, in: frame.size) }),
        ]
    }
    private static func zones(_ region: PlannedRegion, in size: PixelSize) -> [JSONValue] {
        let kind: JSONValue =
            switch region.region {
            case .roi: "roi"
            case .filter: "droi"
            }
        return region.region.outlines(in: size).map {
            [
                "analytic": .string(region.analytic), "index": .integer(Int64(region.index)), "kind": kind,
                "points": .coordinates($0.vertices),
            ]
        }
    }

    static func message(of frame: ViewedFrame) -> JSONValue {
        [
            "time_offset": frame.time.pts.wire, "time": .string(frame.time.wallClock.rfc3339),
            "people_count": .integer(Int64(frame.count)), "tracks": .array(frame.people.map(track)),
        ]
    }
    private static func track(_ person: ShownPerson) -> JSONValue {
        let confidence = person.confidence
        let (rect, score) = JSONValue.rectAndScore(Detection(box: person.box, confidence: confidence ?? 0))
        var members: [String: JSONValue] = [
            "id": person.number.map { .integer(Int64(clamping: $0)) } ?? .null, "bbox": rect,
            "score": confidence == nil ? .null : score,
            "state": !person.isCounted ? "uncounted" : confidence == nil ? "missed" : "counted",
        ]
        if let face = person.track?.face { members["face"] = JSONValue.rectAndScore(face).rect }
        return .object(members)
    }

    /// The stream goes on, but its source is not open.
    static func waiting(_ stream: RegisteredStream) -> JSONValue {
        ["kind": "waiting", "status": .string(stream.status.name)]
    }
    /// The last message.
    /// - Parameter stream: `nil`: it was deleted.
    static func ended(_ stream: RegisteredStream?) -> JSONValue {
        let error = stream?.status == .failure ? stream?.lastError : nil
        return [
            "kind": "ended", "status": stream.map { .string($0.status.name) } ?? .null,
            "error": error.map { .string(Redaction.redacted($0)) } ?? .null,
        ]
    }
}
