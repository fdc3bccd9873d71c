public import Records
import Scene

/// Why something does not pass.
public struct FilterReason: Hashable, Sendable {
    /// On the wire.
    public let filter: String
    public let value, threshold: Double
    public init(filter: String, value: Double, threshold: Double) {
        (self.filter, self.value, self.threshold) = (filter, value, threshold)
    }
}

/// Which faces pass by how they are turned and by how surely they are faces.
public struct FaceGate: Hashable, Sendable {
    /// Largest angles, either way, in degrees; 180 lets all pass and 0 none.
    public var pitch, roll, yaw: Double
    /// Of a detection.
    public var leastScore: Double
    public init(pitch: Double = 180, roll: Double = 180, yaw: Double = 180, leastScore: Double = 0) {
        (self.pitch, self.roll, self.yaw, self.leastScore) = (pitch, roll, yaw, leastScore)
    }
    public init(_ policy: DetectPolicy) {
        self.init(pitch: policy.pitch ?? 180, roll: policy.roll ?? 180, yaw: policy.yaw ?? 180)
    }

    /// None: it passes.
    public func reasons(_ face: FoundFace) -> [FilterReason] {
        reasons(face.pose, score: Double(face.detection.confidence))
    }
    /// - Parameter pose: `nil`: there is no telling; then angles keep nobody out.
    func reasons(_ pose: HeadPose?, score: Double) -> [FilterReason] {
        var reasons: [FilterReason] = []
        if let pose {
            for (name, value, threshold) in [
                ("pitch_threshold", pose.pitch, pitch), ("roll_threshold", pose.roll, roll),
                ("yaw_threshold", pose.yaw, yaw),
            ] where threshold < 180 && (abs(value) > threshold || threshold == 0) {
                reasons.append(FilterReason(filter: name, value: value, threshold: threshold))
            }
        }
        if score < leastScore {
            reasons.append(FilterReason(filter: "score_threshold", value: score, threshold: leastScore))
        }
        return reasons
    }
}

extension DetectPolicy.MultifacePolicy {
    /// Those that are meant of the faces of a picture; `nil` where several are refused.
    public func chosen(from found: [FoundFace]) -> [FoundFace]? {
        switch self {
        case .refuse where found.count > 1: nil
        case .best: found.max { Self.merit($0) < Self.merit($1) }.map { [$0] } ?? []
        case .refuse, .all: found
        }
    }
    /// The best face is a large one that is surely one.
    private static func merit(_ face: FoundFace) -> Float { face.detection.box.area * face.detection.confidence }
}
