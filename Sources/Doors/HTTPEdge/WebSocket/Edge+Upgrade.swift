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
    /// `nil`: nothing is compressed.
    let deflate: DeflateParameters?
}

extension Edge {
    /// Decides about an upgrade.
    /// - Returns: `nil` when nobody can be asked. All but an accepted one go on as plain requests, which are answered with
    ///   the failure.
    func open(
        _ head: HTTPRequestHead, on channel: any Channel, logger: Logger
    ) async -> Result<AcceptedUpgrade, any Error>? {
        let start = ContinuousClock.now
        guard let resource = doors.resource(named: head.uri), let open = resource.open,
            let head = try? HTTPRequest(head, secure: identity != nil, splitCookie: false)
        else { return nil }
        let request = Request(head: head, body: RequestBody(buffer: ByteBuffer()))
        var context = EdgeContext(source: ApplicationRequestContextSource(channel: channel, logger: logger))
        context.begin(request, listener)
        context.path = resource.parameters(in: request.uri.path[...])
        do {
            let session = try await open(request, context)
            metrics.record(.get, resource.path, .switchingProtocols, in: ContinuousClock.now - start)
            let deflate = DeflateParameters.accepted(of: head.headerFields[values: .secWebSocketExtensions])
            var fields: HTTPFields = [.requestID: context.requestID.description]
            listener.addCrossOrigin(to: &fields, for: request.headers[.origin])
            var headers = HTTPHeaders(fields.map { ($0.name.rawName, $0.value) })
            if let deflate { headers.add(name: "Sec-WebSocket-Extensions", value: deflate.answer) }
            return .success(AcceptedUpgrade(headers: headers, session: session, deflate: deflate))
        } catch {
            return .failure(error)
        }
    }
}
