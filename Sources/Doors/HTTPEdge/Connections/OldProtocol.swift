import NIOCore
import NIOHTTP1

/// Answers clients of HTTP/1.0 in their own version. They know no chunks (RFC 9112 §6.1), so the connection ends with the answer, which
/// shows where an answer ends that does not say its length.
final class OldProtocol: ChannelDuplexHandler {
    typealias InboundIn = HTTPServerRequestPart
    typealias InboundOut = HTTPServerRequestPart
    typealias OutboundIn = HTTPServerResponsePart
    typealias OutboundOut = HTTPServerResponsePart

    /// For each request that has no answer yet, whether its client is such a one.
    private var isOld: [Bool] = []

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        guard case .head(var head) = unwrapInboundIn(data) else { return context.fireChannelRead(data) }
        isOld.append(head.version == .http1_0)
        if head.version == .http1_0 { head.headers.replaceOrAdd(name: "connection", value: "close") }
        context.fireChannelRead(wrapInboundOut(.head(head)))
    }

    func write(context: ChannelHandlerContext, data: NIOAny, promise: EventLoopPromise<Void>?) {
        guard case .head(var head) = unwrapOutboundIn(data), head.status.code >= 200, !isOld.isEmpty else {
            return context.write(data, promise: promise)
        }
        if isOld.removeFirst() { head.version = .http1_0 }
        context.write(wrapOutboundOut(.head(head)), promise: promise)
    }
}
