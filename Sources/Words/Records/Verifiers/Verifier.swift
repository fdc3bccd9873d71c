public import Foundation

/// How one face is compared with another, under a name: which faces count, how alike they must be, and what is kept.
public struct Verifier: Hashable, Sendable, Identifiable {
    public let id, accountID: UUID
    public let details: VerifierDetails
    /// 1, and one more each time that it is replaced.
    public let version: Int
    public let createTime, lastUpdateTime: Date
    public init(
        id: UUID, accountID: UUID, details: VerifierDetails, version: Int, createTime: Date, lastUpdateTime: Date
    ) {
        (self.id, self.accountID, self.details, self.version) = (id, accountID, details, version)
        (self.createTime, self.lastUpdateTime) = (createTime, lastUpdateTime)
    }

    /// `/6/verifiers/<id>`
    public static func path(of id: UUID) -> String { "/6/verifiers/\(id.wire)" }
}

/// What its owner says of a verifier.
public struct VerifierDetails: Hashable, Sendable {
    /// At most 128 characters.
    public var description: String
    public var policies: VerifierPolicies
    public init(description: String = "", policies: VerifierPolicies) {
        (self.description, self.policies) = (description, policies)
    }
}

extension FilterField<Verifier> {
    public static var description: Self {
        Self("description", "description", .contains, .text(maximumLength: 128))
    }
    public static var all: [Self] { [.description] }
}
