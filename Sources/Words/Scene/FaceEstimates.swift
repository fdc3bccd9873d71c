/// What may be estimated of a face.
public struct FaceEstimateSet: OptionSet, Hashable, Sendable {
    public let rawValue: UInt16
    public init(rawValue: UInt16) { self.rawValue = rawValue }

    public static let headPose = FaceEstimateSet(rawValue: 1 << 0)
    public static let quality = FaceEstimateSet(rawValue: 1 << 1)
    public static let emotions = FaceEstimateSet(rawValue: 1 << 2)
    /// Age and gender.
    public static let basicAttributes = FaceEstimateSet(rawValue: 1 << 3)
    public static let mouth = FaceEstimateSet(rawValue: 1 << 4)
    public static let landmarks68 = FaceEstimateSet(rawValue: 1 << 5)
    public static let eyes = FaceEstimateSet(rawValue: 1 << 6)
    public static let gaze = FaceEstimateSet(rawValue: 1 << 7)

    /// What the five points and the pixels tell, with no model.
    public static let withoutModel: FaceEstimateSet = [.headPose, .quality]
    /// What of a picture that is an aligned face itself is not told: it says nothing of how the head was turned, and nothing of where in a
    /// picture its points were.
    public static let ofFacesInPictures: FaceEstimateSet = [.headPose, .gaze, .landmarks68]
}

/// What was estimated of one face. Each is `nil` unless it was wanted, and also then where the face is too small, too blurred or turned too
/// far for it.
public struct FaceEstimates: Hashable, Sendable {
    /// What was asked for.
    public var wanted: FaceEstimateSet
    public var headPose: HeadPose?
    public var quality: WarpQuality?
    public var emotions: Emotions?
    public var basicAttributes: AgeAndGender?
    public var mouth: MouthEstimate?
    /// 68 points in the order of the iBUG 300-W annotation, in pixels of the picture.
    public var landmarks68: [Point]?
    public var eyes: EyesEstimate?
    public var gaze: Gaze?
    public init(wanted: FaceEstimateSet = []) { self.wanted = wanted }
}

/// An emotion by its number on the wire.
public enum Emotion: Int, CaseIterable, Hashable, Sendable {
    case anger = 1, disgust, fear, happiness, neutral, sadness, surprise

    /// Its name on the wire.
    public var name: String {
        switch self {
        case .anger: "anger"
        case .disgust: "disgust"
        case .fear: "fear"
        case .happiness: "happiness"
        case .neutral: "neutral"
        case .sadness: "sadness"
        case .surprise: "surprise"
        }
    }
}

/// How likely each emotion is the one that a face shows.
public struct Emotions: Hashable, Sendable {
    /// In the order of `Emotion.allCases`; together 1.
    public let shares: [Float]

    /// - Parameter shares: one for each emotion.
    public init(shares: [Float]) {
        precondition(shares.count == Emotion.allCases.count, "each emotion has its share")
        self.shares = shares
    }
    public subscript(emotion: Emotion) -> Float { shares[emotion.rawValue - 1] }
    public var predominant: Emotion { Emotion.allCases.max { self[$0] < self[$1] }! }

    /// The mean of what several pictures of one face show; `nil` of none.
    public static func mean(of all: [Emotions]) -> Emotions? {
        guard !all.isEmpty else { return nil }
        return Emotions(
            shares: Emotion.allCases.map { emotion in
                all.reduce(0) { $0 + $1[emotion] } / Float(all.count)
            })
    }
}

public struct AgeAndGender: Hashable, Sendable {
    public enum Gender: Int, Hashable, Sendable { case female, male }
    /// In years, `0...100`.
    public var age: Float
    public var gender: Gender
    /// How sure the gender is, `0.5...1`.
    public var genderScore: Float
    public init(age: Float, gender: Gender, genderScore: Float) {
        (self.age, self.gender, self.genderScore) = (age, gender, genderScore)
    }
    /// In whole years.
    public var years: Int { Int(min(max(age, 0), 100).rounded()) }

    /// The mean age of several pictures of one face, and the gender that they say together; `nil` of none.
    public static func mean(of all: [AgeAndGender]) -> AgeAndGender? {
        guard !all.isEmpty else { return nil }
        let count = Float(all.count)
        let male = all.reduce(0) { $0 + ($1.gender == .male ? $1.genderScore : 1 - $1.genderScore) } / count
        return AgeAndGender(
            age: all.reduce(0) { $0 + $1.age } / count, gender: male > 0.5 ? .male : .female,
            genderScore: max(male, 1 - male))
    }
}

/// How a mouth looks, each `0...1`. Whether something covers it no model says.
public struct MouthEstimate: Hashable, Sendable {
    public var smile, opened: Float
    public init(smile: Float, opened: Float) { (self.smile, self.opened) = (smile, opened) }
}

public struct EyeEstimate: Hashable, Sendable {
    public enum State: String, Hashable, Sendable { case open, closed, occluded }
    public var state: State
    /// 32 points of the edge of the iris, in pixels of the picture.
    public var iris: [Point]
    public init(state: State, iris: [Point]) { (self.state, self.iris) = (state, iris) }
}

/// Left and right as whoever looks at the picture sees them.
public struct EyesEstimate: Hashable, Sendable {
    public var left, right: EyeEstimate
    public init(left: EyeEstimate, right: EyeEstimate) { (self.left, self.right) = (left, right) }
}

/// Where somebody looks, in degrees: 0 is into the camera.
public struct Gaze: Hashable, Sendable {
    /// To the right of whoever looks at the picture; up.
    public var yaw, pitch: Double
    public init(yaw: Double, pitch: Double) { (self.yaw, self.pitch) = (yaw, pitch) }
}
