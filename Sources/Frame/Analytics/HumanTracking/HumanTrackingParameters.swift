public import Foundation
public import JSON
public import Records
public import Scene

/// What a stream asks of `human_tracking`: its `analytics[].parameters`, read and checked.
/// `analytics/human_tracking/README.md` says what each member does.
///
/// People are followed by their bodies, by their faces, or by their bodies with the faces found on them. What the API defines but needs a model that is not there is
/// recognised and refused by name; what it does not define is refused as unknown.
public struct HumanTrackingParameters: Hashable, Sendable {
    /// By what people are followed.
    public enum DetectorType: String, Sendable {
        case body, face
        /// By their bodies; their faces are looked for there.
        case human
    }
    public typealias Side = Event.Picture.Side
    public enum Target: String, Sendable, CaseIterable {
        case bodyDetection = "body_detection"
        case faceDetection = "face_detection"
        case landmarks5
        case headPose = "head_pose"
        case ags
        case warpQuality = "warp_quality"
        case emotions, eyes, gaze, mouth
        case overview
        case aggregatedFaceSamples = "aggregated_face_samples"
        case aggregatedFaceThumbnail = "aggregated_face_thumbnail"
        case aggregatedFaceBasicAttributes = "aggregated_face_basic_attributes"
        case aggregatedBodySamples = "aggregated_body_samples"
        case aggregatedBodyThumbnail = "aggregated_body_thumbnail"

        /// What must be found of people for it; `nil`: anything.
        var side: Side? {
            switch self {
            case .bodyDetection, .aggregatedBodySamples, .aggregatedBodyThumbnail: .body
            case .faceDetection, .landmarks5, .headPose, .ags, .warpQuality, .emotions, .eyes, .gaze, .mouth,
                .aggregatedFaceSamples, .aggregatedFaceThumbnail, .aggregatedFaceBasicAttributes:
                .face
            case .overview: nil
            }
        }
        /// What a model must estimate of faces for it.
        var estimate: FaceEstimateSet {
            switch self {
            case .emotions: .emotions
            case .eyes: .eyes
            case .gaze: .gaze
            case .mouth: .mouth
            case .aggregatedFaceBasicAttributes: .basicAttributes
            default: []
            }
        }
    }

    /// Which detections may become pictures of an event: `body_samples` and `face_samples` on the wire.
    public struct BodySamples: Hashable, Sendable {
        /// Samples at most, and never more than `BestShots.limit`; without effect on the overview.
        public var count = 5
        /// Least confidence, compared with the model's own; `0...1`.
        public var score: Float = 0.3
        /// `nil`: anywhere. Only detections centred in the region pass.
        public var droi: RegionFilter?
    }
    public struct FaceSamples: Hashable, Sendable {
        public var count = 5
        public var score: Float = 0.6
        /// The angles that a head is turned by at most, either way, in degrees.
        public var pose = HeadPose(yaw: 15, pitch: 15, roll: 15)
        public var droi: RegionFilter?
    }

    public var targets: Set<Target> = [.faceDetection]
    /// The probe counts frames in which a person is found.
    public var shared = SharedParameters(rate: .frames(1))
    public var detectorType = DetectorType.face
    public var bodySamples = BodySamples()
    public var faceSamples = FaceSamples()
    /// That is given whom the stream sees, when they are gone; an addition.
    public var handlerID: UUID?
    /// Whether there is a model for closer looks at faces.
    private var findsFacePoints = false

    public init() {}

    /// What is found of people.
    var sides: Set<Side> {
        switch detectorType {
        case .body: [.body]
        case .face: [.face]
        case .human: [.body, .face]
        }
    }
    /// Outlines that pictures may show.
    var regions: [PreparedAnalytic.Region] {
        var regions: [PreparedAnalytic.Region] = []
        if let roi = shared.roi { regions.append(.roi(roi)) }
        if sides.contains(.face), let droi = faceSamples.droi { regions.append(.filter(droi)) }
        if sides.contains(.body), let droi = bodySamples.droi { regions.append(.filter(droi)) }
        return regions
    }
    /// The samples that each event is to have.
    var bestShots: [BestShots] {
        // A face and a body of different frames are two detections, of which an event has so many at most.
        let limit = detectorType == .human ? BestShots.limit / 2 : BestShots.limit
        return [
            BestShots(
                .face, count: min(faceSamples.count, limit), isListed: targets.contains(.aggregatedFaceSamples),
                hasThumbnail: targets.contains(.aggregatedFaceThumbnail)),
            BestShots(
                .body, count: min(bodySamples.count, limit), isListed: targets.contains(.aggregatedBodySamples),
                hasThumbnail: targets.contains(.aggregatedBodyThumbnail)),
        ]
    }
    /// What the handler is given of somebody; nothing where there is none.
    var handlerShots: [BestShots] {
        guard handlerID != nil else { return [] }
        let limit = BestShots.handlerLimit
        return [
            BestShots(
                .face, count: min(faceSamples.count, limit), isListed: true, hasThumbnail: false, isByQuality: true),
            BestShots(.body, count: min(bodySamples.count, 1), isListed: true, hasThumbnail: false),
        ]
    }
    /// Whether anything comes of the points of faces, and of the angles that they tell, but which of an event's frames is its best.
    private static let targetsOfPoints: Set<Target> = [
        .landmarks5, .headPose, .ags, .warpQuality, .overview, .aggregatedFaceSamples, .aggregatedFaceThumbnail,
        .emotions, .eyes, .gaze, .mouth, .aggregatedFaceBasicAttributes,
    ]
    /// Whether faces are looked at closer for their points.
    var wantsFacePoints: Bool {
        findsFacePoints && sides.contains(.face)
            && (handlerID != nil || !targets.isDisjoint(with: Self.targetsOfPoints))
    }
    /// Whether the aligned face is measured.
    var wantsQuality: Bool { handlerID != nil || !targets.isDisjoint(with: [.ags, .warpQuality]) }

    /// What is estimated of faces.
    var estimates: FaceEstimateSet { targets.reduce(into: []) { $0.formUnion($1.estimate) } }

    public init(_ reader: JSONReader, _ abilities: Abilities = Abilities()) throws(JSONViolation) {
        _ = try reader.object(known: SharedParameters.outerKeys)
        let parameters = try reader.optional("parameters")
        detectorType = abilities.findsFaces ? .face : .body
        findsFacePoints = abilities.findsFacePoints
        if let tracking = try parameters?.optional("tracking") {
            detectorType = try tracking.detectorType(abilities) ?? detectorType
        }
        targets = detectorType == .body ? [.bodyDetection] : [.faceDetection]
        if let targets = try reader.optional("targets") {
            self.targets = try Self.targets(targets, detectorType, abilities)
        }
        shared = try SharedParameters(
            reader, own: ["tracking", "face_samples", "body_samples", "handler_id"], rate: shared.rate)
        for callback in try reader.optional("callbacks")?.items() ?? [] { try callback.checkNoState() }
        guard let parameters else { return }
        if detectorType == .face, shared.model != nil, let model = try parameters.optional("model") {
            throw model.violation("It says what finds people; faces are found by one model")
        }
        bodySamples = try parameters.optional("body_samples")?.bodySamples() ?? bodySamples
        faceSamples = try parameters.optional("face_samples")?.faceSamples() ?? faceSamples
        if let handler = try parameters.present("handler_id") {
            guard detectorType != .body else {
                throw handler.violation(
                    "A handler is given faces: it needs tracking.detector_type 'face' or 'human' instead of 'body'")
            }
            handlerID = try handler.id()
        }
    }

    private static func targets(
        _ reader: JSONReader, _ type: DetectorType, _ abilities: Abilities
    ) throws(JSONViolation) -> Set<Target> {
        var targets: Set<Target> = []
        for item in try reader.items() {
            if let name = item.value.string, let (need, feature) = unavailableTargets[name],
                !(Target(rawValue: name)?.estimate.isSubset(of: abilities.estimates) ?? false)
            {
                throw item.violation("'\(name)' needs \(need), which this server does not have", lack: feature)
            }
            let known = Target.allCases.filter { $0.estimate.isSubset(of: abilities.estimates) }
            let target = Target(rawValue: try item.string(oneOf: known.map(\.rawValue)))!
            if target.side == .face, !abilities.findsFaces {
                throw item.noFaces(target.rawValue, instead: "body_detection")
            }
            if let side = target.side, type != .human, side.rawValue != type.rawValue {
                throw item.violation(
                    "'\(target.rawValue)' needs people to be followed by their \(side == .face ? "faces" : "bodies"): "
                        + "tracking.detector_type '\(side.rawValue)' or 'human' instead of '\(type.rawValue)'")
            }
            targets.insert(target)
        }
        return targets
    }

    /// Targets that the API defines and this server cannot serve, some of them unless it has a model: what they need, and the feature as answers
    /// about pictures call it.
    private static let unavailableTargets = [
        "emotions": ("a model of emotions", "Emotions"), "glasses": ("a model of glasses", "Glasses"),
        "eyes": ("a model of eyes", "Eyes attributes"), "gaze": ("a model of eyes", "Gaze"),
        "mouth": ("a model of mouths", "Mouth attributes"), "mask": ("a model of masks", "Mask"),
        "aggregated_liveness": ("a model of liveness", "Liveness"),
        "aggregated_deepfake": ("a model of deepfakes", "Deepfake"),
        "aggregated_face_basic_attributes": ("models of age and gender", "Basic attributes"),
        "aggregated_face_descriptor": ("a model that describes faces", "Face descriptor"),
        "aggregated_body_attributes": ("a model of people's attributes", "Body attributes"),
        "aggregated_body_descriptor": ("a model that describes bodies", "Body descriptor"),
    ]
}

extension JSONReader {
    /// `tracking`.
    fileprivate func detectorType(_ abilities: Abilities) throws(JSONViolation) -> HumanTrackingParameters.DetectorType?
    {
        _ = try object(known: ["detector_type", "body_reid"])
        if let reidentification = try optional("body_reid"), try reidentification.flag() {
            throw reidentification.violation(
                "1 needs re-identification, which this server does not have; use 0", lack: "Body descriptor")
        }
        guard let detector = try optional("detector_type") else { return nil }
        let name = try detector.string(oneOf: ["face", "body", "human"])
        if name != "body", !abilities.findsFaces { throw detector.noFaces(name, instead: "body") }
        return HumanTrackingParameters.DetectorType(rawValue: name)
    }
    fileprivate func noFaces(_ name: String, instead other: String) -> JSONViolation {
        violation(
            "'\(name)' needs a face detector, which this server does not have; use '\(other)'", lack: "Face detection")
    }

    /// `body_samples`.
    fileprivate func bodySamples() throws(JSONViolation) -> HumanTrackingParameters.BodySamples {
        var samples = HumanTrackingParameters.BodySamples()
        guard let filters = try sampleFilters(&samples.count) else { return samples }
        try filters.sampleFilters([], &samples.score, &samples.droi)
        return samples
    }
    /// `face_samples`.
    fileprivate func faceSamples() throws(JSONViolation) -> HumanTrackingParameters.FaceSamples {
        var samples = HumanTrackingParameters.FaceSamples()
        guard let filters = try sampleFilters(&samples.count) else { return samples }
        try filters.sampleFilters(["head_pitch", "head_roll", "head_yaw"], &samples.score, &samples.droi)
        if let angle = try filters.optional("head_yaw") { samples.pose.yaw = Double(try angle.integer(in: 0...90)) }
        if let angle = try filters.optional("head_pitch") { samples.pose.pitch = Double(try angle.integer(in: 0...90)) }
        if let angle = try filters.optional("head_roll") { samples.pose.roll = Double(try angle.integer(in: 0...90)) }
        return samples
    }
    private func sampleFilters(_ count: inout Int) throws(JSONViolation) -> JSONReader? {
        _ = try object(known: ["count", "filters"])
        count = try optional("count")?.integer(in: 0 ... .max) ?? count
        return try optional("filters")
    }
    private func sampleFilters(
        _ own: Set<String>, _ score: inout Float, _ region: inout RegionFilter?
    ) throws(JSONViolation) {
        _ = try object(known: own.union(["score", "droi"]))
        if let given = try optional("score") { score = Float(try given.number(in: 0...1)) }
        region = try present("droi")?.regionFilter()
    }
}
