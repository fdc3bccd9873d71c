public import JSON
public import Scene

/// Which checks are made of a portrait, and what becomes of a face that fails one: `docs/contract/recognition.md §8`.
public struct FaceQualityPolicy: Hashable, Sendable {
    public struct Check: Hashable, Sendable {
        public var isMade: Bool
        public var threshold: PortraitThreshold
        public init(isMade: Bool = true, threshold: PortraitThreshold) {
            (self.isMade, self.threshold) = (isMade, threshold)
        }
    }
    /// `estimate`: whether any check is made.
    public var isEstimated: Bool
    /// `filter`: whether a face that fails one is rejected.
    public var filters: Bool
    /// One of each.
    public private(set) var checks: [PortraitCheck: Check]

    /// All checks by the contract's thresholds.
    public init(isEstimated: Bool = false, filters: Bool = false, of made: [PortraitCheck] = PortraitCheck.allCases) {
        (self.isEstimated, self.filters) = (isEstimated, filters)
        checks = Dictionary(
            uniqueKeysWithValues: PortraitCheck.allCases.map {
                ($0, Check(isMade: made.contains($0), threshold: $0.rule.standard))
            })
    }

    /// Those that are made, in the contract's order.
    public var made: [PortraitCheck] {
        isEstimated ? PortraitCheck.allCases.filter { checks[$0]?.isMade ?? false } : []
    }

    /// What must be estimated of a face for them.
    public var wanted: FaceEstimateSet {
        made.reduce(into: []) { wanted, check in
            switch check {
            case .headYaw, .headPitch, .headRoll: wanted.insert(.headPose)
            case .dark, .light, .illumination, .specularity, .blurriness: wanted.insert(.quality)
            case .gazeYaw, .gazePitch: wanted.insert(.gaze)
            case .mouthSmiling, .mouthOpen: wanted.insert(.mouth)
            case .leftEye, .rightEye: wanted.insert(.eyes)
            default: break
            }
        }
    }

    public func judge(_ facts: PortraitFacts) -> PortraitVerdict {
        PortraitVerdict(
            outcomes: made.compactMap { check in
                checks[check].map { PortraitVerdict.Outcome(check, facts[check], $0.threshold) }
            })
    }
}

/// What there is to tell of a portrait, as far as it could be found.
public struct PortraitFacts: Hashable, Sendable {
    private var values: [PortraitCheck: PortraitValue] = [:]
    public init() {}
    public subscript(check: PortraitCheck) -> PortraitValue? {
        get { values[check] }
        set { values[check] = newValue }
    }
}

/// What all checks that were made say of a portrait.
public struct PortraitVerdict: Hashable, Sendable {
    public struct Outcome: Hashable, Sendable {
        public let check: PortraitCheck
        /// `nil`: it could not be found.
        public let value: PortraitValue?
        public let threshold: PortraitThreshold
        /// What could not be found does not pass: no portrait is good by checks that nobody made.
        public let passes: Bool

        init(_ check: PortraitCheck, _ value: PortraitValue?, _ threshold: PortraitThreshold) {
            (self.check, self.value, self.threshold) = (check, value, threshold)
            passes = value.map { check.rule.passes($0, threshold) } ?? false
        }
    }
    public let outcomes: [Outcome]
    public var passes: Bool { outcomes.allSatisfy(\.passes) }
    public var failed: [Outcome] { outcomes.filter { !$0.passes } }
}

// MARK: JSON

extension FaceQualityPolicy {
    /// - Throws: with `lack` where faces are to be rejected by a check that nothing here can make.
    public init(_ reader: JSONReader) throws(JSONViolation) {
        self.init()
        _ = try reader.object(known: ["estimate", "filter", "checks"])
        isEstimated = try reader.optional("estimate")?.flag() ?? false
        filters = try reader.optional("filter")?.flag() ?? false
        if let given = try reader.optional("checks") {
            _ = try given.object(known: Set(PortraitCheck.allCases.map(\.rawValue)))
            for check in PortraitCheck.allCases {
                if let own = try given.optional(check.rawValue) { checks[check] = try Check(own, check.rule) }
            }
        }
        let missing = made.filter(PortraitCheck.missing.contains)
        guard !filters || missing.isEmpty else {
            throw reader.violation(
                "Faces cannot be filtered by checks that are not there",
                lack: "Face quality (\(missing.map(\.rawValue).joined(separator: ", ")))")
        }
    }
    /// Everything is in it.
    public var wire: JSONValue {
        [
            "estimate": isEstimated ? 1 : 0, "filter": filters ? 1 : 0,
            "checks": .object(
                Dictionary(
                    uniqueKeysWithValues: checks.map { check, own in
                        (check.rawValue, ["estimate": own.isMade ? 1 : 0, "threshold": own.threshold.wire])
                    })),
        ]
    }
}

extension FaceQualityPolicy.Check {
    fileprivate init(_ reader: JSONReader, _ rule: PortraitRule) throws(JSONViolation) {
        _ = try reader.object(known: ["estimate", "threshold"])
        self.init(
            isMade: try reader.optional("estimate")?.flag() ?? true,
            threshold: try reader.optional("threshold").map { own throws(JSONViolation) in
                try PortraitThreshold(own, rule)
            } ?? rule.standard)
    }
}

extension PortraitThreshold {
    fileprivate init(_ reader: JSONReader, _ rule: PortraitRule) throws(JSONViolation) {
        switch rule.standard {
        case .range(let minimum, let maximum):
            _ = try reader.object(known: ["min", "max"])
            let low = try reader.optional("min")?.number(in: rule.limits) ?? minimum
            var high = maximum
            if let given = try reader.optional("max") {
                high = given.value == .null && rule.isOpen ? nil : try given.number(in: rule.limits)
            }
            if let high, high < low { throw reader.violation("Input should have no 'max' below its 'min'") }
            self = .range(minimum: low, maximum: high)
        case .words:
            var words: [String] = []
            for item in try reader.items(minimum: 1, maximum: rule.words.count) {
                words.append(try item.string(oneOf: rule.words))
            }
            self = .words(words)
        case .flag: self = .flag(try reader.flag() ? 1 : 0)
        }
    }
    fileprivate var wire: JSONValue {
        switch self {
        case .range(let minimum, let maximum):
            ["min": .number(minimum), "max": maximum.map(JSONValue.number) ?? .null]
        case .words(let words): .array(words.map(JSONValue.string))
        case .flag(let flag): .integer(Int64(flag))
        }
    }
}

extension PortraitVerdict {
    /// `{status, checks}`
    public var wire: JSONValue {
        ["status": passes ? 1 : 0, "checks": .array(outcomes.map(\.wire))]
    }
}

extension PortraitVerdict.Outcome {
    private var found: JSONValue {
        switch value {
        case nil: .null
        case .number(let number): .number((number * 10_000).rounded() / 10_000)
        case .word(let word): .string(word)
        }
    }
    fileprivate var wire: JSONValue {
        [
            "name": .string(check.rawValue), "object_value": found, "threshold_value": threshold.wire,
            "result": passes ? 1 : 0,
        ]
    }
    /// As `filter_reasons` of faces that were rejected tell it.
    public var reason: JSONValue {
        ["filter_name": .string(check.rawValue), "object_value": found, "threshold_value": threshold.wire]
    }
}
