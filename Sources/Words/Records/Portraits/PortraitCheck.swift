/// Something that a portrait is checked for: `docs/contract/recognition.md §8`, by the contract's names and in its order.
public enum PortraitCheck: String, CaseIterable, Hashable, Sendable {
    case imageFormat = "image_format"
    case illumination = "illumination_quality"
    case specularity = "specularity_quality"
    case blurriness = "blurriness_quality"
    case dark = "dark_quality"
    case light = "light_quality"
    case headYaw = "head_yaw"
    case headPitch = "head_pitch"
    case headRoll = "head_roll"
    case gazeYaw = "gaze_yaw"
    case gazePitch = "gaze_pitch"
    case mouthSmiling = "mouth_smiling"
    case mouthOccluded = "mouth_occluded"
    case mouthOpen = "mouth_open"
    case glasses
    case leftEye = "left_eye"
    case rightEye = "right_eye"
    case headHorizontalCenter = "head_horizontal_center"
    case headVerticalCenter = "head_vertical_center"
    case headWidth = "head_width"
    case headHeight = "head_height"
    case eyeDistance = "eye_distance"
    case imageWidth = "image_width"
    case imageHeight = "image_height"
    case aspectRatio = "aspect_ratio"
    case faceWidth = "face_width"
    case faceHeight = "face_height"
    case indentLeft = "indent_left"
    case indentRight = "indent_right"
    case indentUpper = "indent_upper"
    case indentLower = "indent_lower"
    case imageSize = "image_size"
    case eyebrows = "eyebrows_state"
    case headwear = "headwear_type"
    case smile = "smile_properties"
    case faceColor = "face_color_type"
    case naturalLight = "natural_light"
    case redEyes = "red_eyes"
    case radialDistortion = "radial_distortion"
    case illuminationUniformity = "illumination_uniformity"
    case dynamicRange = "dynamic_range"
    case backgroundUniformity = "background_uniformity"
    case backgroundLightness = "background_lightness"
    case shoulders = "shoulders_position"

    /// Those that nothing here can make of any picture.
    public static let missing: Set<PortraitCheck> = [
        .mouthOccluded, .glasses, .eyebrows, .headwear, .smile, .naturalLight, .redEyes, .radialDistortion,
        .backgroundUniformity, .backgroundLightness, .shoulders,
    ]
    /// Those of a portrait after ISO/IEC 19794-5, whatever the size of its file, picture and face.
    public static let ofISO = allCases.filter {
        switch $0 {
        case .imageWidth, .imageHeight, .imageSize, .aspectRatio, .faceWidth, .faceHeight, .indentLeft, .indentRight,
            .indentUpper, .indentLower, .illuminationUniformity, .dynamicRange:
            false
        default: true
        }
    }
}

/// What was found of a portrait by one check.
public enum PortraitValue: Hashable, Sendable {
    case number(Double)
    case word(String)
}

/// What a check lets pass.
public enum PortraitThreshold: Hashable, Sendable {
    /// `nil`: however much.
    case range(minimum: Double, maximum: Double?)
    /// One of these.
    case words([String])
    /// 0 or 1.
    case flag(Int)
}

/// How a check judges.
struct PortraitRule {
    /// Whether a value that is a bound itself passes.
    enum Bounds { case included, excluded, upperIncluded }
    let standard: PortraitThreshold
    /// Between which bounds may lie.
    var limits: ClosedRange<Double> = 0...1
    var bounds = Bounds.excluded
    /// Whether there may be no upper one.
    var isOpen = false
    /// Of words, those that there are.
    var words: [String] = []

    func passes(_ value: PortraitValue, _ threshold: PortraitThreshold) -> Bool {
        switch (value, threshold) {
        case (.number(let value), .range(let minimum, let maximum)):
            isAbove(value, minimum) && maximum.map { isBelow(value, $0) } ?? true
        case (.number(let value), .flag(let flag)): value == Double(flag)
        case (.word(let word), .words(let words)): words.contains(word)
        case (.number, .words), (.word, .range), (.word, .flag): false
        }
    }
    // Beyond the ends of a scale there is nothing: a bound there keeps nobody out, though bounds are excluded. The best of all scores would fail.
    private func isAbove(_ value: Double, _ minimum: Double) -> Bool {
        value > minimum || value == minimum && (bounds == .included || minimum == limits.lowerBound)
    }
    private func isBelow(_ value: Double, _ maximum: Double) -> Bool {
        value < maximum || value == maximum && (bounds != .excluded || maximum == limits.upperBound)
    }
}

extension PortraitCheck {
    private static let angles = -180.0...180.0, pixels = 0.0...65_536.0, bytes = 0.0...1_099_511_627_776.0

    var rule: PortraitRule {
        func score(_ minimum: Double, _ maximum: Double = 1) -> PortraitRule {
            PortraitRule(standard: .range(minimum: minimum, maximum: maximum))
        }
        func angle(_ most: Double, _ bounds: PortraitRule.Bounds) -> PortraitRule {
            PortraitRule(standard: .range(minimum: -most, maximum: most), limits: Self.angles, bounds: bounds)
        }
        func size(_ minimum: Double, _ maximum: Double?, isOpen: Bool = false) -> PortraitRule {
            PortraitRule(
                standard: .range(minimum: minimum, maximum: maximum), limits: Self.pixels, bounds: .included,
                isOpen: isOpen)
        }
        func words(_ passing: [String], _ others: [String]) -> PortraitRule {
            PortraitRule(standard: .words(passing), words: passing + others)
        }
        switch self {
        case .imageFormat: return words(["JPEG", "JPEG2000", "PNG"], ["BMP", "TIFF", "PPM", "WEBP"])
        case .illumination, .specularity: return score(0.3)
        case .blurriness: return score(0.61)
        case .dark: return score(0.5)
        case .light: return score(0.57)
        case .headYaw, .headPitch: return angle(5, .included)
        case .headRoll: return angle(8, .included)
        case .gazeYaw, .gazePitch: return angle(5, .excluded)
        case .mouthSmiling, .mouthOccluded, .mouthOpen:
            return PortraitRule(standard: .range(minimum: 0, maximum: 0.5), bounds: .upperIncluded)
        case .glasses: return words(["no_glasses", "eyeglasses"], ["sunglasses"])
        case .leftEye, .rightEye: return words(["open"], ["occluded", "closed"])
        case .headHorizontalCenter: return score(0.45, 0.55)
        case .headVerticalCenter: return score(0.3, 0.5)
        case .headWidth: return score(0.5, 0.75)
        case .headHeight: return score(0.6, 0.9)
        case .eyeDistance: return size(90, nil, isOpen: true)
        case .imageWidth: return size(180, 1920)
        case .imageHeight: return size(180, 1080)
        case .aspectRatio:
            return PortraitRule(
                standard: .range(minimum: 0.74, maximum: 0.8), limits: Self.pixels, bounds: .included)
        case .faceWidth: return size(180, 1920, isOpen: true)
        case .faceHeight: return size(180, nil, isOpen: true)
        case .indentLeft, .indentRight, .indentUpper, .indentLower: return size(20, nil, isOpen: true)
        case .imageSize:
            return PortraitRule(
                standard: .range(minimum: 5120, maximum: 2_097_152), limits: Self.bytes, bounds: .included)
        case .eyebrows: return words(["neutral"], ["squinting", "frowning", "raised"])
        case .headwear:
            return words(
                ["none"],
                [
                    "baseball_cap", "beanie", "peaked_cap", "shawl", "hat_with_earflaps", "helmet", "hood", "hat",
                    "other",
                ])
        case .smile: return words(["none"], ["smile_lips", "smile_teeth"])
        case .faceColor: return words(["color"], ["grayscale", "infrared"])
        case .naturalLight: return PortraitRule(standard: .flag(1))
        case .redEyes, .radialDistortion: return PortraitRule(standard: .flag(0))
        case .illuminationUniformity, .dynamicRange, .backgroundUniformity: return score(0.5)
        case .backgroundLightness: return score(0.2)
        case .shoulders: return words(["parallel"], ["non-parallel", "hidden"])
        }
    }
}
