import NIOCore
import NIOHTTP1
import NIOSSL

/// One request on its way over a connection.
struct Exchange: Sendable {
    typealias Answer = (head: HTTPHeadOfAnswer, body: [UInt8], isReusable: Bool)
    let request: OutgoingRequest
    let onHead: @Sendable (HTTPHeadOfAnswer) -> Void
    /// Fails with a `Loss`.
    let answer: EventLoopPromise<Answer>
}

/// Why an exchange has no answer.
struct Loss: Error {
    let error: any Error
    /// Whether the connection was closed, and not by this side while the exchange lasted, before anything of the answer came.
    let isUnanswered: Bool
}

/// The answer has more bytes than are taken.
struct AnswerTooLong: Error {}

/// The other side ended without an answer.
struct Silence: Error { let description = "The receiver closed the connection without an answer" }

/// Writes requests, and fulfils their promises. Between two of them it closes the connection after a while, and when anything comes.
///
/// An exchange that it has taken is never cut off by the end of that while: both are decided on the event loop, by `exchanges`.
final class ExchangeHandler: ChannelDuplexHandler {
    typealias InboundIn = HTTPClientResponsePart
    typealias OutboundIn = Exchange
    typealias OutboundOut = HTTPClientRequestPart

    /// Bytes of an answer's body that are waited for, so that its sender is not cut off in the middle of a sentence.
    private static let bodyLimit = 64 << 10

    private var current: Exchange?
    /// Those that were taken so far.
    private var exchanges = 0
    private var head: (known: HTTPHeadOfAnswer, isKeepAlive: Bool)?
    private var bytes = 0
    /// Of the answer, where its body is wanted.
    private var body: [UInt8] = []
    private var idle: Scheduled<Void>?
    private let arrivals: Arrivals
    private let idleTime: TimeAmount

    private init(arrivals: Arrivals, idleTime: TimeAmount) { (self.arrivals, self.idleTime) = (arrivals, idleTime) }

    /// Adds what speaks HTTP to what carries bytes.
    static func add(to pipeline: ChannelPipeline.SynchronousOperations, idleTime: TimeAmount) throws {
        let arrivals = Arrivals()
        try pipeline.addHandler(arrivals)
        try pipeline.addHTTPClientHandlers()
        try pipeline.addHandler(ExchangeHandler(arrivals: arrivals, idleTime: idleTime))
    }

    /// - Parameter promise: kept when the exchange is taken, whose own promise hears of all that follows.
    func write(context: ChannelHandlerContext, data: NIOAny, promise: EventLoopPromise<Void>?) {
        guard current == nil, context.channel.isActive else {
            promise?.fail(ChannelError.ioOnClosedChannel)
            return
        }
        let exchange = unwrapOutboundIn(data)
        idle?.cancel()
        exchanges += 1
        (current, head, bytes, body, arrivals.hasAny) = (exchange, nil, 0, [], false)
        promise?.succeed()
        let request = exchange.request
        let fields = HTTPRequestHead(
            version: .http1_1, method: HTTPMethod(rawValue: request.method), uri: request.target,
            headers: HTTPHeaders(request.headers.map { ($0.name, $0.value) }))
        context.write(wrapOutboundOut(.head(fields)), promise: nil)
        if !request.body.isEmpty {
            context.write(wrapOutboundOut(.body(.byteBuffer(ByteBuffer(bytes: request.body)))), promise: nil)
        }
        context.write(wrapOutboundOut(.end(nil)), promise: nil)
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        guard let current else { return context.close(promise: nil) }
        switch unwrapInboundIn(data) {
        case .head(let fields):
            let known = HTTPHeadOfAnswer(status: Int(fields.status.code), headers: fields.headers)
            head = (known, fields.isKeepAlive)
            current.onHead(known)
        case .body(let part):
            bytes += part.readableBytes
            if let limit = current.request.answerLimit {
                guard bytes <= limit else { return lose(AnswerTooLong(), context) }
                body += part.readableBytesView
            } else if bytes > Self.bodyLimit {
                end(context, isReusable: false)
            }
        case .end: end(context, isReusable: head?.isKeepAlive ?? false)
        }
    }
    func channelInactive(context: ChannelHandlerContext) {
        idle?.cancel()
        fail(Silence(), context)
        context.fireChannelInactive()
    }
    func errorCaught(context: ChannelHandlerContext, error: any Error) { fail(error, context) }

    /// What is known of the answer counts, whatever became of the rest, unless the rest is what is wanted.
    private func fail(_ error: any Error, _ context: ChannelHandlerContext) {
        guard head == nil || current?.request.answerLimit != nil else { return end(context, isReusable: false) }
        lose(error, context)
    }
    private func lose(_ error: any Error, _ context: ChannelHandlerContext) {
        current?.answer.fail(Loss(error: error, isUnanswered: Self.isEnd(error) && !arrivals.hasAny))
        current = nil
        context.close(promise: nil)
    }
    /// Whether it says that the connection is closed.
    private static func isEnd(_ error: any Error) -> Bool {
        if let error = error as? NIOSSLError, case .uncleanShutdown = error { return true }
        return error is Silence || error is IOError || error is ChannelError
    }
    private func end(_ context: ChannelHandlerContext, isReusable: Bool) {
        if let current, let head { current.answer.succeed((head.known, body, isReusable)) }
        (current, head, body) = (nil, nil, [])
        guard isReusable else { return context.close(promise: nil) }
        // A task that is about to run can no longer be cancelled; so it looks whether it is still wanted.
        let count = exchanges
        idle = context.eventLoop.assumeIsolated().scheduleTask(in: idleTime) {
            if self.exchanges == count { context.close(promise: nil) }
        }
    }
}

/// Sees whether anything came.
private final class Arrivals: ChannelInboundHandler {
    typealias InboundIn = ByteBuffer
    var hasAny = false
    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        hasAny = true
        context.fireChannelRead(data)
    }
}
