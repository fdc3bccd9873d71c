import Foundation
import HTTPEdge
import HTTPTypes
import Identity
import JSON
import Records
import Store

/// An answer that is no success, as the public API spells it. What each resource may say stands beside it.
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
            "error_code": .integer(Int64(code)), "desc": .string(description),
            "detail": .string(Redaction.redacted(detail)),
            "link": .string("\(Self.linkPrefix)\(code)"),
        ]
    }
    var answer: Answer { Answer(json: body, status: status, headers: headers) }
}

extension APIError {
    static let badInput = "Bad/incomplete input data"
    static let objectNotFound = "Object not found"

    static func forbidden(_ code: Int, _ detail: String) -> APIError {
        APIError(status: .forbidden, code: code, description: "Forbidden", detail: detail)
    }
    /// There is no room for one more of something; `detail` says of what, and how many there may be.
    static func overloaded(_ detail: String, retryAfter wait: Duration) -> APIError {
        APIError(
            status: .serviceUnavailable, code: 37001, description: "Internal server error", detail: detail,
            headers: [.retryAfter: wait.wholeSeconds])
    }
    static let databaseAway = overloaded(
        "The database cannot be used at the moment; try again later", retryAfter: .seconds(5))
    static let disabled = forbidden(12049, "Resource is disabled.")
    /// There is no model for it.
    static func noFeature(_ name: String) -> APIError { forbidden(11055, "License problem: \(name) feature disabled") }
}

// MARK: The request

extension APIError {
    /// What this API makes of a refusal.
    init(_ refusal: Refusal) {
        self =
            switch refusal {
            case .badQuery(let name): .badRequest(12012, "Bad query parameters '\(name)'")
            case .badBody(let violation):
                violation.lack.map(Self.noFeature)
                    ?? .badRequest(
                        12022,
                        "Failed to validate input json. Path: '\(violation.path)', message: '\(violation.message)'")
            case .notJSON: .badRequest(12002, "Request does not contain json")
            case .badContentType, .badHandshake: .badRequest(12017, "Bad content type")
            case .notAnUpgrade:
                APIError(
                    status: .upgradeRequired, code: 12017, description: Self.badInput,
                    detail: "This resource is a WebSocket; the request should be an upgrade to it, in version 13")
            case .upgradeWithBody: .badRequest(12017, "A request for a WebSocket can have no body")
            case .unreadable: .badRequest(12012, "Bad HTTP request")
            case .bodyTooLarge:
                APIError(
                    status: .contentTooLarge, code: 37003, description: "Payload too large",
                    detail: "Request payload is too large")
            case .requestTooSlow(let timeout):
                APIError(
                    status: .requestTimeout, code: 37002, description: "Request timeout",
                    detail:
                        "Service did not receive a complete request message within \(timeout.components.seconds) seconds"
                )
            case .tooManyConnections(let limit):
                .overloaded("Service has all \(limit) connections that it may have at once", retryAfter: .seconds(1))
            case .unsupportedMediaType:
                APIError(
                    status: .unsupportedMediaType, code: 12024, description: "Unsupported media type",
                    detail: "Bad/incomplete input data")
            case .pageNotFound:
                APIError(
                    status: .notFound, code: 12013, description: "Resource not found", detail: "Page not found")
            case .methodNotAllowed:
                APIError(
                    status: .methodNotAllowed, code: 12021, description: "Method not allowed",
                    detail: "Method not allowed")
            case .internalError:
                APIError(
                    status: .internalServerError, code: 11009, description: "Internal server error",
                    detail: "Internal server error")
            }
    }
    private static func badRequest(_ code: Int, _ detail: String) -> APIError {
        APIError(status: .badRequest, code: code, description: badInput, detail: detail)
    }
}

// MARK: What went wrong behind the request

extension APIError {
    /// What this API makes of an error that a handler let through; `nil` for failures of ours.
    init?(_ error: any Error) {
        switch error {
        case let error as APIError: self = error
        case let error as StoreError: self.init(error)
        case IdentityError.tooManyLogins(let wait): self = .tooBusyWithPasswords(retryAfter: wait)
        default: return nil
        }
    }
    private init?(_ error: StoreError) {
        switch error {
        case .incompatibleFilter(let reason): self = .incompatibleFilter(reason)
        case .tooManyGroups: self = .tooManyGroups(error.description)
        case .groupNotFound(let group): self = .namedGroupNotFound(group)
        case .groupNameTaken(let name): self = .groupNameTaken(name)
        case .loginTaken: self = .loginTaken(error.description)
        case .accountIDTaken: self = .accountIDTaken(error.description)
        case .faceNotFound(let id): self = .faceNotFound(id)
        case .facesNotFound(let id): self = .namedFacesNotFound(id)
        case .listNotFound(let id): self = .namedListNotFound(id)
        case .attributeNotFound(let id): self = .namedAttributeNotFound(id)
        case .adminTypeIsFixed: self = .adminTypeIsFixed(error.description)
        case .unavailable: self = .databaseAway
        case .quotaExceeded: self = .quotaExceeded(error.description)
        case .noRoomForObjects: self = .noRoomForObjects
        case .tooManyJobs: self = .tooManyJobs(error.description)
        case .tooManyCallbacks, .notEnoughCredits, .jobIsOver: return nil  // of other doors
        case .failed, .streamUnreadable, .lastAdmin: return nil
        }
    }
}

extension Duration {
    /// Rounded up, at least one: `Retry-After` knows nothing smaller.
    var wholeSeconds: String { String(max(1, Int((self / .seconds(1)).rounded(.up)))) }
}
