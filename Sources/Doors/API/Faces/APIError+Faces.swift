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

// What was sent as a descriptor.
extension APIError {
    private static func bad(_ code: Int, _ detail: String) -> APIError {
        APIError(status: .badRequest, code: code, description: badInput, detail: detail)
    }
    static func badDescriptorLength(_ count: Int) -> APIError {
        bad(12034, "Descriptor length \(count) is not valid, \(Descriptor.byteCount) bytes are wanted")
    }
    /// Nothing here reads any.
    static let noXPK = bad(12035, "Failed to parse xpk file")
    static func unknownDescriptorVersion(_ version: Int) -> APIError {
        bad(12036, "Descriptor version \(version) is not supported, permitted: \(Descriptor.version)")
    }
    static let badSDKDescriptor = bad(12038, "SDK descriptor is not valid")
    static func badTarget(_ name: String, permitted: [String]) -> APIError {
        bad(22016, "'\(name)' is not valid target; permitted: \(permitted.joined(separator: ", "))")
    }
}
