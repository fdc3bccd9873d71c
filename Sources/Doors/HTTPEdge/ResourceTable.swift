import HTTPTypes
public import Hummingbird

/// The resources of a door, by path: what each answers, whom it answers, and that it answers nothing else.
///
/// Paths are whole, the door's prefix included, and written as in the API's own document: `/6/streams/{stream_id}`.
public final class ResourceTable<Gate: Gatekeeper> {
    public typealias Call = HTTPEdge.Call<Gate.Caller>
    public typealias OpenCall = HTTPEdge.Call<Anybody>
    public typealias Handler = @Sendable (Call) async throws -> Response
    public typealias OpenHandler = @Sendable (OpenCall) async throws -> Response

    private let gate: Gate
    private(set) var entries: [Door.Entry] = []
    private(set) var resources = PathTree<Resource>()
    /// Of the bodies whose operation declares one.
    private(set) var limits: [Int] = []

    public init(_ gate: Gate) { self.gate = gate }

    public func add(_ path: String, _ operations: Operation...) { add(path, operations, open: nil) }

    /// A WebSocket. Who asks for it in any other way than by an upgrade is told so, after everything else that is wrong.
    /// - Parameter open: what is to be done with an accepted call; throws when there is nothing to open.
    public func socket(
        _ path: String, _ access: Gate.Access,
        open: @escaping @Sendable (Call) async throws -> WebSocketSession
    ) {
        let refuse = Operation.get(access) { call in
            let refusal = await call.context.upgradeRefusal()
            if let refusal, refusal as? Refusal != .badHandshake { throw refusal }
            _ = try await open(call)
            throw refusal ?? Refusal.notAnUpgrade
        }
        add(path, [refuse]) { [gate] request, context in
            try await open(gate.admit(request, context, to: access))
        }
    }

    private func add(
        _ path: String, _ operations: [Operation],
        open: (@Sendable (Request, EdgeContext) async throws -> WebSocketSession)?
    ) {
        entries += operations.map { Door.Entry(method: $0.method, path: path, access: $0.access) }
        limits += operations.compactMap(\.body.limit)
        let bound = operations.map { [gate] operation in
            Resource.Operation(method: operation.method, body: operation.body) { request, context in
                try await operation.handle(gate, request, context)
            }
        }
        resources.add(Resource(path: path, operations: bound, open: open), at: path)
    }
}

extension Gatekeeper {
    fileprivate func admit(
        _ request: Request, _ context: EdgeContext, to access: Access
    ) async throws -> Call<Caller> {
        let caller = try await caller(request.head, in: context, for: access)
        return Call(caller: caller, request: request, context: context)
    }
}

extension ResourceTable {
    /// One method of one resource.
    public struct Operation: Sendable {
        let method: HTTPRequest.Method
        /// `nil`: open to everybody.
        let access: Gate.Access?
        let body: BodyKind
        let handle: @Sendable (Gate, Request, EdgeContext) async throws -> Response

        private init(
            _ method: HTTPRequest.Method, _ access: Gate.Access, _ body: BodyKind, _ handler: @escaping Handler
        ) {
            (self.method, self.access, self.body) = (method, access, body)
            handle = { gate, request, context in try await handler(gate.admit(request, context, to: access)) }
        }
        public static func get(_ access: Gate.Access, _ handler: @escaping Handler) -> Operation {
            Operation(.get, access, .none, handler)
        }
        public static func head(_ access: Gate.Access, _ handler: @escaping Handler) -> Operation {
            Operation(.head, access, .none, handler)
        }
        public static func post(
            _ access: Gate.Access, body: BodyKind = .none, _ handler: @escaping Handler
        ) -> Operation {
            Operation(.post, access, body, handler)
        }
        public static func put(
            _ access: Gate.Access, body: BodyKind = .none, _ handler: @escaping Handler
        ) -> Operation {
            Operation(.put, access, body, handler)
        }
        public static func patch(
            _ access: Gate.Access, body: BodyKind = .none, _ handler: @escaping Handler
        ) -> Operation {
            Operation(.patch, access, body, handler)
        }
        public static func delete(
            _ access: Gate.Access, body: BodyKind = .none, _ handler: @escaping Handler
        ) -> Operation {
            Operation(.delete, access, body, handler)
        }

        // Open to everybody.
        private init(_ method: HTTPRequest.Method, _ body: BodyKind, open handler: @escaping OpenHandler) {
            (self.method, access, self.body) = (method, nil, body)
            handle = { _, request, context in
                try await handler(OpenCall(caller: Anybody(), request: request, context: context))
            }
        }
        public static func get(_ handler: @escaping OpenHandler) -> Operation {
            Operation(.get, .none, open: handler)
        }
        public static func head(_ handler: @escaping OpenHandler) -> Operation {
            Operation(.head, .none, open: handler)
        }
        public static func put(body: BodyKind = .none, _ handler: @escaping OpenHandler) -> Operation {
            Operation(.put, body, open: handler)
        }
        public static func post(body: BodyKind = .none, _ handler: @escaping OpenHandler) -> Operation {
            Operation(.post, body, open: handler)
        }
        public static func delete(_ handler: @escaping OpenHandler) -> Operation {
            Operation(.delete, .none, open: handler)
        }
    }
}
