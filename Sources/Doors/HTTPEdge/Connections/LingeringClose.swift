import HTTPTypes
import NIOCore
import NIOHTTPTypes

/// Ends a connection after an answer that says `Connection: close`, or whose request did, in such a way that the client gets
/// the answer.
///
/// A server that closes while the client is still sending makes the kernel answer with a reset, which destroys what the
/// client has not read yet: it would never see the 413 to its long body. So only our direction is closed first, and what
/// still comes is thrown away for a while. Source: RFC 9112 §9.6.
final class LingeringClose: ChannelDuplexHandler {
    typealias InboundIn = HTTPRequestPart
    typealias InboundOut = HTTPRequestPart
    typealias OutboundIn = HTTPResponsePart
    typealias OutboundOut = HTTPResponsePart

    /// How long a client may go on sending what nobody reads.
    static let patience = TimeAmount.seconds(30)

    private let guardian: ConnectionGuard
    /// For each request that has no answer yet, whether it was to be the last.
    private var isLast: [Bool] = []
    private var closesAfterAnswer = false
    private var isLingering = false
    private var giveUp: Scheduled<Void>?

    /// - Parameter guardian: is told of each answer.
    init(_ guardian: ConnectionGuard) { self.guardian = guardian }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        guard !isLingering else { return }
        if case .head(let head) = unwrapInboundIn(data) { isLast.append(head.headerFields.saysClose) }
        context.fireChannelRead(data)
    }
    func channelReadComplete(context: ChannelHandlerContext) {
        // Whoever reads behind us has stopped asking for more.
        if isLingering { context.read() }
        context.fireChannelReadComplete()
    }

    func write(context: ChannelHandlerContext, data: NIOAny, promise: EventLoopPromise<Void>?) {
        switch unwrapOutboundIn(data) {
        case .head(var head) where head.status.kind != .informational:
            let isRequestLast = isLast.isEmpty ? false : isLast.removeFirst()
            closesAfterAnswer = isRequestLast || head.headerFields.saysClose
            if closesAfterAnswer, !head.headerFields.saysClose { head.headerFields[.connection] = "close" }
            // RFC 9110 §8.6: no length where there cannot be content.
            if head.status == .noContent { head.headerFields[.contentLength] = nil }
            context.write(wrapOutboundOut(.head(head)), promise: promise)
        case .end where closesAfterAnswer:
            context.writeAndFlush(data, promise: promise)
            linger(context: context)
            guardian.answerWasWritten()
        case .end:
            context.write(data, promise: promise)
            guardian.answerWasWritten()
        default: context.write(data, promise: promise)
        }
    }

    private func linger(context: ChannelHandlerContext) {
        isLingering = true
        context.close(mode: .output, promise: nil)
        let bound = NIOLoopBound(context, eventLoop: context.eventLoop)
        giveUp = context.eventLoop.scheduleTask(in: Self.patience) { bound.value.close(promise: nil) }
        context.read()
    }
    func userInboundEventTriggered(context: ChannelHandlerContext, event: Any) {
        if isLingering, event as? ChannelEvent == .inputClosed || event is ChannelShouldQuiesceEvent {
            context.close(promise: nil)
        }
        context.fireUserInboundEventTriggered(event)
    }
    func handlerRemoved(context: ChannelHandlerContext) { giveUp?.cancel() }
}

extension HTTPFields {
    fileprivate var saysClose: Bool {
        self[values: .connection].contains { value in
            value.split(separator: ",").contains {
                $0.drop { $0 == " " }.prefix { $0 != " " }.lowercased() == "close"
            }
        }
    }
}
