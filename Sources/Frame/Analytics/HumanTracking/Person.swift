import JSON
import Records
import Scene

/// What one frame shows of a person, body, face or both, and how that is written.
struct Person: Sighting {
    /// A face or a body.
    struct Side: Sendable {
        let detection: Detection
        /// Of a face; quality only where it is wanted.
        var pose: HeadPose?
        var quality: FaceQuality?
        var estimates: FaceEstimates?
        /// Whether it passes the stream's filters for pictures: it may become a sample.
        let isSample: Bool
    }
    static let eventType = "human_tracking"
    static let form = Event.Form.generated
    var time: FrameTime
    let face, body: Side?
    /// What is told of them.
    let targets: Set<HumanTrackingParameters.Target>

    var isSample: Bool { [face, body].contains { $0?.isSample ?? false } }
    /// Any face that passes the filters before any body that does, and these before all others.
    var merit: Float {
        if let face, face.isSample { return 2 + face.detection.confidence }
        if let body, body.isSample { return 1 + body.detection.confidence }
        return (body ?? face)?.detection.confidence ?? 0
    }
    var facts: any Facts { BestShot(person: self) }
    var pictureFacts: any Facts {
        Members(members: ["detection": sides { side, _ in .detection(side.detection) }])
    }
    func sample(of side: Event.Picture.Side) -> Sample? {
        guard let seen = side == .face ? face : body, seen.isSample else { return nil }
        return Sample(
            merit: seen.detection.confidence, quality: seen.quality.map { Float($0.ags) },
            facts: Members(members: place(of: seen)))
    }
    var live: any Facts { Live(person: self) }

    private struct Members: Facts { let members: [String: JSONValue] }
    private struct Live: Facts {
        let person: Person
        var members: [String: JSONValue] { person.sides(person.estimated).object! }
    }
    /// The best detection, as handlers write what one picture shows. `score` is an addition of ours.
    private struct BestShot: Facts {
        let person: Person
        var members: [String: JSONValue] {
            func place(_ side: Side?) -> JSONValue? { side.map { .object(person.place(of: $0)) } }
            let detection = GeneratedEvent.detection(
                face: place(person.face).map { GeneratedEvent.face($0) },
                body: place(person.body).map { GeneratedEvent.body($0) },
                time: person.time.wallClock, offset: person.time.pts.wire)
            return ["detections": [detection]]
        }
    }

    private func sides(_ write: (Side, HumanTrackingParameters.Side) -> JSONValue?) -> JSONValue {
        ["face": face.flatMap { write($0, .face) } ?? .null, "body": body.flatMap { write($0, .body) } ?? .null]
    }
    /// What live subscribers are told; `nil` when they want nothing of it.
    private func estimated(_ side: Side, _ name: HumanTrackingParameters.Side) -> JSONValue? {
        var members: [String: JSONValue] = [:]
        if targets.contains(name == .face ? .faceDetection : .bodyDetection) {
            members["detection"] = .detection(side.detection)
        }
        if name == .face {
            members.merge(points(of: side)) { $1 }
            if targets.contains(.headPose) { members["head_pose"] = side.pose.map(JSONValue.init) ?? .null }
            if targets.contains(.ags) { members["ags"] = side.quality.map { JSONValue.share($0.ags) } ?? .null }
            if targets.contains(.warpQuality) {
                members["warp_quality"] = side.quality.map { JSONValue($0.warp) } ?? .null
            }
            let estimates = side.estimates ?? FaceEstimates()
            if targets.contains(.emotions) { members["emotions"] = estimates.emotions.map(JSONValue.init) ?? .null }
            if targets.contains(.eyes) { members["eyes"] = estimates.eyes.map(JSONValue.init) ?? .null }
            if targets.contains(.gaze) { members["gaze"] = estimates.gaze.map(JSONValue.init) ?? .null }
            if targets.contains(.mouth) { members["mouth"] = estimates.mouth.map(JSONValue.init) ?? .null }
        }
        return members.isEmpty ? nil : .object(members)
    }
    private func points(of face: Side) -> [String: JSONValue] {
        guard targets.contains(.landmarks5) else { return [:] }
        return ["landmarks5": face.detection.landmarks.map { .coordinates($0.points) } ?? .null]
    }
    /// As events tell where a face or a body is.
    private func place(of side: Side) -> [String: JSONValue] {
        let (rect, score) = JSONValue.rectAndScore(side.detection)
        var members: [String: JSONValue] = ["rect": rect, "score": score]
        guard side.detection.landmarks != nil else { return members }
        members.merge(points(of: side)) { $1 }
        // Age and gender are told of the event.
        var attributes = (side.estimates?.attributes ?? [:]).filter {
            $0.key != "basic_attributes" && $0.value != .null
        }
        if targets.contains(.headPose), let pose = side.pose { attributes["head_pose"] = JSONValue(pose) }
        if !attributes.isEmpty { members["attributes"] = .object(attributes) }
        if targets.contains(.warpQuality), let quality = side.quality { members["quality"] = JSONValue(quality.warp) }
        if targets.contains(.ags), let quality = side.quality { members["ags"] = .share(quality.ags) }
        return members
    }
}
