import Foundation
import HTTPEdge
import HTTPTypes
import NIOCore
import Records

/// What goes wrong behind links to upload to, as S3 says it.
struct BucketError: Error, Hashable, Sendable {
    let status: HTTPResponse.Status
    let code, message: String
    /// Of a link that was good once.
    var expiry: Date?

    static let notSigned = BucketError(
        status: .forbidden, code: "SignatureDoesNotMatch",
        message: "The request signature we calculated does not match the signature you provided.")
    static func expired(at expiry: Date) -> BucketError {
        BucketError(status: .forbidden, code: "AccessDenied", message: "Request has expired", expiry: expiry)
    }
    static let gone = BucketError(
        status: .notFound, code: "NoSuchKey", message: "The specified key does not exist.")
    static let noRoom = BucketError(
        status: .serviceUnavailable, code: "SlowDown", message: "There is no room for the upload at the moment.")

    init(status: HTTPResponse.Status, code: String, message: String, expiry: Date? = nil) {
        (self.status, self.code, self.message, self.expiry) = (status, code, message, expiry)
    }
    init(_ refusal: Refusal) {
        switch refusal {
        case .pageNotFound: self = .gone
        // What is signed is one method.
        case .methodNotAllowed: self = .notSigned
        case .bodyTooLarge:
            self.init(
                status: .contentTooLarge, code: "EntityTooLarge",
                message: "Your proposed upload exceeds the maximum allowed size.")
        case .requestTooSlow:
            self.init(
                status: .requestTimeout, code: "RequestTimeout", message: "The upload did not arrive in time.")
        case .internalError:
            self.init(
                status: .internalServerError, code: "InternalError",
                message: "We encountered an internal error. Please try again.")
        default: self.init(status: .badRequest, code: "InvalidRequest", message: "The request cannot be read.")
        }
    }

    func answer(requestID: String = Self.requestID(), at now: Date = .now) -> Answer {
        func seconds(_ date: Date) -> String { "\(date.rfc3339.prefix(19))Z" }
        let times = expiry.map { "<Expires>\(seconds($0))</Expires><ServerTime>\(seconds(now))</ServerTime>" } ?? ""
        return Answer(
            status: status, headers: [.contentType: "application/xml", .bucketRequestID: requestID],
            body: ByteBuffer(
                string: #"<?xml version="1.0" encoding="UTF-8"?>"# + "\n<Error><Code>\(code)</Code>"
                    + "<Message>\(message)</Message>\(times)<RequestId>\(requestID)</RequestId>"
                    + "<HostId>sightline</HostId></Error>"))
    }
    /// 16 capital hexadecimal digits.
    static func requestID() -> String { String(UUID().bare.prefix(16)).uppercased() }
}

extension HTTPField.Name {
    static let bucketRequestID = Self("x-amz-request-id")!
}
