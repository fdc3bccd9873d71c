import HTTPEdge
import HTTPTypes
import JSON

/// A refusal of the batch API: a sentence with a status. Clients match on the words.
struct CameraTrapError: Error, Hashable, Sendable {
    let status: HTTPResponse.Status
    let text: String
    init(_ status: HTTPResponse.Status, _ text: String) { (self.status, self.text) = (status, text) }

    static func notAllowed(_ contact: String, isRequest: Bool) -> CameraTrapError {
        let known = "Parameter caller is not supplied or is not on our allowlist."
        guard isRequest else { return CameraTrapError(.unauthorized, known) }
        return CameraTrapError(.unauthorized, "\(known) Please email \(contact) to request access.")
    }
    static let taskNotFound = CameraTrapError(.notFound, "Task is not found.")
    static func unreadable(_ reason: String) -> CameraTrapError {
        CameraTrapError(.unsupportedMediaType, "Error occurred reading POST request body: \(reason).")
    }

    init(_ refusal: Refusal) {
        switch refusal {
        case .pageNotFound: self.init(.notFound, "The requested URL was not found on the server.")
        case .methodNotAllowed: self.init(.methodNotAllowed, "The method is not allowed for the requested URL.")
        case .bodyTooLarge: self.init(.contentTooLarge, "The request body is too large.")
        case .requestTooSlow: self.init(.requestTimeout, "The request did not arrive in time.")
        case .tooManyConnections: self.init(.serviceUnavailable, "Too many connections, please try again later")
        case .internalError: self.init(.internalServerError, "Internal server error")
        default: self.init(.badRequest, "The request cannot be read.")
        }
    }
    var answer: Answer {
        var headers: HTTPFields = [:]
        if status == .serviceUnavailable { headers[.retryAfter] = "60" }
        return Answer(json: ["error": .string(text)], status: status, headers: headers)
    }
}
