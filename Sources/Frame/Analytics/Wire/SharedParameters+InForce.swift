import JSON
import Records
import Scene

extension SharedParameters {
    /// Members of `parameters` as they are in force.
    var inForce: [String: JSONValue] {
        var members: [String: JSONValue] = [
            "roi": roi.map(JSONValue.init) ?? .null, "rate": JSONValue(rate),
            "probe_count": .integer(Int64(probeCount)), "event_policy": JSONValue(eventPolicy),
            "image_retain_policy": JSONValue(snapshotPolicy), "model": model.map { .string($0.rawValue) } ?? .null,
        ]
        members["confidence"] = confidence.map(JSONValue.decimal)
        members["privacy"] = privacy?.wire
        return members
    }
}

extension JSONValue {
    fileprivate init(_ policy: SnapshotPolicy) {
        var members: [String: JSONValue] = [
            "mimetype": .string(policy.mediaType.rawValue), "quality": .number(policy.quality),
            "max_size": .integer(Int64(policy.maximumSize)),
        ]
        members["ttl"] = policy.lifetime.map { .integer(Int64($0.days)) }
        self = .object(members)
    }
    init(_ roi: RegionOfInterest) {
        self =
            switch roi {
            case .pixels(let rect):
                [
                    "mode": "abs", "x": .integer(Int64(rect.x)), "y": .integer(Int64(rect.y)),
                    "width": .integer(Int64(rect.width)), "height": .integer(Int64(rect.height)),
                ]
            case .percent(let x, let y, let width, let height):
                [
                    "mode": "percent", "x": .number(x), "y": .number(y), "width": .number(width),
                    "height": .number(height),
                ]
            }
    }
    init(_ region: RegionFilter) {
        self = [
            "mode": .string(region.mode.rawValue), "form": "common",
            "area": .array(
                region.area.map { polygon in
                    .array(polygon.map { ["x": .decimal($0.x), "y": .decimal($0.y)] })
                }),
        ]
    }
    fileprivate init(_ rate: Rate) {
        self =
            switch rate {
            case .frames(let period): ["unit": "frame", "period": .integer(Int64(period))]
            case .seconds(let period): ["unit": "second", "period": .number(period)]
            }
    }
    fileprivate init(_ policy: EventPolicy) {
        self =
            switch policy {
            case .start: ["trigger": "start"]
            case .end: ["trigger": "end"]
            case .period(let interval): ["trigger": "period", "interval": .number(interval)]
            }
    }
    /// `0.3` for the `Float` nearest to it.
    static func decimal(_ value: Float) -> JSONValue { .number(Double(value.description) ?? Double(value)) }
}
