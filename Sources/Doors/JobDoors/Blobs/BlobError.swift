import HTTPEdge
import HTTPTypes
import JSON

/// A refusal of the door of blobs: a text with a status.
struct BlobError: Error, Hashable, Sendable {
    let status: HTTPResponse.Status
    let text: String
    init(_ status: HTTPResponse.Status, _ text: String) { (self.status, self.text) = (status, text) }

    static let badCallback = BlobError(.badRequest, "Invalid callback url supplied")
    static let notFound = BlobError(.notFound, "Blob not found")
    static let noCredentials = BlobError(.unauthorized, "Unauthorized")
    static let tooMany = BlobError(.serviceUnavailable, "Too many blobs are not over, please try again later")
    static let noAccount = BlobError(
        .internalServerError, "There is no account of the login that the setting 'jobs.blobs_account' names")

    init(_ refusal: Refusal) {
        switch refusal {
        case .pageNotFound: self.init(.notFound, "Not found")
        case .methodNotAllowed: self.init(.methodNotAllowed, "Method not allowed")
        case .bodyTooLarge: self.init(.contentTooLarge, "Request body too large")
        case .requestTooSlow: self.init(.requestTimeout, "Request timed out")
        case .tooManyConnections: self.init(.serviceUnavailable, "Too many connections")
        case .internalError: self.init(.internalServerError, "Internal server error")
        default: self.init(.badRequest, "Bad request")
        }
    }
    var answer: Answer {
        var headers: HTTPFields = [:]
        if status == .unauthorized { headers[.wwwAuthenticate] = "Basic realm=\"sightline\"" }
        return Answer(json: ["error": .string(text)], status: status, headers: headers)
    }
}
