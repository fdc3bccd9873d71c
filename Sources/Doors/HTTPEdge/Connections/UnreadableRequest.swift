import HTTPTypes
import Hummingbird
import NIOCore
import NIOHTTPTypes

/// Gives the answer to the 400 that the server sends of itself, without a body, when a later request of a connection cannot
/// be read. It is recognised by its lack of a request id, which every answer of the responder carries.
final class UnreadableRequest: ChannelOutboundHandler {
    typealias OutboundIn = HTTPResponsePart
    typealias OutboundOut = HTTPResponsePart

    private let edge: Edge
    init(_ edge: Edge) { self.edge = edge }

    func write(context: ChannelHandlerContext, data: NIOAny, promise: EventLoopPromise<Void>?) {
        guard case .head(let head) = unwrapOutboundIn(data), head.status == .badRequest,
            head.headerFields[.requestID] == nil
        else { return context.write(data, promise: promise) }
        let answer = edge.answerToUnreadable()
        let full = HTTPResponse(status: answer.status, headerFields: answer.headers)
        context.write(wrapOutboundOut(.head(full)), promise: nil)
        context.write(wrapOutboundOut(.body(answer.body)), promise: promise)
    }
}
