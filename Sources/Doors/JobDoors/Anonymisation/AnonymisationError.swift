import HTTPEdge
import HTTPTypes
import JSON

/// A refusal of the anonymisation API: a sentence, or which members of what was sent are wrong.
struct AnonymisationError: Error, Hashable, Sendable {
    /// A member that is not as it must be.
    struct Fault: Hashable, Sendable {
        let place: [String]
        let message, type: String

        static func missing(_ place: [String]) -> Fault {
            Fault(place: place, message: "field required", type: "value_error.missing")
        }
        static func unknown(_ place: [String]) -> Fault {
            Fault(place: place, message: "extra fields not permitted", type: "value_error.extra")
        }
        static func kind(_ place: [String], _ wanted: String, _ type: String) -> Fault {
            Fault(place: place, message: "value is not a valid \(wanted)", type: "type_error.\(type)")
        }
        var json: JSONValue {
            ["loc": .array(place.map { .string($0) }), "msg": .string(message), "type": .string(type)]
        }
    }
    let status: HTTPResponse.Status
    let detail: JSONValue
    var headers: [String: String] = [:]

    init(_ status: HTTPResponse.Status, _ text: String, headers: [String: String] = [:]) {
        (self.status, detail, self.headers) = (status, .string(text), headers)
    }
    init(_ faults: [Fault]) { (status, detail) = (.unprocessableContent, .array(faults.map(\.json))) }

    static let noKey = AnonymisationError(.unauthorized, "Invalid API key")
    static let noJob = AnonymisationError(.notFound, "Job not found")
    static let tooOften = AnonymisationError(.tooManyRequests, "Too many requests", headers: ["Retry-After": "1"])

    init(_ refusal: Refusal) {
        switch refusal {
        case .pageNotFound: self.init(.notFound, "Not Found")
        case .methodNotAllowed: self.init(.methodNotAllowed, "Method Not Allowed")
        case .bodyTooLarge: self.init(.contentTooLarge, "The request body is too large")
        case .requestTooSlow: self.init(.requestTimeout, "The request did not arrive in time")
        case .tooManyConnections: self.init(.serviceUnavailable, "Too many connections")
        case .internalError: self.init(.internalServerError, "Internal Server Error")
        default: self.init(.badRequest, "The request cannot be read")
        }
    }
    var answer: Answer {
        var fields: HTTPFields = [:]
        for (name, value) in headers { fields[HTTPField.Name(name)!] = value }
        return Answer(json: ["detail": detail], status: status, headers: fields)
    }
}
