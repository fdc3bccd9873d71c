import HTTPTypes
import Hummingbird

/// What a door has at one path, whoever its callers are.
struct Resource: Sendable {
    struct Operation: Sendable {
        let method: HTTPRequest.Method
        let body: BodyKind
        let handle: @Sendable (Request, EdgeContext) async throws -> Response
    }
    /// `/6/streams/{stream_id}`
    let path: String
    let operations: [Operation]
    /// Opens a WebSocket, or throws why not; `nil` where there is none.
    let open: (@Sendable (Request, EdgeContext) async throws -> WebSocketSession)?

    /// Its methods, as the header of that name lists them.
    var allow: String { (operations.map(\.method.rawValue) + ["OPTIONS"]).joined(separator: ", ") }

    /// Every resource answers OPTIONS, and a method that it does not have with 405.
    func answer(_ request: Request, _ context: EdgeContext) async throws -> Response {
        if request.method == .options { return Response(status: .ok, headers: [.allow: allow]) }
        guard let operation = operations.first(where: { $0.method == request.method }) else {
            throw Refusal.methodNotAllowed(allow: allow)
        }
        var context = context
        context.body = operation.body
        context.path = parameters(in: request.uri.path[...])
        return try await operation.handle(request, context)
    }

    /// Values of the parameters of the resource's path, by name.
    func parameters(in path: Substring) -> [Substring: Substring] {
        var parameters: [Substring: Substring] = [:]
        for (name, value) in zip(self.path.split(separator: "/"), path.split(separator: "/")) where name.isParameter {
            parameters[name.dropFirst().dropLast()] = value
        }
        return parameters
    }
    /// Whether `path`, which leads here, has as many components as the resource's own path when empty ones count too.
    func isSpelled(_ path: Substring) -> Bool {
        path.first == "/" && path.count { $0 == "/" } == self.path.count { $0 == "/" }
    }
}
