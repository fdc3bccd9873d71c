import Foundation
import HTTPTypes
import Records

extension APIError {
    private static func badPicture(_ code: Int, _ detail: String, _ description: String = badInput) -> APIError {
        APIError(status: .badRequest, code: code, description: description, detail: detail)
    }
    /// What nothing is wrong with has this beside it.
    static let success = APIError(status: .ok, code: 0, description: "Success", detail: "Success")

    static let severalBoxes = forbidden(11045, "Only one detection rect for each image available at the moment")

    static func notFetched(_ url: String) -> APIError {
        badPicture(11027, "Failed to download image by url '\(url)'", "External request failed")
    }
    static func badFetchedType(_ url: String) -> APIError { badPicture(11028, "Bad content type of image '\(url)'") }
    static let badPartType = badPicture(11029, "Bad content type of image in multipart body")
    static let noPicturePart = badPicture(11049, "There is no image in multipart body")
    static func unknownPart(_ name: String) -> APIError {
        badPicture(12039, "Unknown part '\(name)' in multipart body")
    }
    static func duplicatePart(_ name: String) -> APIError {
        badPicture(12040, "Duplicate part '\(name)' in multipart body")
    }
    static let badMultipart = badPicture(12041, "Failed to parse multipart body")

    static let badBase64 = badPicture(18001, "Failed to decode data from base64")
    static let badWarpSize = badPicture(11043, "Image size is not equal to 250x250")
    static let unknownForm = badPicture(100_033, "Unsupported image type")
    static let badRectangle = badPicture(100_016, "Invalid rectangle", "Failed validation")
    /// Ours.
    static let severalFaces = badPicture(90_010, "There are several faces in the image")
}
