import JSON
import Scene

extension HumanTrackingParameters {
    /// As they are in force, without callbacks.
    var inForce: JSONValue {
        var members = shared.inForce
        // Of the side by which people are followed; the other has no effect.
        members[detectorType == .face ? "face_samples" : "body_samples"] = samples.inForce
        if detectorType == .face { members["tracking"] = ["detector_type": .string(detectorType.rawValue)] }
        return [
            "targets": .array(targets.map(\.rawValue).sorted().map { .string($0) }), "parameters": .object(members),
        ]
    }
}

extension HumanTrackingParameters.Samples {
    fileprivate var inForce: JSONValue {
        var filters: [String: JSONValue] = ["score": .decimal(score), "droi": droi.map(JSONValue.init) ?? .null]
        if let pose {
            filters["head_yaw"] = .number(pose.yaw)
            filters["head_pitch"] = .number(pose.pitch)
            filters["head_roll"] = .number(pose.roll)
        }
        return ["count": .integer(Int64(count)), "filters": .object(filters)]
    }
}
