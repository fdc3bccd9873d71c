import HTTPEdge
import HTTPTypes
import JSON

/// What keeps a request for tags from being carried out: the name and the message of an exception, as the original has them.
struct TaggingError: Error, Hashable, Sendable, CustomStringConvertible {
    let status: HTTPResponse.Status
    let name, message: String
    /// Whether the connection is closed after the answer.
    var endsConnection = false
    init(_ name: String, _ message: String, status: HTTPResponse.Status = .internalServerError) {
        (self.name, self.message, self.status) = (name, message, status)
    }
    var description: String { "\(name): \(message)" }

    static let noAccount = TaggingError(
        "RuntimeError", "There is no account of the login that the setting 'jobs.tagging_account' names")
    static let noModel = TaggingError(
        "RuntimeError", "There is no model that names what a picture shows; counts (the prompt OD) need none")
    static func tooManyDocuments(limit: Int) -> TaggingError {
        TaggingError("ValueError", "More than \(limit) documents", status: .contentTooLarge)
    }
    static func tooManyValues(limit: Int) -> TaggingError {
        TaggingError("ValueError", "More than \(limit) values in the body", status: .contentTooLarge)
    }

    init(_ end: PatienceEnd) {
        switch end {
        // Nobody reads it; the log and the metrics know it by this.
        case .clientLeft:
            self.init(
                "CancelledError", "The client has left",
                status: HTTPResponse.Status(code: 499, reasonPhrase: "Client Closed Request"))
        case .timedOut(let time):
            self.init("TimeoutError", "It was not done within \(time)", status: .serviceUnavailable)
        case .shuttingDown: self.init("CancelledError", "Service is being stopped", status: .serviceUnavailable)
        }
    }
    init(_ refusal: Refusal) {
        switch refusal {
        case .pageNotFound: self.init("HTTPException", "Not Found", status: .notFound)
        case .methodNotAllowed: self.init("HTTPException", "Method Not Allowed", status: .methodNotAllowed)
        case .bodyTooLarge: self.init("HTTPException", "The body is too large", status: .contentTooLarge)
        case .requestTooSlow:
            self.init("HTTPException", "The request did not arrive in time", status: .requestTimeout)
        case .tooManyConnections: self.init("HTTPException", "Too many connections", status: .serviceUnavailable)
        case .internalError: self.init("RuntimeError", "Internal server error")
        default: self.init("HTTPException", "The request cannot be read", status: .badRequest)
        }
    }
    var answer: Answer {
        var wire = TaggingAnswer()
        (wire.code, wire.message, wire.error) = (status.code, "Error", "\(name)\n\(message)")
        return Answer(json: wire.wire, status: status, headers: endsConnection ? [.connection: "close"] : [:])
    }
}
