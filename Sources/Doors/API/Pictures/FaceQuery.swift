import Foundation
import HTTPEdge
import Recognition
import Records
import Scene

/// What the query of an operation on pictures says of faces.
struct FaceQuery: Sendable {
    /// What becomes of pictures with several faces.
    typealias Policy = DetectPolicy.MultifacePolicy
    let policy: Policy
    /// Which faces pass.
    let gate: FaceGate
    /// What is to be estimated of faces.
    let wanted: FaceEstimateSet
    let readsEXIF, isTurned: Bool

    /// - Parameter flags: those of `FaceEstimateFlag` that the operation has.
    init(_ query: Query, _ flags: Set<FaceEstimateFlag>) throws(Refusal) {
        policy = Policy(rawValue: try query.integer("multiface_policy", in: 0...2) ?? 1)!
        func angle(_ name: String) throws(Refusal) -> Double { try query.number(name, in: 0...180) ?? 180 }
        gate = FaceGate(
            pitch: try angle("pitch_threshold"), roll: try angle("roll_threshold"), yaw: try angle("yaw_threshold"),
            leastScore: try query.number("score_threshold", in: 0...1) ?? 0)
        var wanted: FaceEstimateSet = []
        for flag in flags where try query.flag(flag.rawValue) { wanted.insert(flag.estimate) }
        self.wanted = wanted
        readsEXIF = try query.flag("extract_exif")
        isTurned = try query.flag("use_exif_info", orElse: true)
    }
}

/// What queries call the estimates of faces.
enum FaceEstimateFlag: String, CaseIterable, Sendable {
    case headPose = "estimate_head_pose"
    case quality = "estimate_quality"
    case emotions = "estimate_emotions"
    case basicAttributes = "estimate_basic_attributes"
    case mouth = "estimate_mouth_attributes"
    case landmarks68 = "estimate_landmarks68"
    case detectedLandmarks68 = "detect_landmarks68"
    case eyes = "estimate_eyes_attributes"
    case gaze = "estimate_gaze"

    var estimate: FaceEstimateSet {
        switch self {
        case .headPose: .headPose
        case .quality: .quality
        case .emotions: .emotions
        case .basicAttributes: .basicAttributes
        case .mouth: .mouth
        case .landmarks68, .detectedLandmarks68: .landmarks68
        case .eyes: .eyes
        case .gaze: .gaze
        }
    }
}

extension PictureLooker {
    /// What answers call an estimate.
    private static let features: [(FaceEstimateSet, String)] = [
        (.headPose, "Head pose"), (.quality, "Quality"), (.emotions, "Emotions"),
        (.basicAttributes, "Basic attributes"), (.mouth, "Mouth attributes"), (.landmarks68, "Landmarks68"),
        (.eyes, "Eyes attributes"), (.gaze, "Gaze"),
    ]
    /// - Throws: 11055 with the first of what is wanted that no model is there for.
    func expect(_ wanted: FaceEstimateSet) throws(APIError) {
        let missing = wanted.subtracting(estimable)
        if let (_, feature) = Self.features.first(where: { missing.contains($0.0) }) { throw .noFeature(feature) }
    }
}

/// What no model is there for.
enum MissingFeature {
    /// Flags by their names in queries, and how the answer calls what is missing.
    private static let flags = [
        ("estimate_mask", "Mask"), ("estimate_glasses", "Glasses"), ("estimate_liveness", "Liveness"),
        ("estimate_deepfake", "Deepfake"), ("estimate_face_descriptor", "Face descriptor"),
        ("estimate_body_descriptor", "Body descriptor"),
        ("estimate_upper_body", "Body attributes"), ("estimate_lower_body", "Body attributes"),
        ("estimate_accessories", "Body attributes"), ("estimate_body_basic_attributes", "Body attributes"),
    ]
    private static let states = [
        ("mask_states", 1...3, "Mask"), ("liveness_states", 0...2, "Liveness"), ("deepfake_states", 0...1, "Deepfake"),
    ]

    /// - Parameter taken: names of those that the operation has.
    static func check(_ query: Query, _ taken: Set<String>) throws {
        var missing: String?
        for (name, feature) in flags where taken.contains(name) {
            if try query.flag(name), missing == nil { missing = feature }
        }
        for (name, range, feature) in states where taken.contains(name) {
            let values = try query.list(name) { text in Int(text).flatMap { range.contains($0) ? $0 : nil } }
            if values != nil, missing == nil { missing = feature }
        }
        if let missing { throw APIError.noFeature(missing) }
    }
}

extension Query {
    /// 0 or 1.
    func flag(_ name: String, orElse standard: Bool = false) throws(Refusal) -> Bool {
        try integer(name, in: 0...1).map { $0 == 1 } ?? standard
    }
}
