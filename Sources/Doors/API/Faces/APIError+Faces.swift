import Foundation
import HTTPTypes
import Records

extension APIError {
    private static func missing(
        _ code: Int, _ detail: String, _ status: HTTPResponse.Status = .notFound
    ) -> APIError { APIError(status: status, code: code, description: objectNotFound, detail: detail) }

    static func faceNotFound(_ id: UUID) -> APIError { missing(22002, "Face with id '\(id.wire)' not found") }
    /// Of faces that a body names.
    static func namedFacesNotFound(_ id: UUID) -> APIError {
        missing(22004, "One or more faces not found, including face with id '\(id.wire)'", .badRequest)
    }
    static func listNotFound(_ id: UUID) -> APIError { missing(22003, "List with id '\(id.wire)' not found") }
    static func namedListNotFound(_ id: UUID) -> APIError {
        missing(22003, "List with id '\(id.wire)' not found", .badRequest)
    }
    static func attributeNotFound(_ id: UUID) -> APIError {
        missing(22011, "Attribute with id '\(id.wire)' not found")
    }
    static func namedAttributeNotFound(_ id: UUID) -> APIError {
        missing(22011, "Attribute with id '\(id.wire)' not found", .badRequest)
    }
}
