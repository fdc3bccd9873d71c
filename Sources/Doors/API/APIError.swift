import Foundation
import HTTPTypes
import Hummingbird
import JSON
import NIOCore
import Records
import Store

/// An answer that is no success, as the public API spells it.
///
/// `description` is constant per code, `detail` speaks of the case at hand; both are part of the wire contract.
struct APIError: Error, Equatable {
    let status: HTTPResponse.Status
    let code: Int
    let description: String
    let detail: String
    var headers: HTTPFields = [:]

    private static let linkPrefix = "https://docs.visionlabs.ai/info/luna/troubleshooting/errors-description/code-"

    /// The error object: all four keys, always.
    var body: JSONValue {
        [
            "error_code": .integer(Int64(code)), "desc": .string(description), "detail": .string(detail),
            "link": .string("\(Self.linkPrefix)\(code)"),
        ]
    }
    var response: Response {
        var response = Response.json(body, status: status)
        for field in headers { response.headers[field.name] = field.value }
        return response
    }
}

// MARK: The request

extension APIError {
    private static let badInput = "Bad/incomplete input data"

    static func badQuery(_ name: String) -> APIError {
        APIError(
            status: .badRequest, code: 12012, description: badInput, detail: "Bad query parameters '\(name)'")
    }
    static func badBody(_ violation: JSONViolation) -> APIError {
        APIError(
            status: .badRequest, code: 12022, description: badInput,
            detail: "Failed to validate input json. Path: '\(violation.path)', message: '\(violation.message)'")
    }
    static let badContentType = APIError(
        status: .badRequest, code: 12017, description: badInput, detail: "Bad content type")
    static let notJSON = APIError(
        status: .badRequest, code: 12002, description: badInput, detail: "Request does not contain json")
    static let pageNotFound = APIError(
        status: .notFound, code: 12013, description: "Resource not found", detail: "Page not found")
    static func methodNotAllowed(allow: String) -> APIError {
        APIError(
            status: .methodNotAllowed, code: 12021, description: "Method not allowed", detail: "Method not allowed",
            headers: [.allow: allow])
    }
    /// The rest of the body is not worth waiting for: the connection ends with the answer.
    static let bodyTooLarge = APIError(
        status: .contentTooLarge, code: 37003, description: "Payload too large",
        detail: "Request payload is too large", headers: [.connection: "close"])
    static func bodyTooSlow(after timeout: Duration) -> APIError {
        APIError(
            status: .requestTimeout, code: 37002, description: "Request timeout",
            detail: "Service did not receive a complete request message within \(timeout.components.seconds) seconds",
            headers: [.connection: "close"])
    }
    static let unsupportedMediaType = APIError(
        status: .unsupportedMediaType, code: 12024, description: "Unsupported media type",
        detail: "Bad/incomplete input data")
    static let resourceDisabled = APIError(
        status: .forbidden, code: 12049, description: "Forbidden", detail: "Resource is disabled.")
    /// What came is no HTTP at all, or more of it than anybody needs in a request line and headers.
    static let notHTTP = APIError(
        status: .badRequest, code: 12012, description: badInput, detail: "Bad HTTP request",
        headers: [.connection: "close"])
    static let internalError = APIError(
        status: .internalServerError, code: 11009, description: "Internal server error",
        detail: "Internal server error")
}

// MARK: Who asks

extension APIError {
    private static func unauthorized(_ detail: String, scheme: String = "Basic realm='login:password'") -> APIError {
        APIError(
            status: .unauthorized, code: 11065, description: "Authorization failed", detail: detail,
            headers: [.wwwAuthenticate: scheme])
    }
    static let badBasicHeader = unauthorized("Bad format basic authorization header")
    static let wrongCredentials = unauthorized("Account login or password are incorrect")
    static let badToken = unauthorized("Specified token corrupted", scheme: "Bearer")
    /// Not looked at: passwords were tried too fast. To the client it is a wrong one, with a hint when to come again.
    static func tooManyLogins(retryAfter wait: Duration) -> APIError {
        var error = wrongCredentials
        error.headers[.retryAfter] = wait.wholeSeconds
        return error
    }
    static let onlyToken = unauthorized("Only token is allowed for this action", scheme: "Bearer")
    static let unusableToken = forbidden(11062, "Specified token corrupted")
    static let closedToTokens = forbidden(
        11064, "Access to the resource is denied using authorization by token")
    static func missingRight(_ action: String, _ object: String) -> APIError {
        forbidden(
            11059,
            "Request denied due to token restrictions, required '\(action)' permission for '\(object)'")
    }
    static let disabled = forbidden(12049, "Resource is disabled.")
    private static func forbidden(_ code: Int, _ detail: String) -> APIError {
        APIError(status: .forbidden, code: code, description: "Forbidden", detail: detail)
    }
    static let noCredentials = APIError(
        status: .forbidden, code: 12010, description: badInput,
        detail: "This resource needs 'Authorization' authorization headers")
    static let badAccountHeader = APIError(
        status: .badRequest, code: 11037, description: badInput,
        detail: "Luna-Account-Id header is not UUID, format: xxxxxxxx-xxxx-xxxx-xxxx-xxxxxxxxxxxx")
}

// MARK: What is asked for

extension APIError {
    private static let objectNotFound = "Object not found"

    static func streamNotFound(_ id: UUID) -> APIError {
        APIError(
            status: .notFound, code: 44001, description: objectNotFound,
            detail: "Stream with id '\(id.wire)' not found")
    }
    static func analyticNotFound(_ id: UUID) -> APIError {
        APIError(
            status: .notFound, code: 44008, description: objectNotFound,
            detail: "Analytic with id '\(id.wire)' not found")
    }
    static func groupNotFound(_ id: UUID) -> APIError {
        APIError(
            status: .notFound, code: 44004, description: objectNotFound, detail: "Group with id \(id.wire) not found")
    }
    /// Of a group that a body names.
    static func namedGroupNotFound(_ group: GroupReference) -> APIError {
        let text =
            switch group {
            case .named(let name): "named \(name)"
            case .id(let id): "with id \(id.wire)"
            }
        return APIError(
            status: .badRequest, code: 44004, description: objectNotFound, detail: "Group \(text) not found")
    }
    /// Of a stream that a body names; its id stands without quotes.
    static func namedStreamNotFound(_ id: UUID) -> APIError {
        APIError(
            status: .badRequest, code: 44001, description: objectNotFound,
            detail: "Stream with id \(id.wire) not found")
    }
    static func groupNameTaken(_ name: String) -> APIError {
        APIError(
            status: .conflict, code: 44003, description: "Unique constraint error",
            detail: "Group named '\(name)' already exists")
    }
    static func accountNotFound(_ id: UUID, status: HTTPResponse.Status = .notFound) -> APIError {
        APIError(
            status: status, code: 28001, description: objectNotFound,
            detail: "Account with id '\(id.wire)' not found",
            headers: status == .unauthorized ? [.wwwAuthenticate: "Basic realm='login:password'"] : [:])
    }
    static func tokenNotFound(_ id: UUID) -> APIError {
        APIError(
            status: .notFound, code: 41003, description: objectNotFound, detail: "Token with id '\(id.wire)' not found")
    }
    static let cannotStop = APIError(
        status: .conflict, code: 44010, description: "Unable to stop processing",
        detail: "Unable to stop processing, because stream processing is not in progress")
    static let cannotResume = APIError(
        status: .conflict, code: 44011, description: "Unable to resume processing",
        detail: "Unable to resume processing, because stream processing is not stopped")
    static func notProcessed(_ id: UUID) -> APIError {
        APIError(
            status: .unprocessableContent, code: 44013, description: "Stream status is unsuitable",
            detail: "Stream with id '\(id.wire)' is not currently being processed")
    }
    static func unhealthy(_ component: String, reason: String) -> APIError {
        APIError(
            status: .badGateway, code: 38001, description: "Health check error", detail: "GET:\(component):\(reason)")
    }
}

// MARK: Accounts

extension APIError {
    /// What the store refused about an account; `nil` for everything else.
    init?(_ error: StoreError) {
        switch error {
        case .loginTaken, .accountIDTaken:
            let code = if case .loginTaken = error { 41001 } else { 41002 }
            self.init(status: .conflict, code: code, description: "Integrity error", detail: error.description)
        case .adminTypeIsFixed: self = .forbidden(41004, error.description)
        default: return nil
        }
    }
    static func tooBusyWithPasswords(retryAfter wait: Duration) -> APIError {
        APIError(
            status: .serviceUnavailable, code: 37001, description: "Internal server error",
            detail: "Service did not process a request within \(wait.wholeSeconds) seconds",
            headers: [.retryAfter: wait.wholeSeconds])
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

extension Duration {
    /// Rounded up, at least one: `Retry-After` knows nothing smaller.
    fileprivate var wholeSeconds: String { String(max(1, Int((self / .seconds(1)).rounded(.up)))) }
}

extension Response {
    static func json(_ value: JSONValue, status: HTTPResponse.Status = .ok) -> Response {
        Response(
            status: status, headers: [.contentType: "application/json"],
            body: ResponseBody(byteBuffer: ByteBuffer(bytes: value.bytes)))
    }
}
