import JSON

extension HumanTrackingParameters {
    /// As they are in force, without callbacks.
    var inForce: JSONValue {
        var members = shared.inForce
        members["body_samples"] = [
            "count": .integer(Int64(bodySamples.count)),
            "filters": [
                "score": .decimal(bodySamples.score), "droi": bodySamples.droi.map(JSONValue.init) ?? .null,
            ],
        ]
        return [
            "targets": .array(targets.map(\.rawValue).sorted().map { .string($0) }), "parameters": .object(members),
        ]
    }
}
