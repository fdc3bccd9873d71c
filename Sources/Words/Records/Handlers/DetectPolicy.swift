public import JSON
public import Scene

/// What is looked for in pictures, what of it is told, and what of it does not pass: `docs/contract/events.md §7.1`.
public struct DetectPolicy: Hashable, Sendable {
    /// What becomes of pictures with several faces.
    public enum MultifacePolicy: Int, Hashable, Sendable { case refuse, all, best }
    /// Who has such a policy: verifiers look at faces alone.
    public enum Owner: Hashable, Sendable { case handler, verifier }
    /// Switches that say what is told of a face, or of its picture.
    public enum Estimate: String, Hashable, Sendable, CaseIterable {
        case headPose = "estimate_head_pose"
        case emotions = "estimate_emotions"
        case mask = "estimate_mask"
        case quality = "estimate_quality"
        case gaze = "estimate_gaze"
        case glasses = "estimate_glasses"
        case eyes = "estimate_eyes_attributes"
        case mouth = "estimate_mouth_attributes"
        case landmarks68 = "detect_landmarks68"
        case exif = "extract_exif"
    }
    public enum BodyEstimate: String, Hashable, Sendable, CaseIterable {
        case basicAttributes = "estimate_basic_attributes"
        case upperBody = "estimate_upper_body"
        case lowerBody = "estimate_lower_body"
        case accessories = "estimate_accessories"
    }
    public struct Liveness: Hashable, Sendable {
        public var isEstimated = false
        public var threshold = 0.5, qualityThreshold = 0.5
    }
    public struct Deepfake: Hashable, Sendable {
        public var isEstimated = false
        public var realThreshold = 0.5
        /// 1 or 2.
        public var mode = 2
    }
    public struct FaceOcclusion: Hashable, Sendable {
        public var isEstimated = false
        /// By their names on the wire, `0...1`.
        public var thresholds = [
            "occlusion_threshold": 0.07, "hair_occlusion_threshold": 0.15, "forehead_threshold": 0.2,
            "eye_threshold": 0.15, "nose_threshold": 0.2, "mouth_threshold": 0.15, "lower_face_threshold": 0.2,
        ]
    }
    public static let occludedAreas = ["face", "forehead", "eye", "nose", "mouth", "lower_face"]

    public let owner: Owner
    public var detectsFaces = true, detectsBodies = false
    public var multiface = MultifacePolicy.all
    public var countsPeople = false, showsPlaces = true
    public var estimates: Set<Estimate> = []
    /// Largest angles either way, in degrees; `nil`: all pass.
    public var yaw, roll, pitch: Double?
    public var maskStates, livenessStates, deepfakeStates: [Int]?
    /// Areas of a face that must not be covered.
    public var occlusionStates: [String]?
    public var liveness = Liveness(), deepfake = Deepfake(), occlusion = FaceOcclusion()
    public var faceQuality: FaceQualityPolicy
    public var bodyEstimates: Set<BodyEstimate> = []

    private static func members(of owner: Owner) -> Set<String> {
        let shared: Set = [
            "multiface_policy", "yaw_threshold", "roll_threshold", "pitch_threshold", "mask_states",
            "estimate_liveness", "liveness_states", "estimate_deepfake", "deepfake_states", "estimate_face_occlusion",
            "face_occlusion_states", "face_quality",
        ]
        let ofBodies: Set = ["detect_face", "detect_body", "estimate_people_count", "body_attributes"]
        let all = shared.union(Estimate.allCases.map(\.rawValue))
        return owner == .handler ? all.union(ofBodies) : all
    }

    /// - Throws: `JSONViolation`.
    public init(_ reader: JSONReader, of owner: Owner = .handler) throws {
        self.owner = owner
        _ = try reader.object(known: Self.members(of: owner))
        detectsFaces = try reader.flag("detect_face", orElse: true)
        detectsBodies = try reader.flag("detect_body", orElse: false)
        multiface =
            try reader.optional("multiface_policy").flatMap { MultifacePolicy(rawValue: try $0.integer(in: 0...2)) }
            ?? .all
        let count = try reader.part("estimate_people_count")
        _ = try count.object(known: ["estimate", "people_coordinates"])
        countsPeople = try count.flag("estimate", orElse: false)
        showsPlaces = try count.flag("people_coordinates", orElse: true)
        estimates = try Set(Estimate.allCases.filter { try reader.flag($0.rawValue, orElse: false) })
        yaw = try reader.present("yaw_threshold")?.number(in: 0...180)
        roll = try reader.present("roll_threshold")?.number(in: 0...180)
        pitch = try reader.present("pitch_threshold")?.number(in: 0...180)
        maskStates = try reader.codes("mask_states", in: 1...3)
        livenessStates = try reader.codes("liveness_states", in: 0...2)
        deepfakeStates = try reader.codes("deepfake_states", in: 0...1)
        occlusionStates = try reader.present("face_occlusion_states")?.items(maximum: 1000).map {
            try $0.string(oneOf: Self.occludedAreas)
        }
        liveness = try Liveness(reader.part("estimate_liveness"))
        deepfake = try Deepfake(reader.part("estimate_deepfake"))
        occlusion = try FaceOcclusion(reader.part("estimate_face_occlusion"))
        faceQuality = try FaceQualityPolicy(reader.part("face_quality"))
        let body = try reader.part("body_attributes")
        _ = try body.object(known: Set(BodyEstimate.allCases.map(\.rawValue)))
        bodyEstimates = try Set(BodyEstimate.allCases.filter { try body.flag($0.rawValue, orElse: false) })
    }

    /// With all its members.
    public func wire() -> JSONValue {
        var members: [String: JSONValue] = [
            "multiface_policy": .integer(Int64(multiface.rawValue)), "yaw_threshold": .orNull(yaw),
            "roll_threshold": .orNull(roll), "pitch_threshold": .orNull(pitch), "mask_states": .codes(maskStates),
            "liveness_states": .codes(livenessStates), "deepfake_states": .codes(deepfakeStates),
            "face_occlusion_states": occlusionStates.map { .array($0.map { .string($0) }) } ?? .null,
            "estimate_liveness": liveness.wire, "estimate_deepfake": deepfake.wire,
            "estimate_face_occlusion": occlusion.wire, "face_quality": faceQuality.wire,
        ]
        for estimate in Estimate.allCases { members[estimate.rawValue] = .flag(estimates.contains(estimate)) }
        guard owner == .handler else { return .object(members) }
        members["detect_face"] = .flag(detectsFaces)
        members["detect_body"] = .flag(detectsBodies)
        members["estimate_people_count"] = [
            "estimate": .flag(countsPeople), "people_coordinates": .flag(showsPlaces),
        ]
        members["body_attributes"] = .object(
            Dictionary(
                uniqueKeysWithValues: BodyEstimate.allCases.map {
                    ($0.rawValue, .flag(bodyEstimates.contains($0)))
                }))
        return .object(members)
    }

    /// All that it asks a model for. Where no faces are looked for, nothing that faces have is meant.
    var features: Set<Feature> {
        var features: Set<Feature> = []
        if detectsFaces {
            features.formUnion(estimates.compactMap(\.feature))
            for (isAsked, feature) in [
                (maskStates != nil, Feature.mask), (liveness.isEstimated || livenessStates != nil, .liveness),
                (deepfake.isEstimated || deepfakeStates != nil, .deepfake),
                (occlusion.isEstimated || occlusionStates != nil, .faceOcclusion),
            ] where isAsked { features.insert(feature) }
        }
        if detectsBodies, !bodyEstimates.isEmpty { features.insert(.bodyAttributes) }
        return features
    }
}

extension DetectPolicy.Estimate {
    /// `nil` for what needs no network of its own.
    public var feature: Feature? {
        switch self {
        case .headPose, .quality, .exif: nil
        case .emotions: .emotions
        case .mask: .mask
        case .gaze: .gaze
        case .glasses: .glasses
        case .eyes: .eyes
        case .mouth: .mouth
        case .landmarks68: .landmarks68
        }
    }
}

extension DetectPolicy.Liveness {
    fileprivate init(_ reader: JSONReader) throws {
        _ = try reader.object(known: ["estimate", "liveness_threshold", "quality_threshold"])
        isEstimated = try reader.flag("estimate", orElse: false)
        threshold = try reader.share("liveness_threshold", orElse: threshold)
        qualityThreshold = try reader.share("quality_threshold", orElse: qualityThreshold)
    }
    fileprivate var wire: JSONValue {
        [
            "estimate": .flag(isEstimated), "liveness_threshold": .number(threshold),
            "quality_threshold": .number(qualityThreshold),
        ]
    }
}

extension DetectPolicy.Deepfake {
    fileprivate init(_ reader: JSONReader) throws {
        _ = try reader.object(known: ["estimate", "real_threshold", "mode"])
        isEstimated = try reader.flag("estimate", orElse: false)
        realThreshold = try reader.share("real_threshold", orElse: realThreshold)
        mode = try reader.optional("mode")?.integer(in: 1...2) ?? mode
    }
    fileprivate var wire: JSONValue {
        ["estimate": .flag(isEstimated), "real_threshold": .number(realThreshold), "mode": .integer(Int64(mode))]
    }
}

extension DetectPolicy.FaceOcclusion {
    fileprivate init(_ reader: JSONReader) throws {
        _ = try reader.object(known: Set(thresholds.keys).union(["estimate"]))
        isEstimated = try reader.flag("estimate", orElse: false)
        for (name, standard) in thresholds { thresholds[name] = try reader.share(name, orElse: standard) }
    }
    fileprivate var wire: JSONValue {
        .object(thresholds.mapValues { .number($0) }.merging(["estimate": .flag(isEstimated)]) { $1 })
    }
}

extension DetectPolicy {
    /// What is to be estimated of faces, and told of them.
    public var told: FaceEstimateSet {
        estimates.reduce(into: []) { told, estimate in
            switch estimate {
            case .headPose: told.insert(.headPose)
            case .emotions: told.insert(.emotions)
            case .quality: told.insert(.quality)
            case .gaze: told.insert(.gaze)
            case .eyes: told.insert(.eyes)
            case .mouth: told.insert(.mouth)
            case .landmarks68: told.insert(.landmarks68)
            case .mask, .glasses, .exif: break
            }
        }
    }
}
