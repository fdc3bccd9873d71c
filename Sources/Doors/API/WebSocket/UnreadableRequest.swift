import HTTPTypes
import Hummingbird
import JSON
import Logging
import NIOCore
import NIOHTTP1
import NIOHTTPTypes

/// The answer to bytes that are no HTTP, or more of it than a request line and headers may have. It is made below the
/// router and has all the same what all our answers have: an error object, a request id, CORS, and a line in the log.
struct UnreadableAnswer {
    let headers: HTTPFields
    let body: ByteBuffer

    /// - Parameter count: told of each such answer.
    init(logger: Logger, count: (HTTPResponse.Status) -> Void) {
        let (id, error) = (RequestID(), APIError.notHTTP)
        body = ByteBuffer(bytes: error.body.data)
        var headers = error.headers
        headers[.contentType] = "application/json"
        headers[.contentLength] = "\(body.readableBytes)"
        headers[.requestID] = id.description
        headers[.accessControlAllowOrigin] = "*"
        self.headers = headers
        logger.info(
            "Unreadable request", metadata: [LogKey.requestID: "\(id)", LogKey.status: "\(error.status.code)"])
        count(error.status)
    }
}

/// Gives the answer to the 400 that the server sends of itself, without a body, when a later request of a connection cannot
/// be read. It is recognised by its lack of a request id, which every answer of the router carries.
final class UnreadableRequest: ChannelOutboundHandler {
    typealias OutboundIn = HTTPResponsePart
    typealias OutboundOut = HTTPResponsePart

    private let logger: Logger
    private let count: @Sendable (HTTPResponse.Status) -> Void
    init(logger: Logger, count: @escaping @Sendable (HTTPResponse.Status) -> Void) {
        (self.logger, self.count) = (logger, count)
    }

    func write(context: ChannelHandlerContext, data: NIOAny, promise: EventLoopPromise<Void>?) {
        guard case .head(let head) = unwrapOutboundIn(data), head.status == .badRequest,
            head.headerFields[.requestID] == nil
        else { return context.write(data, promise: promise) }
        let answer = UnreadableAnswer(logger: logger, count: count)
        let full = HTTPResponse(status: .badRequest, headerFields: answer.headers)
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
