public import Foundation

/// A key to an account that carries rights of its own. The row decides what it is good for; the JWT only names it.
public struct Token: Hashable, Sendable, Identifiable {
    /// Whose objects reading requests see.
    public enum Visibility: String, Sendable, CaseIterable {
        case account
        /// Every account's; without effect for an account of type `user`.
        case all
    }
    public let id: UUID
    public let accountID: UUID
    public let specification: TokenSpecification
    /// Signed with the key of this database.
    public let jwt: String
    public let createTime: Date
    public let lastUpdateTime: Date

    public init(
        id: UUID, accountID: UUID, specification: TokenSpecification, jwt: String, createTime: Date,
        lastUpdateTime: Date
    ) {
        (self.id, self.accountID, self.specification, self.jwt) = (id, accountID, specification, jwt)
        (self.createTime, self.lastUpdateTime) = (createTime, lastUpdateTime)
    }

    public func isExpired(at now: Date) -> Bool { specification.expirationTime.map { $0 <= now } ?? false }
}

/// What somebody who makes or replaces a token says about it.
public struct TokenSpecification: Hashable, Sendable {
    public var description: String
    /// `nil`: never.
    public var expirationTime: Date?
    public var visibility: Token.Visibility
    public var permissions: TokenPermissions
    public init(
        description: String = "", expirationTime: Date? = nil, visibility: Token.Visibility = .account,
        permissions: TokenPermissions = TokenPermissions()
    ) {
        (self.description, self.expirationTime) = (description, expirationTime)
        (self.visibility, self.permissions) = (visibility, permissions)
    }
}

/// What became of looking a JWT up.
public enum TokenLookup: Sendable {
    case valid(Token, Account)
    case expired
    /// Ours, but its token is gone.
    case unknown
    /// No JWT, or one that was not signed with the key of this database.
    case corrupted
}
