import Foundation
import HTTPTypes
import Records

extension APIError {
    /// Ours.
    static func jobNotFound(_ id: UUID) -> APIError {
        APIError(
            status: .notFound, code: 90_020, description: objectNotFound, detail: "Job with id '\(id.wire)' not found")
    }
    /// Ours.
    static func jobIsOver(_ state: JobState) -> APIError {
        APIError(
            status: .conflict, code: 90_021, description: "Conflict input data",
            detail: "The job is \(state.rawValue) and cannot be cancelled")
    }
    /// Ours.
    static func noResult(item number: Int) -> APIError {
        APIError(
            status: .conflict, code: 90_023, description: "Conflict input data",
            detail: "Item \(number) of the job has no result, or none yet")
    }
    /// Ours.
    static func tooManyJobs(_ detail: String) -> APIError { overloaded(detail, retryAfter: .seconds(10)) }
}
