import Foundation
import HTTPTypes
import JSON
import Records

extension APIError {
    static func handlerNotFound(_ id: UUID) -> APIError {
        APIError(
            status: .notFound, code: 11033, description: objectNotFound,
            detail: "Handler with id '\(id.wire)' not found")
    }
    /// Of one that a stream names.
    static func namedHandlerNotFound(_ id: UUID) -> APIError {
        APIError(
            status: .badRequest, code: 11033, description: objectNotFound,
            detail: "Handler with id '\(id.wire)' not found")
    }
    /// Nobody sends it policies with what a stream has seen.
    static func handlerIsDynamic(_ id: UUID) -> APIError {
        APIError(
            status: .badRequest, code: 11027, description: badInput,
            detail: "Handler with id '\(id.wire)' is dynamic and has no policies of its own")
    }
    static let noLambdas = forbidden(11072, "Luna Lambda service is disabled")
    /// Ours.
    static let handlerIsFixed = forbidden(90_011, "The handler that an account has from the start stays as it is")

    /// What breaks a rule of policies.
    static func badPolicies(_ violation: JSONViolation) -> APIError {
        violation.lack.map(noFeature)
            ?? APIError(
                status: .badRequest, code: 12027, description: badInput,
                detail: "Failed to validate input json. Path: '\(violation.path)', message: '\(violation.message)'")
    }
    static func ofPolicies<Value>(_ read: () throws -> Value) throws -> Value {
        do { return try read() } catch let violation as JSONViolation { throw badPolicies(violation) }
    }
    /// Events are made of no such policies.
    static let policiesAreFixed = APIError(
        status: .badRequest, code: 11027, description: badInput,
        detail: "Not available to send new policies to non-dynamic handler")
    static func handlerIsNotDynamic(_ id: UUID) -> APIError {
        APIError(
            status: .badRequest, code: 11027, description: badInput,
            detail: "Handler with id '\(id.wire)' is not dynamic")
    }

    private static func badDescriptor(_ code: Int, _ detail: String, _ description: String) -> APIError {
        APIError(status: .badRequest, code: code, description: description, detail: detail)
    }
    static func descriptorOfOtherNetwork(_ version: Int) -> APIError {
        badDescriptor(34001, "Descriptor version \(version) is not supported", "Forbidden")
    }
    static let noAggregation = badDescriptor(34003, "Aggregation is not supported for raw descriptors", badInput)
}
