public import Foundation

/// Which accounts are meant; `nil` is no condition.
public struct AccountFilter: Hashable, Sendable {
    public var id: UUID?
    public var login: String?
    public var kind: Account.Kind?
    public var createdAtOrAfter: Date?
    public var createdBefore: Date?
    public init(id: UUID? = nil) { self.id = id }

    var conditions: Conditions {
        var conditions = Conditions()
        conditions.add("id = ?", id)
        conditions.add("login = ?", login)
        conditions.add("type = ?", kind?.rawValue)
        conditions.add("create_time >= ?", createdAtOrAfter.map(Milliseconds.bound))
        conditions.add("create_time < ?", createdBefore.map(Milliseconds.bound))
        return conditions
    }
}
