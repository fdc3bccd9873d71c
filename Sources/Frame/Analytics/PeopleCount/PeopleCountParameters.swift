public import JSON
public import Records
public import Scene

/// What a stream asks of `people_count`: its `analytics[].parameters`, read and checked. `analytics/people_count/README.md`
/// says what each member does.
public struct PeopleCountParameters: Hashable, Sendable {
    public enum Target: String, Sendable, CaseIterable { case coordinates, overview }

    public var targets: Set<Target> = []
    public var callbacks: [Callback] = []
    public var roi: RegionOfInterest?
    public var droi: RegionFilter?
    public var rate = Rate.frames(10)
    /// Consecutive analysed frames with enough people before an event begins; 0 acts as 1.
    public var probeCount = 3
    public var snapshotPolicy = SnapshotPolicy()
    /// People at least for an event.
    public var peopleCountThreshold = 1
    public var eventPolicy = EventPolicy.end
    /// `nil`: the one of the daemon's settings.
    public var model: DetectorModel?

    public init() {}

    public init(_ reader: JSONReader) throws(JSONViolation) {
        _ = try reader.object(known: ["targets", "callbacks", "parameters"])
        if let targets = try reader.optional("targets") { self.targets = try Self.targets(targets) }
        if let callbacks = try reader.optional("callbacks") { self.callbacks = try callbacks.callbacks() }
        guard let parameters = try reader.optional("parameters") else { return }
        _ = try parameters.object(known: [
            "roi", "droi", "rate", "probe_count", "image_retain_policy", "people_count_threshold", "event_policy",
            "model",
        ])
        roi = try parameters.present("roi")?.regionOfInterest()
        droi = try parameters.present("droi")?.regionFilter()
        rate = try parameters.optional("rate")?.rate() ?? rate
        probeCount = try parameters.optional("probe_count")?.integer(in: 0 ... .max) ?? probeCount
        snapshotPolicy = try parameters.optional("image_retain_policy")?.snapshotPolicy() ?? snapshotPolicy
        peopleCountThreshold =
            try parameters.optional("people_count_threshold")?.integer(in: 0 ... .max) ?? peopleCountThreshold
        eventPolicy = try parameters.optional("event_policy")?.eventPolicy() ?? eventPolicy
        model = try parameters.present("model")?.detectorModel()
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
