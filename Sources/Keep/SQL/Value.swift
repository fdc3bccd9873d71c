public import Foundation

/// What a statement takes, and what a column holds.
public enum Value: Hashable, Sendable {
    case null
    case integer(Int64)
    case real(Double)
    case text(String)
    case blob([UInt8])
    /// An id; ordered as its lower-case text is.
    case id(UUID)
}

/// A type that can be an argument of a statement: it stands for a `?`.
public protocol Bindable: Sendable {
    var sql: Value { get }
}
extension Int: Bindable { public var sql: Value { .integer(Int64(self)) } }
extension Int64: Bindable { public var sql: Value { .integer(self) } }
extension Bool: Bindable { public var sql: Value { .integer(self ? 1 : 0) } }
extension Double: Bindable { public var sql: Value { .real(self) } }
extension String: Bindable { public var sql: Value { .text(self) } }
extension UUID: Bindable { public var sql: Value { .id(self) } }
extension Data: Bindable { public var sql: Value { .blob([UInt8](self)) } }
extension Array: Bindable where Element == UInt8 { public var sql: Value { .blob(self) } }
extension Optional: Bindable where Wrapped: Bindable {
    public var sql: Value { self?.sql ?? .null }
}
