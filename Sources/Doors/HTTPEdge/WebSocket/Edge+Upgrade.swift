import HTTPTypes
import Hummingbird
import Logging
import NIOCore
import NIOHTTP1
import NIOHTTPTypesHTTP1

/// An upgrade that is let through.
struct AcceptedUpgrade: Sendable {
    /// Added to the 101 answer.
    let headers: HTTPHeaders
    let session: WebSocketSession
}

extension Edge {
    /// Decides about an upgrade; `nil` lets it go on as a plain request, which is then refused with its error.
    func open(_ head: HTTPRequestHead, on channel: any Channel, logger: Logger) async -> AcceptedUpgrade? {
        let start = ContinuousClock.now
        guard let resource = doors.resource(named: head.uri), let open = resource.open,
            let head = try? HTTPRequest(head, secure: false, splitCookie: false)
        else { return nil }
        let request = Request(head: head, body: RequestBody(buffer: ByteBuffer()))
        var context = EdgeContext(source: ApplicationRequestContextSource(channel: channel, logger: logger))
        context.begin(request, listener)
        context.path = resource.parameters(in: request.uri.path[...])
        guard let session = try? await open(request, context) else { return nil }
        metrics.record(.get, resource.path, .switchingProtocols, in: ContinuousClock.now - start)
        return AcceptedUpgrade(
            headers: [
                HTTPField.Name.requestID.rawName: context.requestID.description, "Access-Control-Allow-Origin": "*",
            ],
            session: session)
    }
}
