import JSON

extension PeopleCountParameters {
    /// As they are in force, without callbacks.
    var inForce: JSONValue {
        var members = shared.inForce
        members["droi"] = droi.map(JSONValue.init) ?? .null
        members["people_count_threshold"] = .integer(Int64(peopleCountThreshold))
        return [
            "targets": .array(targets.map(\.rawValue).sorted().map { .string($0) }), "parameters": .object(members),
        ]
    }
}
