import Foundation
import HTTPTypes
import Records

extension APIError {
    static func analyticNotFound(_ id: UUID) -> APIError {
        APIError(
            status: .notFound, code: 44008, description: objectNotFound,
            detail: "Analytic with id '\(id.wire)' not found")
    }
}
