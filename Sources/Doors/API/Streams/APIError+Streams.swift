import Foundation
import HTTPTypes
import Records

extension APIError {
    static func streamNotFound(_ id: UUID) -> APIError {
        APIError(
            status: .notFound, code: 44001, description: objectNotFound,
            detail: "Stream with id '\(id.wire)' not found")
    }
    /// Of a stream that a body names; its id stands without quotes.
    static func namedStreamNotFound(_ id: UUID) -> APIError {
        APIError(
            status: .badRequest, code: 44001, description: objectNotFound,
            detail: "Stream with id \(id.wire) not found")
    }
    static let cannotStop = APIError(
        status: .conflict, code: 44010, description: "Unable to stop processing",
        detail: "Unable to stop processing, because stream processing is not in progress")
    static let cannotResume = APIError(
        status: .conflict, code: 44011, description: "Unable to resume processing",
        detail: "Unable to resume processing, because stream processing is not stopped")
    static func notProcessed(_ id: UUID) -> APIError {
        APIError(
            status: .unprocessableContent, code: 44013, description: "Stream status is unsuitable",
            detail: "Stream with id '\(id.wire)' is not currently being processed")
    }
    /// - Parameter reason: why there is none.
    static func noPicture(_ id: UUID, _ reason: String) -> APIError {
        APIError(
            status: .notFound, code: 44014, description: "No picture to show",
            detail: "Stream with id '\(id.wire)' has no picture to show: \(reason)")
    }
}
