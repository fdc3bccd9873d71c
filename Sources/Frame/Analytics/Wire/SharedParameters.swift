import JSON
public import Records
public import Scene

/// What a stream asks of any analytic alike, read and checked. The parameters of each analytic hold it beside their own.
public struct SharedParameters: Hashable, Sendable {
    /// The members of `analytics[].parameters`.
    static let outerKeys: Set<String> = ["targets", "callbacks", "parameters"]
    /// The members of the `parameters` in it that every analytic has.
    static let keys: Set<String> = [
        "roi", "rate", "probe_count", "image_retain_policy", "event_policy", "model", "confidence", "privacy",
    ]

    public var callbacks: [Callback] = []
    public var roi: RegionOfInterest?
    public var rate: Rate
    /// Analysed frames that must show what the analytic looks for before an event begins; 0 acts as 1.
    public var probeCount = 3
    public var snapshotPolicy = SnapshotPolicy()
    public var eventPolicy = EventPolicy.end
    /// `nil`: the one of the daemon's settings.
    public var model: DetectorModel?
    /// How sure the model must be of somebody, `0...1`; `nil`: the model's own.
    public var confidence: Float?
    /// What its pictures show nobody; `nil`: as the stream says.
    public var privacy: Privacy?

    /// The defaults.
    /// - Parameter rate: each analytic has a default of its own.
    public init(rate: Rate) { self.rate = rate }

    /// Reads what is shared. Members of `parameters` that are neither shared nor `own` are refused before any value is.
    /// - Parameters:
    ///   - reader: `analytics[].parameters`. Its `targets` are each analytic's own.
    ///   - own: the analytic's own members of `parameters`, which it reads after this.
    ///   - rate: the analytic's default.
    init(_ reader: JSONReader, own: Set<String>, rate: Rate) throws(JSONViolation) {
        self.init(rate: rate)
        if let callbacks = try reader.optional("callbacks") { self.callbacks = try callbacks.callbacks() }
        guard let parameters = try reader.optional("parameters") else { return }
        _ = try parameters.object(known: Self.keys.union(own))
        roi = try parameters.present("roi")?.regionOfInterest()
        self.rate = try parameters.optional("rate")?.rate() ?? rate
        probeCount = try parameters.optional("probe_count")?.integer(in: 0 ... .max) ?? probeCount
        snapshotPolicy = try parameters.optional("image_retain_policy")?.snapshotPolicy() ?? snapshotPolicy
        eventPolicy = try parameters.optional("event_policy")?.eventPolicy() ?? eventPolicy
        model = try parameters.present("model")?.detectorModel()
        confidence = try parameters.present("confidence").map { member throws(JSONViolation) in
            Float(try member.number(in: 0...1))
        }
        privacy = try parameters.present("privacy").map { member throws(JSONViolation) in try Privacy(member) }
    }
}
