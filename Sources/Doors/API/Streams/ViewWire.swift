import Analytics
import Frames
import JSON
import Pipeline
import Records
import Scene
import Streams

/// The messages of `GET /6/streams/{stream_id}/live`.
enum ViewWire {
    /// What the messages of frames are to be understood by.
    /// - Parameter isVideo: whether coded video comes in place of pictures.
    static func head(of frame: ViewedFrame, isVideo: Bool) -> JSONValue {
        [
            "kind": frame.picture != nil ? "jpeg" : isVideo ? "mp4" : "boxes",
            "width": .integer(Int64(frame.size.width)),
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

    /// - Parameter video: of which the frame is one; `nil`: of none.
    static func message(of frame: ViewedFrame, in video: VideoHead?) -> JSONValue {
        var members: [String: JSONValue] = [
            "time_offset": frame.time.pts.wire, "time": .string(frame.time.wallClock.rfc3339),
            "people_count": .integer(Int64(frame.count)), "tracks": .array(frame.people.map(track)),
        ]
        if let seconds = video?.seconds(of: frame.time) {
            members["video_time"] = .number((seconds * 1e6).rounded() / 1e6)
        }
        return .object(members)
    }
    /// Binary messages are coded video from here on: its beginning, then fragment by fragment.
    static func video(_ head: VideoHead) -> JSONValue {
        ["kind": "video", "type": .string("video/mp4; codecs=\"\(head.codec)\"")]
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
