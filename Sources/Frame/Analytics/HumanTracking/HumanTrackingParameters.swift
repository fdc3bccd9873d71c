public import JSON
import Records
public import Scene

/// What a stream asks of `human_tracking`: its `analytics[].parameters`, read and checked.
/// `analytics/human_tracking/README.md` says what each member does.
///
/// People are followed by their bodies or by their faces. What the API defines but needs a model that is not there is
/// recognised and refused by name; what it does not define is refused as unknown.
public struct HumanTrackingParameters: Hashable, Sendable {
    /// By what people are followed.
    public enum DetectorType: String, Sendable { case body, face }
    public enum Target: String, Sendable, CaseIterable {
        case bodyDetection = "body_detection"
        case faceDetection = "face_detection"
        case landmarks5
        case headPose = "head_pose"
        case overview
        case aggregatedBodySamples = "aggregated_body_samples"
        case aggregatedBodyThumbnail = "aggregated_body_thumbnail"

        /// By what people must be followed for it; `nil`: by anything.
        var side: DetectorType? {
            switch self {
            case .bodyDetection, .aggregatedBodySamples, .aggregatedBodyThumbnail: .body
            case .faceDetection, .landmarks5, .headPose: .face
            case .overview: nil
            }
        }
    }

    /// Which detections may become pictures of an event: `body_samples` and `face_samples` on the wire.
    public struct Samples: Hashable, Sendable {
        /// Samples at most, and never more than `BestShots.limit`; without effect on the overview.
        public var count = 5
        /// Least confidence, compared with the model's own; `0...1`.
        public var score: Float
        /// Of a face: the angles that a head is turned by at most, either way, in degrees.
        public var pose: HeadPose?
        /// `nil`: anywhere. Only detections centred in the region pass.
        public var droi: RegionFilter?

        public static let bodies = Samples(score: 0.3)
        public static let faces = Samples(score: 0.6, pose: HeadPose(yaw: 15, pitch: 15, roll: 15))
    }

    public var targets: Set<Target> = [.bodyDetection]
    /// The probe counts frames in which a person is found.
    public var shared = SharedParameters(rate: .frames(1))
    public var detectorType = DetectorType.body
    public var bodySamples = Samples.bodies
    public var faceSamples = Samples.faces

    public init() {}

    /// Of the side by which people are followed.
    var samples: Samples { detectorType == .face ? faceSamples : bodySamples }
    /// The samples that each event is to have.
    var bestShots: BestShots {
        BestShots(
            count: bodySamples.count, isListed: targets.contains(.aggregatedBodySamples),
            hasThumbnail: targets.contains(.aggregatedBodyThumbnail))
    }

    public init(_ reader: JSONReader, _ abilities: Abilities = Abilities()) throws(JSONViolation) {
        _ = try reader.object(known: SharedParameters.outerKeys)
        let parameters = try reader.optional("parameters")
        if let tracking = try parameters?.optional("tracking") {
            detectorType = try tracking.detectorType(abilities) ?? detectorType
        }
        targets = detectorType == .face ? [.faceDetection] : targets
        if let targets = try reader.optional("targets") {
            self.targets = try Self.targets(targets, detectorType, abilities)
        }
        shared = try SharedParameters(
            reader, own: ["tracking", "face_samples", "body_samples"], rate: shared.rate)
        for callback in try reader.optional("callbacks")?.items() ?? [] { try callback.checkNoState() }
        guard let parameters else { return }
        if detectorType == .face, shared.model != nil, let model = try parameters.optional("model") {
            throw model.violation("It says what finds people; faces are found by one model")
        }
        bodySamples = try parameters.optional("body_samples")?.samples(.bodies) ?? bodySamples
        faceSamples = try parameters.optional("face_samples")?.samples(.faces) ?? faceSamples
    }

    private static func targets(
        _ reader: JSONReader, _ type: DetectorType, _ abilities: Abilities
    ) throws(JSONViolation) -> Set<Target> {
        var targets: Set<Target> = []
        for item in try reader.items() {
            if let name = item.value.string, let need = unavailableTargets[name] {
                throw item.violation("'\(name)' needs \(need), which this server does not have")
            }
            let target = Target(rawValue: try item.string(oneOf: Target.allCases.map(\.rawValue)))!
            if target.side == .face, !abilities.findsFaces {
                throw item.noFaces(target.rawValue, instead: "body_detection")
            }
            if let side = target.side, side != type {
                throw item.violation(
                    "'\(target.rawValue)' needs people to be followed by their \(side == .face ? "faces" : "bodies"): "
                        + "tracking.detector_type '\(side.rawValue)' instead of '\(type.rawValue)'")
            }
            targets.insert(target)
        }
        return targets
    }

    /// Targets that the API defines and this server cannot serve, with what they need.
    private static let unavailableTargets = [
        "ags": "an estimate of quality", "warp_quality": "an estimate of quality", "emotions": "a model of emotions",
        "glasses": "a model of glasses", "eyes": "a model of eyes", "gaze": "a model of eyes",
        "mouth": "a model of mouths",
        "mask": "a model of masks", "aggregated_liveness": "a model of liveness",
        "aggregated_deepfake": "a model of deepfakes",
        "aggregated_face_samples": "samples of faces", "aggregated_face_thumbnail": "samples of faces",
        "aggregated_face_basic_attributes": "a model of people's attributes",
        "aggregated_face_descriptor": "a model that describes faces",
        "aggregated_body_attributes": "a model of people's attributes",
        "aggregated_body_descriptor": "a model that describes bodies",
    ]
}

extension JSONReader {
    /// `tracking`.
    fileprivate func detectorType(_ abilities: Abilities) throws(JSONViolation) -> HumanTrackingParameters.DetectorType?
    {
        _ = try object(known: ["detector_type", "body_reid"])
        if let reidentification = try optional("body_reid"), try reidentification.flag() {
            throw reidentification.violation("1 needs re-identification, which this server does not have; use 0")
        }
        guard let detector = try optional("detector_type") else { return nil }
        let name = try detector.string(oneOf: ["face", "body", "human"])
        if name != "body", !abilities.findsFaces { throw detector.noFaces(name, instead: "body") }
        guard let type = HumanTrackingParameters.DetectorType(rawValue: name) else {
            throw detector.violation(
                "'\(name)' follows faces and bodies at once, which this server does not do; use 'face' or 'body'")
        }
        return type
    }
    fileprivate func noFaces(_ name: String, instead other: String) -> JSONViolation {
        violation("'\(name)' needs a face detector, which this server does not have; use '\(other)'")
    }

    /// `body_samples` or `face_samples`.
    fileprivate func samples(
        _ defaults: HumanTrackingParameters.Samples
    ) throws(JSONViolation) -> HumanTrackingParameters.Samples {
        var samples = defaults
        _ = try object(known: ["count", "filters"])
        samples.count = try optional("count")?.integer(in: 0 ... .max) ?? samples.count
        guard let filters = try optional("filters") else { return samples }
        let angles: Set<String> = defaults.pose == nil ? [] : ["head_pitch", "head_roll", "head_yaw"]
        _ = try filters.object(known: angles.union(["score", "droi"]))
        if let score = try filters.optional("score") { samples.score = Float(try score.number(in: 0...1)) }
        if var pose = samples.pose {
            if let angle = try filters.optional("head_yaw") { pose.yaw = Double(try angle.integer(in: 0...90)) }
            if let angle = try filters.optional("head_pitch") { pose.pitch = Double(try angle.integer(in: 0...90)) }
            if let angle = try filters.optional("head_roll") { pose.roll = Double(try angle.integer(in: 0...90)) }
            samples.pose = pose
        }
        samples.droi = try filters.present("droi")?.regionFilter()
        return samples
    }
}
