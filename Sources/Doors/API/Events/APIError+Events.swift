import Foundation
import HTTPEdge
import HTTPTypes
import JSON
import Records

extension APIError {
    static func eventNotFound(_ id: UUID) -> APIError {
        APIError(
            status: .notFound, code: 23001, description: objectNotFound,
            detail: "Event with id '\(id.wire)' not found")
    }
    /// Of one that an event names.
    static func sampleNotFound(_ id: UUID) -> APIError {
        APIError(
            status: .notFound, code: 11031, description: objectNotFound,
            detail: "Sample with id '\(id.wire)' not found")
    }
    static func incompatibleFilter(_ reason: String) -> APIError {
        APIError(
            status: .unprocessableContent, code: 10020, description: "Database error",
            detail: "SQL request execution failed due to incompatible user-defined filters: \(reason)")
    }
    static func tooManyGroups(_ detail: String) -> APIError {
        APIError(Refusal.badBody(JSONViolation(path: "group_by", message: detail)))
    }
    /// What breaks a rule of an event that was made elsewhere.
    static func badEvent(_ violation: JSONViolation) -> APIError {
        APIError(
            status: .badRequest, code: 11027, description: badInput,
            detail: "Failed to validate input json. Path: '\(violation.path)', message: '\(violation.message)'")
    }
    static let mayNotUseHandler = forbidden(
        11067,
        "Request denied due to token restrictions. According to `emit_events` the handler is not whitelisted or handler is blacklisted."
    )
    static let mayNotEmit = forbidden(
        11068, "Request denied due to token restrictions. Events generation is not allowed")
}
