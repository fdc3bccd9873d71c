import Foundation
import HTTPTypes
import Records

extension APIError {
    static func accountNotFound(_ id: UUID, status: HTTPResponse.Status = .notFound) -> APIError {
        APIError(
            status: status, code: 28001, description: objectNotFound,
            detail: "Account with id '\(id.wire)' not found",
            headers: status == .unauthorized ? [.wwwAuthenticate: "Basic realm='login:password'"] : [:])
    }
    private static func integrity(_ code: Int, _ detail: String) -> APIError {
        APIError(status: .conflict, code: code, description: "Integrity error", detail: detail)
    }
    static func loginTaken(_ detail: String) -> APIError { integrity(41001, detail) }
    static func accountIDTaken(_ detail: String) -> APIError { integrity(41002, detail) }
    static func adminTypeIsFixed(_ detail: String) -> APIError { forbidden(41004, detail) }

    static func tokenNotFound(_ id: UUID) -> APIError {
        APIError(
            status: .notFound, code: 41003, description: objectNotFound, detail: "Token with id '\(id.wire)' not found")
    }
    static func tooBusyWithPasswords(retryAfter wait: Duration) -> APIError {
        overloaded("Service did not process a request within \(wait.wholeSeconds) seconds", retryAfter: wait)
    }
    private static func rejected(_ code: Int, _ description: String, _ detail: String, scheme: String) -> APIError {
        APIError(
            status: .unauthorized, code: code, description: description, detail: detail,
            headers: [.wwwAuthenticate: scheme])
    }
    static let tokenDoesNotExist = rejected(41005, objectNotFound, "JWT token doesn't exist", scheme: "Bearer")
    static let tokenHasExpired = rejected(
        41007, "Account credentials wrong", "Token has been expired", scheme: "Bearer")
    static let credentialsDoNotMatch = rejected(
        41006, "Account credentials wrong", "Login and password doesn't match any user",
        scheme: "Basic realm='login:password'")
}
