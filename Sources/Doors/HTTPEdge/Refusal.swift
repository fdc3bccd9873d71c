public import JSON

/// Why a request is refused by the edge or by what reads it. It knows no codes: a `Door` gives it the shape and the words
/// that its clients know.
public enum Refusal: Error, Equatable, Sendable {
    /// The query parameter of this name has a value that cannot be used.
    case badQuery(String)
    /// The body breaks a rule of its operation.
    case badBody(JSONViolation)
    case notJSON
    /// The body is of a kind that the operation does not take.
    case badContentType
    case bodyTooLarge
    /// The request was not all there in time: its head, or its body.
    case requestTooSlow(after: Duration)
    /// The listener serves as many connections as it may.
    case tooManyConnections(limit: Int)
    /// None of the forms in which the operation answers is one that the client accepts.
    case unsupportedMediaType
    case pageNotFound
    /// - Parameter allow: the methods of the resource, as the header of that name lists them.
    case methodNotAllowed(allow: String)
    /// A WebSocket's resource was asked by a plain request, or in another version of the protocol (RFC 6455 §4.4).
    case notAnUpgrade
    /// An upgrade to a WebSocket whose handshake is none (RFC 6455 §4.2.1), or comes when the connection is in use.
    case badHandshake
    /// A request for a WebSocket announces a body.
    case upgradeWithBody
    /// What came is no HTTP at all, more of it than anybody needs in a request line and headers, or a body that is cut off.
    case unreadable
    /// A failure of ours; what failed is told to the log alone.
    case internalError

    /// Whether the rest of what the client sends is not worth waiting for: the connection ends with the answer.
    var endsConnection: Bool {
        switch self {
        case .bodyTooLarge, .requestTooSlow, .tooManyConnections, .unreadable: true
        default: false
        }
    }
    /// Which limit it stands for; `nil` for none.
    var limit: LimitMetrics.Reason? {
        switch self {
        case .bodyTooLarge: .bodySize
        case .requestTooSlow: .bodyTime
        default: nil
        }
    }
}
