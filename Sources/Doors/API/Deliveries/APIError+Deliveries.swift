import Foundation
import HTTPTypes
import Records

extension APIError {
    static func deliveryNotFound(_ id: UUID) -> APIError {
        APIError(
            status: .notFound, code: 44020, description: objectNotFound,
            detail: "Delivery with id '\(id.wire)' not found")
    }
}
