import Foundation
import HTTPTypes
import Records

extension APIError {
    /// Samples have the code of images.
    static func objectNotFound(_ kind: StoredObject.Kind, _ id: UUID) -> APIError {
        let (code, name) = kind == .object ? (13007, "Object") : (13003, "Image")
        return APIError(
            status: .notFound, code: code, description: objectNotFound, detail: "\(name) with id '\(id.wire)' not found"
        )
    }
    private static func badBytes(_ code: Int, _ detail: String, _ description: String = badInput) -> APIError {
        APIError(status: .badRequest, code: code, description: description, detail: detail)
    }
    static func badHeader(_ name: String) -> APIError {
        badBytes(12012, "Bad header '\(name)': its value is not UTF-8")
    }
    static let notAnImage = badBytes(18002, "Failed convert bytes to jpg")
    static let noFaceSample = badBytes(11030, "Image size is not equal to 250x250")
    static let noBytes = badBytes(12030, "Bad/incomplete body", "Request does not contain data")

    /// Codes of our own begin with 90.
    static func quotaExceeded(_ detail: String) -> APIError { forbidden(90_001, detail) }
    static let noRoomForObjects = APIError(
        status: HTTPResponse.Status(code: 507, reasonPhrase: "Insufficient Storage"), code: 90_002,
        description: "Insufficient storage",
        detail: "There is no room on the disk")
    static func noSuchRange(size: Int) -> APIError {
        APIError(
            status: .rangeNotSatisfiable, code: 90_003, description: "Range not satisfiable",
            detail: "There are \(size) bytes", headers: [.contentRange: "bytes */\(size)", .acceptRanges: "bytes"])
    }
}
