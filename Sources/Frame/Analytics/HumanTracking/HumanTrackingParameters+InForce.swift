import JSON
import Records
import Scene

extension HumanTrackingParameters {
    /// As they are in force, without callbacks.
    var inForce: JSONValue {
        var members = shared.inForce
        // Of what is found of people; the rest has no effect.
        if sides.contains(.body) { members["body_samples"] = bodySamples.inForce }
        if sides.contains(.face) { members["face_samples"] = faceSamples.inForce }
        members["handler_id"] = handlerID.map { .string($0.wire) }
        members["tracking"] = ["detector_type": .string(detectorType.rawValue)]
        return [
            "targets": .array(targets.map(\.rawValue).sorted().map { .string($0) }), "parameters": .object(members),
        ]
    }
}

extension HumanTrackingParameters.BodySamples {
    fileprivate var inForce: JSONValue {
        [
            "count": .integer(Int64(count)),
            "filters": ["score": .decimal(score), "droi": droi.map(JSONValue.init) ?? .null],
        ]
    }
}
extension HumanTrackingParameters.FaceSamples {
    fileprivate var inForce: JSONValue {
        [
            "count": .integer(Int64(count)),
            "filters": [
                "score": .decimal(score), "droi": droi.map(JSONValue.init) ?? .null, "head_yaw": .number(pose.yaw),
                "head_pitch": .number(pose.pitch), "head_roll": .number(pose.roll),
            ],
        ]
    }
}
