import Foundation
import HTTPEdge
import HTTPTypes
import NIOCore
import Records

/// What goes wrong behind links to bytes, as Azure's Blob service says it.
struct StorageError: Error, Hashable, Sendable {
    let status: HTTPResponse.Status
    let code, message: String

    static let notSigned = StorageError(
        status: .forbidden, code: "AuthenticationFailed",
        message: "Server failed to authenticate the request. The link has expired, was altered or is not signed.")
    static let noRight = StorageError(
        status: .forbidden, code: "AuthorizationPermissionMismatch",
        message: "This request is not authorized to perform this operation using this permission.")
    static let notFound = StorageError(
        status: .notFound, code: "BlobNotFound", message: "The specified blob does not exist.")
    static let badRange = StorageError(
        status: .rangeNotSatisfiable, code: "InvalidRange", message: "The range specified is invalid for the blob.")

    init(status: HTTPResponse.Status, code: String, message: String) {
        (self.status, self.code, self.message) = (status, code, message)
    }
    init(_ refusal: Refusal) {
        switch refusal {
        case .pageNotFound: self = .notFound
        case .methodNotAllowed:
            self.init(
                status: .methodNotAllowed, code: "UnsupportedHttpVerb",
                message: "The resource doesn't support the specified HTTP verb.")
        case .bodyTooLarge:
            self.init(
                status: .contentTooLarge, code: "RequestBodyTooLarge",
                message: "The request body is too large and exceeds the maximum permissible limit.")
        case .requestTooSlow:
            self.init(
                status: .requestTimeout, code: "OperationTimedOut",
                message: "The operation could not be completed within the permitted time.")
        case .internalError:
            self.init(
                status: .internalServerError, code: "InternalError",
                message: "The server encountered an internal error. Please retry the request.")
        default:
            self.init(status: .badRequest, code: "InvalidInput", message: "One of the request inputs is not valid.")
        }
    }

    /// - Parameter requestID: of the request.
    func answer(requestID: String = UUID().wire, at now: Date = .now) -> Answer {
        let text = "\(message) RequestId:\(requestID) Time:\(now.rfc3339)"
        return Answer(
            status: status, headers: [.contentType: "application/xml", .storageErrorCode: code],
            body: ByteBuffer(
                string:
                    #"<?xml version="1.0" encoding="utf-8"?><Error><Code>\#(code)</Code><Message>\#(text)</Message></Error>"#
            ))
    }
}

extension HTTPField.Name {
    static let storageErrorCode = Self("x-ms-error-code")!
    static let storageBlobType = Self("x-ms-blob-type")!
    static let storageVersion = Self("x-ms-version")!
    static let storageRequestID = Self("x-ms-request-id")!
}
