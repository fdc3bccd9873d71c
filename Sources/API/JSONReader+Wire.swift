import Foundation
import JSON

extension JSONReader {
    /// An id as the public API writes it.
    func id() throws(JSONViolation) -> UUID {
        guard let id = UUID(wire: try string()) else { throw violation("Input should be a valid UUID") }
        return id
    }
    /// At most a thousand ids, as bodies that speak of several streams hold them.
    func ids() throws(JSONViolation) -> [UUID] {
        var ids: [UUID] = []
        for item in try items(maximum: 1000) { ids.append(try item.id()) }
        return ids
    }
    /// A text of the pattern that names of groups and analytics have.
    func name(maximumLength: Int) throws(JSONViolation) -> String {
        let text = try string(maximumLength: maximumLength)
        guard text.isName(maximumLength: maximumLength) else {
            throw violation("String should match pattern '^[a-zA-Z0-9_\\-]{1,\(maximumLength)}$'")
        }
        return text
    }
}
