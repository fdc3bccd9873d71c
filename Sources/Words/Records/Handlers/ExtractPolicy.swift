import JSON

/// What is taken from whoever is found: `docs/contract/events.md §7.2`.
public struct ExtractPolicy: Hashable, Sendable {
    public var extractsBasicAttributes: Bool
    /// `nil`: nobody has said; then it is, where there is a network for it and people may be known again.
    public var extractsFaceDescriptor: Bool?
    public var extractsBodyDescriptor: Bool
    /// What a descriptor's face is less fit for gives none: `0...1`.
    public var leastScore: Double

    /// - Throws: `JSONViolation`.
    init(_ reader: JSONReader) throws {
        _ = try reader.object(known: [
            "extract_basic_attributes", "extract_face_descriptor", "extract_body_descriptor", "fd_score_threshold",
        ])
        extractsBasicAttributes = try reader.flag("extract_basic_attributes", orElse: false)
        extractsFaceDescriptor = try reader.optional("extract_face_descriptor")?.flag()
        extractsBodyDescriptor = try reader.flag("extract_body_descriptor", orElse: false)
        leastScore = try reader.share("fd_score_threshold", orElse: 0)
    }
    func wire(describesFaces: Bool) -> JSONValue {
        [
            "extract_basic_attributes": .flag(extractsBasicAttributes),
            "extract_face_descriptor": .flag(extractsFaceDescriptor ?? describesFaces),
            "extract_body_descriptor": .flag(extractsBodyDescriptor), "fd_score_threshold": .number(leastScore),
        ]
    }
    var features: Set<Feature> {
        var features: Set<Feature> = []
        if extractsBasicAttributes { features.insert(.basicAttributes) }
        if extractsFaceDescriptor == true { features.insert(.faceDescriptor) }
        if extractsBodyDescriptor { features.insert(.bodyDescriptor) }
        return features
    }
}
