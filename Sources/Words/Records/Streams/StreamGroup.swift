public import Foundation

/// A named set of streams of one account.
public struct StreamGroup: Hashable, Sendable, Identifiable {
    public let id: UUID
    public let accountID: UUID
    /// `^[a-zA-Z0-9_\-]{1,128}$`, once per account.
    public let name: String
    /// At most 256 characters.
    public var description: String
    public let createTime: Date
    public init(id: UUID, accountID: UUID, name: String, description: String, createTime: Date) {
        (self.id, self.accountID, self.name) = (id, accountID, name)
        (self.description, self.createTime) = (description, createTime)
    }
}

/// How a stream's owner names the group that it shall be in.
public enum GroupReference: Hashable, Sendable {
    case named(String)
    case id(UUID)
}
