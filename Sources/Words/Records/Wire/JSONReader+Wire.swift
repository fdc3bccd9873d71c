public import Foundation
public import JSON

extension JSONReader {
    /// The member `key`, or `nil` when it is absent or `null`.
    public func present(_ key: String) throws(JSONViolation) -> JSONReader? {
        guard let member = try optional(key), member.value != .null else { return nil }
        return member
    }
    /// 0 or 1, as the API writes flags; not `true` or `false`.
    public func flag() throws(JSONViolation) -> Bool {
        switch value.integer {
        case 0: false
        case 1: true
        default: throw violation("Input should be 0 or 1")
        }
    }
    /// An id as the public API writes it.
    public func id() throws(JSONViolation) -> UUID {
        guard let id = UUID(wire: try string()) else { throw violation("Input should be a valid UUID") }
        return id
    }
    /// At most a thousand ids, as bodies that speak of several streams hold them.
    public func ids() throws(JSONViolation) -> [UUID] {
        var ids: [UUID] = []
        for item in try items(maximum: 1000) { ids.append(try item.id()) }
        return ids
    }
    /// A text of the pattern that names of groups and analytics have.
    public func name(maximumLength: Int) throws(JSONViolation) -> String {
        let text = try string(maximumLength: maximumLength)
        guard text.isName(maximumLength: maximumLength) else {
            throw violation("String should match pattern '^[a-zA-Z0-9_\\-]{1,\(maximumLength)}$'")
        }
        return text
    }
}

extension String {
    /// `^[a-zA-Z0-9_\-]{1,n}$`
    public func isName(maximumLength: Int) -> Bool {
        (1...maximumLength).contains(utf8.count)
            && utf8.allSatisfy {
                switch $0 {
                case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
                    UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "_"), UInt8(ascii: "-"):
                    true
                default: false
                }
            }
    }
}
