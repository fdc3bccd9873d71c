import Foundation
import HTTPTypes
import Records

extension APIError {
    static func groupNotFound(_ id: UUID) -> APIError {
        APIError(
            status: .notFound, code: 44004, description: objectNotFound, detail: "Group with id \(id.wire) not found")
    }
    /// Of a group that a body names.
    static func namedGroupNotFound(_ group: GroupReference) -> APIError {
        let text =
            switch group {
            case .named(let name): "named \(name)"
            case .id(let id): "with id \(id.wire)"
            }
        return APIError(
            status: .badRequest, code: 44004, description: objectNotFound, detail: "Group \(text) not found")
    }
    static func groupNameTaken(_ name: String) -> APIError {
        APIError(
            status: .conflict, code: 44003, description: "Unique constraint error",
            detail: "Group named '\(name)' already exists")
    }
}
