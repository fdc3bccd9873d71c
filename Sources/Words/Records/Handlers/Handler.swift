public import Foundation

/// What makes events of pictures: with policies of its own, or, dynamic, with those that come with each request.
public struct Handler: Hashable, Sendable, Identifiable {
    public let id, accountID: UUID
    public var details: HandlerDetails
    public let createTime, lastUpdateTime: Date
    public init(id: UUID, accountID: UUID, details: HandlerDetails, createTime: Date, lastUpdateTime: Date) {
        (self.id, self.accountID, self.details) = (id, accountID, details)
        (self.createTime, self.lastUpdateTime) = (createTime, lastUpdateTime)
    }

    /// `/6/handlers/<id>`
    public static func path(of id: UUID) -> String { "/6/handlers/\(id.wire)" }
    /// Whether it is the one that its account has from the start, which stays as it is.
    public var isBuiltIn: Bool { id == BuiltInHandler.id(of: accountID) }
}

/// What its owner says of a handler.
public struct HandlerDetails: Hashable, Sendable {
    /// At most 128 characters.
    public var description: String
    /// `nil`: it is dynamic.
    public var policies: HandlerPolicies?
    public init(description: String = "", policies: HandlerPolicies?) {
        (self.description, self.policies) = (description, policies)
    }
    /// 0: its policies are its own; 1: it is dynamic. Those of kind 2, which forward to programs of users, there are none of.
    public var kind: Int { policies == nil ? 1 : 0 }
}

extension FilterField<Handler> {
    public static var kind: Self { Self("handler_type", "kind", .equal, .integer(0...2)) }
    public static var description: Self {
        Self("description", "description", .contains, .text(maximumLength: 128))
    }
    public static var all: [Self] { [.kind, .description] }
}
