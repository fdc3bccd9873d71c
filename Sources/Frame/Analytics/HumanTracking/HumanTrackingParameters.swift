public import JSON
import Records
public import Scene

/// What a stream asks of `human_tracking`: its `analytics[].parameters`, read and checked.
/// `analytics/human_tracking/README.md` says what each member does.
///
/// People are followed by their bodies. What the API defines but needs a face detector or re-identification is
/// recognised and refused by name; what it does not define is refused as unknown.
public struct HumanTrackingParameters: Hashable, Sendable {
    public enum Target: String, Sendable, CaseIterable {
        case bodyDetection = "body_detection"
        case overview
        case aggregatedBodySamples = "aggregated_body_samples"
        case aggregatedBodyThumbnail = "aggregated_body_thumbnail"
    }

    /// Which detections may become pictures of an event: `body_samples` on the wire.
    public struct BodySamples: Hashable, Sendable {
        /// Samples at most, and never more than `BestShots.limit`; without effect on the overview.
        public var count = 5
        /// Least confidence, compared with the model's own; `0...1`.
        public var score: Float = 0.3
        /// `nil`: anywhere. Only detections centred in the region pass.
        public var droi: RegionFilter?
        public init() {}
    }

    public var targets: Set<Target> = [.bodyDetection]
    /// The probe counts frames in which a person is found.
    public var shared = SharedParameters(rate: .frames(1))
    public var bodySamples = BodySamples()

    public init() {}

    /// The samples that each event is to have.
    var bestShots: BestShots {
        BestShots(
            count: bodySamples.count, isListed: targets.contains(.aggregatedBodySamples),
            hasThumbnail: targets.contains(.aggregatedBodyThumbnail))
    }

    public init(_ reader: JSONReader) throws(JSONViolation) {
        _ = try reader.object(known: SharedParameters.outerKeys)
        if let targets = try reader.optional("targets") { self.targets = try Self.targets(targets) }
        shared = try SharedParameters(
            reader, own: ["tracking", "face_samples", "body_samples"], rate: shared.rate)
        for callback in try reader.optional("callbacks")?.items() ?? [] { try callback.checkNoState() }
        guard let parameters = try reader.optional("parameters") else { return }
        try parameters.optional("tracking")?.checkTracking()
        try parameters.optional("face_samples")?.checkFaceSamples()
        bodySamples = try parameters.optional("body_samples").map(BodySamples.init) ?? bodySamples
    }

    private static func targets(_ reader: JSONReader) throws(JSONViolation) -> Set<Target> {
        var targets: Set<Target> = []
        for item in try reader.items() {
            if let name = item.value.string, let need = unavailableTargets[name] {
                throw item.violation(
                    "'\(name)' needs \(need), which this server does not have; use 'body_detection' or 'overview'")
            }
            targets.insert(Target(rawValue: try item.string(oneOf: Target.allCases.map(\.rawValue)))!)
        }
        return targets
    }

    /// Targets that the API defines and this server cannot serve, with what they need.
    private static let unavailableTargets: [String: String] = {
        let face = [
            "face_detection", "landmarks5", "head_pose", "ags", "warp_quality", "emotions", "glasses", "eyes", "gaze",
            "mouth", "mask", "aggregated_liveness", "aggregated_deepfake", "aggregated_face_samples",
            "aggregated_face_thumbnail", "aggregated_face_basic_attributes", "aggregated_face_descriptor",
        ]
        var needs = Dictionary(uniqueKeysWithValues: face.map { ($0, "a face detector") })
        needs["aggregated_body_attributes"] = "a model of people's attributes"
        needs["aggregated_body_descriptor"] = "a model that describes bodies"
        return needs
    }()
}

extension HumanTrackingParameters.BodySamples {
    fileprivate init(_ reader: JSONReader) throws(JSONViolation) {
        _ = try reader.object(known: ["count", "filters"])
        count = try reader.optional("count")?.integer(in: 0 ... .max) ?? count
        guard let filters = try reader.optional("filters") else { return }
        _ = try filters.object(known: ["score", "droi"])
        score =
            try filters.optional("score").map { item throws(JSONViolation) in Float(try item.number(in: 0...1)) }
            ?? score
        droi = try filters.present("droi")?.regionFilter()
    }
}

extension JSONReader {
    fileprivate func checkTracking() throws(JSONViolation) {
        _ = try object(known: ["detector_type", "body_reid"])
        if let detector = try optional("detector_type") {
            let name = try detector.string(oneOf: ["face", "body", "human"])
            guard name == "body" else {
                throw detector.violation(
                    "'\(name)' needs a face detector, which this server does not have; use 'body'")
            }
        }
        if let reidentification = try optional("body_reid"), try reidentification.flag() {
            throw reidentification.violation("1 needs re-identification, which this server does not have; use 0")
        }
    }

    /// Well-formed face samples are accepted and have no effect: with a body detector there are no faces to filter.
    fileprivate func checkFaceSamples() throws(JSONViolation) {
        _ = try object(known: ["count", "filters"])
        _ = try optional("count")?.integer(in: 0 ... .max)
        guard let filters = try optional("filters") else { return }
        _ = try filters.object(known: ["score", "head_pitch", "head_roll", "head_yaw", "droi"])
        _ = try filters.optional("score")?.number(in: 0...1)
        for angle in ["head_pitch", "head_roll", "head_yaw"] { _ = try filters.optional(angle)?.integer(in: 0...90) }
        _ = try filters.present("droi")?.regionFilter()
    }
}
