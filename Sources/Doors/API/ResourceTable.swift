import HTTPTypes
import Hummingbird
import Synchronization

/// The resources of the API, by path: what each answers, and that it answers nothing else.
///
/// Every resource answers OPTIONS, and a method it does not have with 405; a path that is no resource gets 404 from the
/// router itself.
final class ResourceTable {
    typealias Handler = @Sendable (Request, APIContext) async throws -> Response

    /// A handler, and who gets to it.
    struct Guarded {
        let access: Access
        let handler: Handler
    }
    /// What is known of an operation without calling it.
    struct Entry: Hashable, Sendable {
        let method: HTTPRequest.Method
        let path: String
        /// `nil`: needs no credentials.
        let access: Access?
    }

    /// One method of one resource.
    struct Operation {
        let method: HTTPRequest.Method
        let access: Access?
        let handler: Handler

        private init(_ method: HTTPRequest.Method, _ guarded: Guarded) {
            (self.method, access, handler) = (method, guarded.access, guarded.handler)
        }
        static func get(_ guarded: Guarded) -> Operation { Operation(.get, guarded) }
        static func head(_ guarded: Guarded) -> Operation { Operation(.head, guarded) }
        static func post(_ guarded: Guarded) -> Operation { Operation(.post, guarded) }
        static func put(_ guarded: Guarded) -> Operation { Operation(.put, guarded) }
        static func patch(_ guarded: Guarded) -> Operation { Operation(.patch, guarded) }
        static func delete(_ guarded: Guarded) -> Operation { Operation(.delete, guarded) }

        // Open to everybody.
        private init(_ method: HTTPRequest.Method, open handler: @escaping Handler) {
            (self.method, access, self.handler) = (method, nil, handler)
        }
        static func get(_ handler: @escaping Handler) -> Operation { Operation(.get, open: handler) }
        static func post(_ handler: @escaping Handler) -> Operation { Operation(.post, open: handler) }
        static func delete(_ handler: @escaping Handler) -> Operation { Operation(.delete, open: handler) }
    }

    let router: Router<APIContext>
    /// Everything that was added.
    private(set) var entries: [Entry] = []
    /// Every operation, `OPTIONS` included, as `GET /6/streams/{stream_id}`.
    private(set) var operations: [String] = []

    init(router: Router<APIContext>) { self.router = router }

    func add(_ path: RouterPath, _ operations: Operation...) {
        let allow = (operations.map(\.method.rawValue) + ["OPTIONS"]).joined(separator: ", ")
        self.operations += (operations.map(\.method.rawValue) + ["OPTIONS"]).map { "\($0) \(path)" }
        for operation in operations {
            entries.append(Entry(method: operation.method, path: path.description, access: operation.access))
            router.on(path, method: operation.method, use: operation.handler)
        }
        router.on(path, method: .options) { _, _ in
            Response(
                status: .ok,
                headers: [
                    .allow: allow, .accessControlAllowHeaders: "*", .accessControlAllowMethods: "*",
                    .accessControlMaxAge: "86400",
                ])
        }
        let answered = Set(operations.map(\.method)).union([.options])
        for method in Self.methods.subtracting(answered) {
            router.on(path, method: method) { _, _ -> Response in throw APIError.methodNotAllowed(allow: allow) }
        }
    }

    /// Every method that the HTTP parser lets through.
    private static let methods = Set(
        [
            "GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "CONNECT", "TRACE", "COPY", "LOCK", "MKCOL", "MOVE",
            "PROPFIND", "PROPPATCH", "SEARCH", "UNLOCK", "BIND", "REBIND", "UNBIND", "ACL", "REPORT", "MKACTIVITY",
            "CHECKOUT", "MERGE", "M-SEARCH", "NOTIFY", "SUBSCRIBE", "UNSUBSCRIBE", "PURGE", "MKCALENDAR", "LINK",
            "UNLINK",
            "SOURCE", "QUERY", "PRI", "DESCRIBE", "ANNOUNCE", "SETUP", "PLAY", "PAUSE", "TEARDOWN", "GET_PARAMETER",
            "SET_PARAMETER", "REDIRECT", "RECORD", "FLUSH",
        ].compactMap(HTTPRequest.Method.init(rawValue:)))
}
