public import Foundation
public import JSON

/// What a handler does with what it is given, in the order of its parts: `docs/contract/events.md §7`.
public struct HandlerPolicies: Hashable, Sendable {
    public var detect: DetectPolicy
    public var extract: ExtractPolicy
    public var match: [MatchPolicy]
    public var tags: [ConditionalTag]
    public var storage: StoragePolicy
    public static let mostMatches = 30
    public static let mostTags = 100

    /// What is missing gets its default.
    /// - Throws: `JSONViolation`.
    public init(_ reader: JSONReader = JSONReader(.emptyObject)) throws {
        _ = try reader.object(known: [
            "detect_policy", "extract_policy", "match_policy", "conditional_tags_policy", "storage_policy",
        ])
        detect = try DetectPolicy(reader.part("detect_policy"))
        extract = try ExtractPolicy(reader.part("extract_policy"))
        match = try (reader.present("match_policy")?.items(maximum: Self.mostMatches) ?? []).map(MatchPolicy.init)
        tags = try (reader.present("conditional_tags_policy")?.items(maximum: Self.mostTags) ?? [])
            .map(ConditionalTag.init)
        storage = try StoragePolicy(reader.part("storage_policy"))
    }

    /// All that there is to say, defaults filled in. May hold passwords.
    /// - Parameter describesFaces: whether descriptors are extracted where nobody says whether they should be.
    public func wire(describesFaces: Bool = true) -> JSONValue {
        [
            "detect_policy": detect.wire(), "extract_policy": extract.wire(describesFaces: describesFaces),
            "match_policy": .array(match.map(\.wire)), "conditional_tags_policy": .array(tags.map(\.wire)),
            "storage_policy": storage.wire,
        ]
    }
    /// As it is kept: what nobody has said of descriptors stays unsaid.
    public var stored: JSONValue {
        guard extract.extractsFaceDescriptor == nil, var members = wire().object,
            var extract = members["extract_policy"]?.object
        else { return wire() }
        extract["extract_face_descriptor"] = nil
        members["extract_policy"] = .object(extract)
        return .object(members)
    }

    /// All that it asks a model for by name.
    public var features: Set<Feature> { detect.features.union(extract.features) }
    /// Lists that faces are to be put on, or matched among.
    public var lists: Set<UUID> { Set(storage.face.lists.map(\.list) + match.compactMap(\.candidates.list)) }
}

/// What a network must be there for, by the name that answers call it.
public enum Feature: String, Hashable, Sendable, CaseIterable {
    case faceDetection = "Face detection"
    case landmarks68 = "Landmarks68"
    case emotions = "Emotions"
    case mask = "Mask"
    case glasses = "Glasses"
    case gaze = "Gaze"
    case eyes = "Eyes attributes"
    case mouth = "Mouth attributes"
    case liveness = "Liveness"
    case deepfake = "Deepfake"
    case faceOcclusion = "Face occlusion"
    case faceDescriptor = "Face descriptor"
    case basicAttributes = "Basic attributes"
    case bodyDescriptor = "Body descriptor"
    case bodyAttributes = "Body attributes"
}

extension JSONReader {
    /// The member `key`; one without members where there is none.
    func part(_ key: String) throws(JSONViolation) -> JSONReader {
        try present(key) ?? child(key, .emptyObject)
    }
    func flag(_ key: String, orElse standard: Bool) throws(JSONViolation) -> Bool {
        try optional(key)?.flag() ?? standard
    }
    func share(_ key: String, orElse standard: Double) throws(JSONViolation) -> Double {
        try optional(key)?.number(in: 0...1) ?? standard
    }
    /// Codes of a list that may be null.
    func codes(_ key: String, in range: ClosedRange<Int>) throws -> [Int]? {
        try present(key)?.items(maximum: 1000).map { try $0.integer(in: range) }
    }
    /// One that says who; an id.
    func ids(_ key: String) throws -> [UUID]? { try present(key)?.items(minimum: 1, maximum: 1000).map { try $0.id() } }
}

extension JSONValue {
    /// 0 or 1.
    static func flag(_ value: Bool) -> JSONValue { .integer(value ? 1 : 0) }
    static func codes(_ values: [Int]?) -> JSONValue {
        values.map { .array($0.map { .integer(Int64($0)) }) } ?? .null
    }
    static func orNull(_ value: Double?) -> JSONValue { value.map { .number($0) } ?? .null }
    static func orNull(_ value: Int?) -> JSONValue { value.map { .integer(Int64($0)) } ?? .null }
}
