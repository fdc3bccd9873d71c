public import JSON
public import Scene

/// What a verifier does with the pictures that it is given: `docs/contract/recognition.md §10`.
public struct VerifierPolicies: Hashable, Sendable {
    /// Whether the sample of a face is stored.
    public struct Sample: Hashable, Sendable {
        public var isStored: Bool
        /// `nil`: as long as face samples are.
        public var lifetime: Lifetime?
    }
    /// Whether what a face looks like is kept for a while.
    public struct Attribute: Hashable, Sendable {
        public var isStored: Bool
        /// In seconds.
        public var lifetime: Int
    }
    /// What is more alike is the same person: `0...1`.
    public var threshold: Double
    public var detect: DetectPolicy
    public var extractsBasicAttributes: Bool
    /// A face that suits recognition less is not compared: `0...1`.
    public var leastScore: Double
    public var attribute: Attribute
    public var sample: Sample

    /// What is missing gets its default.
    /// - Throws: `JSONViolation`.
    public init(_ reader: JSONReader = JSONReader(.emptyObject)) throws {
        _ = try reader.object(known: ["verification_threshold", "detect_policy", "extract_policy", "storage_policy"])
        threshold = try reader.share("verification_threshold", orElse: Similarity.verification)
        detect = try DetectPolicy(reader.part("detect_policy"), of: .verifier)
        let extract = try reader.part("extract_policy")
        _ = try extract.object(known: ["extract_basic_attributes", "fd_score_threshold"])
        extractsBasicAttributes = try extract.flag("extract_basic_attributes", orElse: false)
        leastScore = try extract.share("fd_score_threshold", orElse: 0)
        let storage = try reader.part("storage_policy")
        _ = try storage.object(known: ["attribute_policy", "face_sample_policy"])
        let attribute = try storage.part("attribute_policy"), sample = try storage.part("face_sample_policy")
        _ = try attribute.object(known: ["store_attribute", "ttl"])
        _ = try sample.object(known: ["store_sample", "ttl"])
        self.attribute = Attribute(
            isStored: try attribute.flag("store_attribute", orElse: false),
            lifetime: try attribute.present("ttl")?.integer(in: FaceAttribute.lifetimes)
                ?? FaceAttribute.standardLifetime)
        self.sample = Sample(
            isStored: try sample.flag("store_sample", orElse: false), lifetime: try sample.lifetime())
    }

    /// All that there is to say, defaults filled in.
    public var wire: JSONValue {
        [
            "verification_threshold": .number(threshold), "detect_policy": detect.wire(),
            "extract_policy": [
                "extract_basic_attributes": .flag(extractsBasicAttributes), "fd_score_threshold": .number(leastScore),
            ],
            "storage_policy": [
                "attribute_policy": [
                    "store_attribute": .flag(attribute.isStored), "ttl": .integer(Int64(attribute.lifetime)),
                ],
                "face_sample_policy": [
                    "store_sample": .flag(sample.isStored), "ttl": .orNull(sample.lifetime?.days),
                ],
            ],
        ]
    }

    /// All that it asks a model for by name, besides faces and what they look like.
    public var features: Set<Feature> {
        extractsBasicAttributes ? detect.features.union([.basicAttributes]) : detect.features
    }
}
