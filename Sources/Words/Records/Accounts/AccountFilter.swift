public import Foundation

/// Which accounts are meant; `nil` is no condition.
public struct AccountFilter: Hashable, Sendable {
    public var id: UUID?
    public var login: String?
    public var kind: Account.Kind?
    public var createdAtOrAfter: Date?
    public var createdBefore: Date?
    public init(id: UUID? = nil) { self.id = id }
}
