public import HTTPTypes
public import Hummingbird
import NIOCore
import ServiceLifecycle

/// One event of a stream of server-sent events (WHATWG HTML, §9.2).
public struct ServerSentEvent: Hashable, Sendable {
    /// Where the client goes on when it comes back; `nil`: where it was before.
    public let id: String?
    /// One line.
    public let data: String
    public init(id: String? = nil, data: String) { (self.id, self.data) = (id, data) }

    var text: String { (id.map { "id: \($0)\n" } ?? "") + "data: \(data)\n\n" }
}

/// Why a stream of server-sent events ends before all is told.
public enum EventStreamEnd: Sendable {
    /// The client has left, or the server does.
    case left
    /// The client may be told nothing more.
    case refused
}

extension Response {
    /// How long a client waits before it comes back.
    private static let retry = Duration.seconds(1)

    /// An answer that goes on until `serve` returns. No proxy keeps any of it back or for others.
    /// - Parameters:
    ///   - refusal: returns true when the client may be told nothing more, false when it is cancelled.
    ///   - stop: called then, and when the client has left or the server shuts down; `serve` ought to return. A client that has not taken
    ///     within a moment what it was told before loses its connection.
    ///   - serve: is handed what sends an event, which waits while the client takes nothing and throws when it is gone.
    public static func events(
        to request: Request, in context: EdgeContext, refusal: @escaping @Sendable () async -> Bool,
        stop: @escaping @Sendable (EventStreamEnd) -> Void,
        serve: @escaping @Sendable ((ServerSentEvent) async throws -> Void) async -> Void
    ) -> Response {
        let body = ResponseBody { [channel = context.channel] writer in
            @Sendable func end(_ reason: EventStreamEnd) async {
                stop(reason)
                guard (try? await Task.sleep(for: WebSocketConnection.closePatience)) != nil else { return }
                channel.close(promise: nil)
            }
            try await request.body.consumeWithInboundCloseHandler { _ in
                try await withThrowingTaskGroup(of: Void.self) { group in
                    group.addTask { if (try? await gracefulShutdown()) != nil { await end(.left) } }
                    group.addTask { if await refusal() { await end(.refused) } }
                    defer { group.cancelAll() }
                    try await writer.write(ByteBuffer(string: "retry: \(Int(retry / .milliseconds(1)))\n\n"))
                    await serve { try await writer.write(ByteBuffer(string: $0.text)) }
                    try await writer.finish(nil)
                }
            } onInboundClosed: {
                stop(.left)
            }
        }
        return Response(
            status: .ok,
            headers: [
                .contentType: "text/event-stream", .cacheControl: "no-store", .connection: "close",
                .accelBuffering: "no",
            ], body: body)
    }
}

extension HTTPField.Name {
    /// Asks proxies to hand on what they get at once.
    fileprivate static let accelBuffering = HTTPField.Name("X-Accel-Buffering")!
    public static let lastEventID = HTTPField.Name("Last-Event-ID")!
}
