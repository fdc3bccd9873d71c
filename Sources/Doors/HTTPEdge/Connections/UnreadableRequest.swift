import HTTPTypes
import Hummingbird
import Logging
import NIOCore
import NIOHTTP1
import NIOHTTPTypes

extension Edge {
    /// The answer to bytes that are no HTTP, or more of it than a request line and headers may have. It is made below the
    /// responder and has all the same what all our answers have: the form of a door, a request id, CORS, and a line in the
    /// log.
    func answerToUnreadable(logger: Logger) -> Answer {
        let id = RequestID()
        var answer = doors.root.answer(to: .unreadable)
        answer.headers[.contentLength] = "\(answer.body.readableBytes)"
        answer.headers[.requestID] = id.description
        answer.headers[.accessControlAllowOrigin] = "*"
        logger.info(
            "Unreadable request",
            metadata: [HTTPLogKey.requestID: "\(id)", HTTPLogKey.status: "\(answer.status.code)"])
        metrics.record(nil, nil, answer.status, in: .zero)
        return answer
    }
}

/// Gives the answer to the 400 that the server sends of itself, without a body, when a later request of a connection cannot
/// be read. It is recognised by its lack of a request id, which every answer of the responder carries.
final class UnreadableRequest: ChannelOutboundHandler {
    typealias OutboundIn = HTTPResponsePart
    typealias OutboundOut = HTTPResponsePart

    private let edge: Edge
    private let logger: Logger
    init(_ edge: Edge, logger: Logger) { (self.edge, self.logger) = (edge, logger) }

    func write(context: ChannelHandlerContext, data: NIOAny, promise: EventLoopPromise<Void>?) {
        guard case .head(let head) = unwrapOutboundIn(data), head.status == .badRequest,
            head.headerFields[.requestID] == nil
        else { return context.write(data, promise: promise) }
        let answer = edge.answerToUnreadable(logger: logger)
        let full = HTTPResponse(status: answer.status, headerFields: answer.headers)
        context.write(wrapOutboundOut(.head(full)), promise: nil)
        context.write(wrapOutboundOut(.body(answer.body)), promise: promise)
    }
}

/// Refuses request lines and headers that never end, before they fill the memory.
///
/// Sits before the parser and counts bytes of which the parser has made nothing yet; `partWasRead()` starts anew.
final class HeadLimit: ChannelInboundHandler, RemovableChannelHandler {
    typealias InboundIn = ByteBuffer
    typealias InboundOut = ByteBuffer

    /// Bytes of a request line with all headers.
    static let limit = 64 << 10
    private var pending = 0

    func partWasRead() { pending = 0 }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        guard pending <= Self.limit else { return }  // refused; what still comes is let go
        pending += unwrapInboundIn(data).readableBytes
        context.fireChannelRead(data)  // what the parser makes of it is said before this returns
        if pending > Self.limit { context.fireErrorCaught(HTTPParserError.headerOverflow) }
    }
}
