public import JSON
import Records
public import Scene

/// What one frame shows of a person, body or face, and how that is written.
struct Person: Sighting {
    typealias Side = HumanTrackingParameters.DetectorType
    static let eventType = "human_tracking"
    static let form = Event.Form.generated
    var time: FrameTime
    let detection: Detection
    /// Of a face.
    let pose: HeadPose?
    /// Whether the frame passes the stream's filters for pictures: it may become a sample.
    let isSample: Bool
    /// What the detection is of.
    let side: Side
    /// What is told of it.
    let targets: Set<HumanTrackingParameters.Target>

    /// Any sample before any other detection.
    var merit: Float { detection.confidence + (isSample ? 1 : 0) }
    var facts: any Facts { BestShot(person: self) }
    var pictureFacts: any Facts { Members(members: ["detection": sides(.detection(detection))]) }
    var sampleFacts: (any Facts)? { isSample ? Members(members: place) : nil }
    var live: any Facts { Members(members: sides(estimated).object!) }

    private struct Members: Facts { let members: [String: JSONValue] }
    /// The best detection, as handlers write what one picture shows. `score` is an addition of ours.
    private struct BestShot: Facts {
        let person: Person
        var members: [String: JSONValue] {
            let (time, place) = (person.time, JSONValue.object(person.place))
            let isFace = person.side == .face
            let detection = GeneratedEvent.detection(
                face: isFace ? GeneratedEvent.face(place) : nil, body: isFace ? nil : GeneratedEvent.body(place),
                time: time.wallClock, offset: time.pts.wire)
            return ["detections": [detection]]
        }
    }

    private func sides(_ value: JSONValue?) -> JSONValue {
        ["face": side == .face ? value ?? .null : .null, "body": side == .body ? value ?? .null : .null]
    }
    /// What live subscribers are told; `nil` when they want nothing of it.
    private var estimated: JSONValue? {
        var members: [String: JSONValue] = [:]
        if targets.contains(side == .face ? .faceDetection : .bodyDetection) {
            members["detection"] = .detection(detection)
        }
        members.merge(points) { $1 }
        if targets.contains(.headPose) { members["head_pose"] = pose.map(JSONValue.init) ?? .null }
        return members.isEmpty ? nil : .object(members)
    }
    private var points: [String: JSONValue] {
        guard targets.contains(.landmarks5) else { return [:] }
        return ["landmarks5": detection.landmarks.map { .coordinates($0.points) } ?? .null]
    }
    /// As events tell where somebody is.
    private var place: [String: JSONValue] {
        let (rect, score) = JSONValue.rectAndScore(detection)
        var members = points.merging(["rect": rect, "score": score]) { $1 }
        if targets.contains(.headPose), let pose { members["attributes"] = ["head_pose": JSONValue(pose)] }
        return members
    }
}

extension JSONValue {
    /// In degrees, to a hundredth.
    public init(_ pose: HeadPose) {
        func degrees(_ angle: Double) -> JSONValue { .number((angle * 100).rounded() / 100) }
        self = ["yaw": degrees(pose.yaw), "pitch": degrees(pose.pitch), "roll": degrees(pose.roll)]
    }
}
