public import JSON
public import Scene

/// What is estimated of faces, as events, pictures and streams tell it. What was asked for and could not be told is null.
extension FaceEstimates {
    /// The members of a detection beside its place: `attributes`, `quality`, `landmarks68`, as far as they were wanted.
    public var wire: [String: JSONValue] {
        var members: [String: JSONValue] = [:]
        if wanted.contains(.quality) { members["quality"] = quality.map(JSONValue.init) ?? .null }
        if wanted.contains(.landmarks68) { members["landmarks68"] = landmarks68.map(JSONValue.coordinates) ?? .null }
        let attributes = attributes
        if !attributes.isEmpty { members["attributes"] = .object(attributes) }
        return members
    }
    /// The members of `attributes`, as far as they were wanted.
    public var attributes: [String: JSONValue] {
        var members: [String: JSONValue] = [:]
        if wanted.contains(.headPose) { members["head_pose"] = headPose.map(JSONValue.init) ?? .null }
        if wanted.contains(.emotions) { members["emotions"] = emotions.map(JSONValue.init) ?? .null }
        if wanted.contains(.basicAttributes) {
            members["basic_attributes"] = basicAttributes.map(JSONValue.init) ?? .null
        }
        if wanted.contains(.mouth) { members["mouth_attributes"] = mouth.map(JSONValue.init) ?? .null }
        if wanted.contains(.eyes) { members["eyes_attributes"] = eyes.map(JSONValue.init) ?? .null }
        if wanted.contains(.gaze) { members["gaze"] = gaze.map(JSONValue.init) ?? .null }
        return members
    }
}

extension JSONValue {
    public init(_ pose: HeadPose) {
        self = ["yaw": .degrees(pose.yaw), "pitch": .degrees(pose.pitch), "roll": .degrees(pose.roll)]
    }
    public init(_ quality: WarpQuality) {
        self = [
            "dark": .share(quality.dark), "light": .share(quality.light), "illumination": .share(quality.illumination),
            "specularity": .share(quality.specularity), "blurriness": .share(quality.blurriness),
        ]
    }
    public init(_ emotions: Emotions) {
        let shares = Emotion.allCases.map { ($0.name, JSONValue.share(Double(emotions[$0]))) }
        self = [
            "predominant_emotion": .string(emotions.predominant.name),
            "estimations": .object(Dictionary(uniqueKeysWithValues: shares)),
        ]
    }
    /// There is no model of ethnicities.
    public init(_ basic: AgeAndGender) {
        self = [
            "age": .integer(Int64(basic.years)), "gender": .integer(Int64(basic.gender.rawValue)), "ethnicities": .null,
        ]
    }
    /// There is no model of what covers a mouth.
    public init(_ mouth: MouthEstimate) {
        self = [
            "score": 1, "smile": .share(Double(mouth.smile)), "opened": .share(Double(mouth.opened)), "occluded": .null,
        ]
    }
    public init(_ eyes: EyesEstimate) {
        func wire(_ eye: EyeEstimate) -> JSONValue {
            ["state": .string(eye.state.rawValue), "iris_landmarks": .coordinates(eye.iris)]
        }
        self = ["left_eye": wire(eyes.left), "right_eye": wire(eyes.right)]
    }
    public init(_ gaze: Gaze) {
        self = ["yaw": .degrees(gaze.yaw), "pitch": .degrees(gaze.pitch)]
    }
    /// To a hundredth.
    private static func degrees(_ angle: Double) -> JSONValue { .number((angle * 100).rounded() / 100) }
}
