public import HTTPTypes
import JSON
import Logging

/// One API of those that a listener serves: its resources, and how it answers what goes wrong.
public struct Door: Sendable {
    /// What is known of an operation without calling it.
    public struct Entry: Sendable {
        public let method: HTTPRequest.Method
        /// `/6/streams/{stream_id}`
        public let path: String
        /// What the operation asks of its callers, in the terms of the door's gatekeeper; `nil`: it is open to everybody.
        public let access: (any Hashable & Sendable)?
    }

    /// Where the paths of its resources begin: `/jobs`. The door without a prefix answers for all that no other one does.
    public let prefix: String
    /// Paths elsewhere that are its own, too: `/`.
    let others: Set<Substring>
    public let entries: [Entry]
    let resources: PathTree<Resource>
    /// Bytes of the longest body that one of its operations declares a limit for.
    let longestBody: Int?
    private let answer: @Sendable (Refusal) -> Answer
    private let explain: @Sendable (any Error) -> Answer?

    /// - Parameters:
    ///   - prefix: of every path in `table` but `others`.
    ///   - others: single paths that this door answers for, letter by letter.
    ///   - answer: gives a refusal the code and the shape that the clients of this door know.
    ///   - explain: answers errors that the door's handlers throw besides refusals; `nil` for failures of ours, which are
    ///     told to the log and answered as `Refusal.internalError`.
    public init<Gate>(
        prefix: String = "", others: Set<String> = [], table: ResourceTable<Gate>,
        answer: @escaping @Sendable (Refusal) -> Answer,
        explain: @escaping @Sendable (any Error) -> Answer? = { _ in nil }
    ) {
        (self.prefix, entries, resources) = (prefix, table.entries, table.resources)
        (self.answer, self.explain) = (answer, explain)
        self.others = Set(others.map { $0[...] })
        longestBody = table.limits.max()
        for entry in entries {
            precondition(answersFor(entry.path[...]), "\(entry.path) lies behind another door than \(prefix)")
        }
    }

    /// Every operation that is served, `OPTIONS` included, as `GET /6/streams/{stream_id}`.
    public var operations: [String] {
        var operations: [String] = []
        for (index, entry) in entries.enumerated() {
            operations.append("\(entry.method.rawValue) \(entry.path)")
            let isLast = index + 1 == entries.count || entries[index + 1].path != entry.path
            if isLast { operations.append("OPTIONS \(entry.path)") }
        }
        return operations
    }

    func answersFor(_ path: Substring) -> Bool {
        if others.contains(path) { return true }
        return path.hasPrefix(prefix) && (prefix.isEmpty || [nil, "/"].contains(path.dropFirst(prefix.count).first))
    }

    /// In the shape that its clients know.
    public func answer(to refusal: Refusal) -> Answer {
        var answer = answer(refusal)
        if refusal.endsConnection { answer.headers[.connection] = "close" }
        switch refusal {
        case .methodNotAllowed(let allow): answer.headers[.allow] = allow
        case .notAnUpgrade:
            answer.headers[.upgrade] = "websocket"
            answer.headers[.secWebSocketVersion] = "13"
            // An upgrade is the first request of its connection.
            answer.headers[.connection] = "close, upgrade"
        default: break
        }
        return answer
    }
    /// The answer to whatever a handler threw.
    func answer(to error: any Error, logger: Logger) -> Answer {
        switch error {
        case let refusal as Refusal: return answer(to: refusal)
        case let violation as JSONViolation: return answer(to: .badBody(violation))
        default:
            if let answer = explain(error) {
                if answer.status.kind == .serverError {
                    // A limit says so itself, and so does a database; thousands may meet them at once.
                    logger.debug("Request failed", metadata: [HTTPLogKey.error: "\(error)"])
                }
                return answer
            }
            logger.error("Request failed", metadata: [HTTPLogKey.error: "\(error)"])
            return answer(to: .internalError)
        }
    }
}
