public import Foundation
public import Scene

/// Age, gender and ethnicity of a face; each `nil` where nobody has said it.
public struct BasicAttributes: Hashable, Sendable {
    /// In years, `0...100`.
    public var age: Int?
    /// 0 female, 1 male.
    public var gender: Int?
    /// 1 African American, 2 Indian, 3 Asian, 4 Caucasian.
    public var ethnicity: Int?
    public init(age: Int? = nil, gender: Int? = nil, ethnicity: Int? = nil) {
        (self.age, self.gender, self.ethnicity) = (age, gender, ethnicity)
    }
    /// As they were estimated; nothing says of which ethnicity somebody is.
    public init(_ estimated: AgeAndGender) { self.init(age: estimated.years, gender: estimated.gender.rawValue) }
    public var isEmpty: Bool { self == BasicAttributes() }
}

/// What is known of a face by its looks, and of which samples: what a temporary attribute is, and what a face may have.
public struct FaceFeatures: Hashable, Sendable {
    public var descriptor: Descriptor?
    /// That the descriptor was taken from.
    public var descriptorSamples: [UUID]
    public var basic: BasicAttributes
    /// That the basic attributes were taken from.
    public var basicSamples: [UUID]
    public init(
        descriptor: Descriptor? = nil, descriptorSamples: [UUID] = [], basic: BasicAttributes = BasicAttributes(),
        basicSamples: [UUID] = []
    ) {
        (self.descriptor, self.descriptorSamples) = (descriptor, descriptorSamples)
        (self.basic, self.basicSamples) = (basic, basicSamples)
    }

    /// Of both, each once.
    public var samples: [UUID] {
        descriptorSamples + basicSamples.filter { !descriptorSamples.contains($0) }
    }
}

/// Features that are kept for a while, so that a face can be made of them or somebody looked for.
public struct FaceAttribute: Hashable, Sendable, Identifiable {
    public let id: UUID
    public let accountID: UUID
    public let createTime: Date
    /// From when on it is no longer there.
    public let expiry: Date
    public let features: FaceFeatures
    public init(id: UUID, accountID: UUID, createTime: Date, expiry: Date, features: FaceFeatures) {
        (self.id, self.accountID, self.createTime) = (id, accountID, createTime)
        (self.expiry, self.features) = (expiry, features)
    }

    /// `/6/attributes/<id>`
    public static func path(of id: UUID) -> String { "/6/attributes/\(id.wire)" }
    /// In seconds.
    public static let lifetimes = 1...86_400
    public static let standardLifetime = 300
}

/// The features that a face has, and since when.
public struct FeaturesOfFace: Hashable, Sendable {
    public let accountID: UUID
    public let createTime: Date
    public let features: FaceFeatures
    public init(accountID: UUID, createTime: Date, features: FaceFeatures) {
        (self.accountID, self.createTime, self.features) = (accountID, createTime, features)
    }
}
