import Foundation
import HTTPTypes
import Records

extension APIError {
    static func verifierNotFound(_ id: UUID) -> APIError {
        APIError(
            status: .notFound, code: 34004, description: objectNotFound,
            detail: "Verifier with id '\(id.wire)' not found")
    }
    static let noCandidates = APIError(
        status: .badRequest, code: 34006, description: badInput,
        detail: "At least one of 'face_ids', 'event_ids', 'attribute_ids' and 'external_ids' must be specified")
    static let mayNotUseVerifier = forbidden(
        11067,
        "Request denied due to token restrictions. According to `verify` the verifier is not whitelisted or verifier is blacklisted."
    )
    static let mayNotVerify = forbidden(
        11068, "Request denied due to token restrictions. Verification is not allowed")
}
