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

extension Response {
    /// How long a client waits before it comes back.
    private static let retry = Duration.seconds(1)

    /// An answer that goes on until `serve` returns. No proxy keeps any of it back or for others.
    /// - Parameters:
    ///   - onLeave: called when the client has left or the server shuts down; `serve` ought to return then.
    ///   - serve: is handed what sends an event, which waits while the client takes nothing and throws when it is gone.
    public static func events(
        to request: Request, onLeave: @escaping @Sendable () -> Void,
        serve: @escaping @Sendable ((ServerSentEvent) async throws -> Void) async -> Void
    ) -> Response {
        let body = ResponseBody { writer in
            try await writer.write(ByteBuffer(string: "retry: \(Int(retry / .milliseconds(1)))\n\n"))
            try await request.body.consumeWithInboundCloseHandler { _ in
                await withTaskGroup(of: Void.self) { group in
                    group.addTask { if (try? await gracefulShutdown()) != nil { onLeave() } }
                    await serve { try await writer.write(ByteBuffer(string: $0.text)) }
                    group.cancelAll()
                }
            } onInboundClosed: {
                onLeave()
            }
            try await writer.finish(nil)
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
