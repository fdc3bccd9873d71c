import Foundation
import HTTPTypes
import Records

// What there is not of those who are looked for. Told in place of their matches.
extension APIError {
    private static func missing(_ code: Int, _ detail: String) -> APIError {
        APIError(status: .badRequest, code: code, description: objectNotFound, detail: detail)
    }
    static func noFaceWithExternalID(_ id: String) -> APIError {
        missing(11041, "Face with external id '\(id)' not found")
    }
    static func noEventWithExternalID(_ id: String) -> APIError {
        missing(11057, "Event with external id '\(id)' not found")
    }
    static func noEventWithTrackID(_ id: String) -> APIError {
        missing(11058, "Event with track id '\(id)' not found")
    }
}

extension APIError {
    private static func bad(_ code: Int, _ detail: String) -> APIError {
        APIError(status: .badRequest, code: code, description: badInput, detail: detail)
    }
    /// - Parameter name: of what it is, such as `Face with id '…'`.
    static func noDescriptor(of name: String) -> APIError { bad(11034, "\(name) has no descriptor") }
    static func noBodyDescriptors(_ version: Int) -> APIError {
        bad(12036, "Descriptor version \(version) is not supported, there is no network for bodies")
    }
}
