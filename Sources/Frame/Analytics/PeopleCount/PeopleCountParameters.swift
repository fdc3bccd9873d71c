public import JSON
import Records
public import Scene

/// What a stream asks of `people_count`: its `analytics[].parameters`, read and checked. `analytics/people_count/README.md`
/// says what each member does.
public struct PeopleCountParameters: Hashable, Sendable {
    public enum Target: String, Sendable, CaseIterable { case coordinates, overview }

    public var targets: Set<Target> = []
    /// The probe counts consecutive frames with enough people.
    public var shared = SharedParameters(rate: .frames(10))
    public var droi: RegionFilter?
    /// People at least for an event.
    public var peopleCountThreshold = 1

    public init() {}

    public init(_ reader: JSONReader) throws(JSONViolation) {
        _ = try reader.object(known: SharedParameters.outerKeys)
        if let targets = try reader.optional("targets") { self.targets = try Self.targets(targets) }
        shared = try SharedParameters(reader, own: ["droi", "people_count_threshold"], rate: shared.rate)
        guard let parameters = try reader.optional("parameters") else { return }
        droi = try parameters.present("droi")?.regionFilter()
        peopleCountThreshold =
            try parameters.optional("people_count_threshold")?.integer(in: 0 ... .max) ?? peopleCountThreshold
    }

    private static func targets(_ reader: JSONReader) throws(JSONViolation) -> Set<Target> {
        var targets: Set<Target> = []
        for item in try reader.items() {
            // Clients in the wild name the analytic among its targets; it asks for nothing that would not come anyway.
            if item.value.string == "people_count" { continue }
            targets.insert(Target(rawValue: try item.string(oneOf: Target.allCases.map(\.rawValue)))!)
        }
        return targets
    }
}
