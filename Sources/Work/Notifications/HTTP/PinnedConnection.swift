import Glibc
import NIOCore
import NIOHTTP1
import NIOPosix
import NIOSSL
import Synchronization

/// A connection to an address that was checked, for one request after the other. The name is for TLS and the `Host` header alone.
struct PinnedConnection: Sendable {
    /// Why there is no answer.
    struct Failure: Error, CustomStringConvertible {
        let description: String
    }
    private let channel: any Channel

    /// Connects. A task that is cancelled waits no longer.
    /// - Parameter idleTime: unused, it is closed after so long.
    /// - Throws: `Failure`; `CancellationError`.
    init(to request: WebhookRequest, address: String, tls: NIOSSLContext, idleTime: Duration) async throws {
        let opening = Mutex<(any Channel)?>(nil)
        do {
            channel = try await withTaskCancellationHandler {
                try await ClientBootstrap(group: MultiThreadedEventLoopGroup.singleton)
                    .connectTimeout(.seconds(30))
                    .channelInitializer { channel in
                        opening.withLock { $0 = channel }
                        return channel.eventLoop.makeCompletedFuture {
                            let pipeline = channel.pipeline.syncOperations
                            if request.isSecure {
                                let isNumeric = (try? SocketAddress(ipAddress: request.host, port: 0)) != nil
                                try pipeline.addHandler(
                                    NIOSSLClientHandler(
                                        context: tls, serverHostname: isNumeric ? nil : request.host))
                            }
                            try pipeline.addHTTPClientHandlers()
                            try pipeline.addHandler(ExchangeHandler(idleTime: TimeAmount(idleTime)))
                        }
                    }
                    .connect(to: SocketAddress(ipAddress: address, port: request.port)).get()
            } onCancel: {
                opening.withLock { $0 }?.close(promise: nil)
            }
        } catch {
            try Task.checkCancellation()
            throw Failure(description: Self.sentence(error))
        }
    }

    var isOpen: Bool { channel.isActive }
    func close() { channel.close(promise: nil) }

    /// One request and its answer; none other may be under way.
    /// - Parameter onHead: told the answer's head as soon as it is there; what follows changes nothing.
    /// - Returns: the head, and whether the connection may be used again.
    /// - Throws: `Failure`; `CancellationError`, after which the connection is closed.
    func exchange(
        _ request: WebhookRequest, onHead: @escaping @Sendable (HTTPHeadOfAnswer) -> Void
    ) async throws -> (head: HTTPHeadOfAnswer, isReusable: Bool) {
        let answer = channel.eventLoop.makePromise(of: Exchange.Answer.self)
        do {
            return try await withTaskCancellationHandler {
                channel.writeAndFlush(Exchange(request: request, onHead: onHead, answer: answer)).whenFailure {
                    answer.fail($0)  // also where the connection is closed already
                }
                return try await answer.futureResult.get()
            } onCancel: {
                channel.close(promise: nil)
            }
        } catch {
            try Task.checkCancellation()
            throw Failure(description: (error as? Silence)?.description ?? Self.sentence(error))
        }
    }

    private static func sentence(_ error: any Error) -> String {
        switch error {
        case let error as IOError: "The receiver cannot be reached: \(String(cString: strerror(error.errnoCode)))"
        case let error as NIOConnectionError:
            "The receiver cannot be connected to: \(error.connectionErrors.first.map { "\($0.error)" } ?? "no answer")"
        case is ChannelError: "The receiver cannot be connected to in time, or closed the connection"
        case let error as NIOSSLError: "TLS with the receiver failed: \(error)"
        case let error as NIOSSLExtraError: "TLS with the receiver failed: \(error.description)"
        default: "The receiver gave no answer that is HTTP"
        }
    }
}

/// The other side ended without an answer.
private struct Silence: Error { let description = "The receiver closed the connection without an answer" }

private struct Exchange: Sendable {
    typealias Answer = (head: HTTPHeadOfAnswer, isReusable: Bool)
    let request: WebhookRequest
    let onHead: @Sendable (HTTPHeadOfAnswer) -> Void
    let answer: EventLoopPromise<Answer>
}

/// Writes requests, and fulfils their promises. Between two of them it closes the connection after a while, and when anything comes.
private final class ExchangeHandler: ChannelDuplexHandler {
    typealias InboundIn = HTTPClientResponsePart
    typealias OutboundIn = Exchange
    typealias OutboundOut = HTTPClientRequestPart

    /// Bytes of an answer's body that are waited for, so that its sender is not cut off in the middle of a sentence.
    private static let bodyLimit = 64 << 10

    private var current: Exchange?
    private var head: (known: HTTPHeadOfAnswer, isKeepAlive: Bool)?
    private var bytes = 0
    private var idle: Scheduled<Void>?
    private let idleTime: TimeAmount

    init(idleTime: TimeAmount) { self.idleTime = idleTime }

    func write(context: ChannelHandlerContext, data: NIOAny, promise: EventLoopPromise<Void>?) {
        let exchange = unwrapOutboundIn(data)
        guard current == nil, context.channel.isActive else {
            promise?.fail(ChannelError.ioOnClosedChannel)
            return exchange.answer.fail(Silence())
        }
        idle?.cancel()
        (current, head, bytes) = (exchange, nil, 0)
        let request = exchange.request
        let fields = HTTPRequestHead(
            version: .http1_1, method: .POST, uri: request.target,
            headers: HTTPHeaders(request.headers.map { ($0.name, $0.value) }))
        context.write(wrapOutboundOut(.head(fields)), promise: nil)
        context.write(wrapOutboundOut(.body(.byteBuffer(ByteBuffer(bytes: request.body)))), promise: nil)
        context.write(wrapOutboundOut(.end(nil)), promise: promise)
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        guard let current else { return context.close(promise: nil) }
        switch unwrapInboundIn(data) {
        case .head(let fields):
            let known = HTTPHeadOfAnswer(
                status: Int(fields.status.code), retryAfter: fields.headers.first(name: "Retry-After"))
            head = (known, fields.isKeepAlive)
            current.onHead(known)
        case .body(let part):
            bytes += part.readableBytes
            if bytes > Self.bodyLimit { end(context, isReusable: false) }
        case .end: end(context, isReusable: head?.isKeepAlive ?? false)
        }
    }
    func channelInactive(context: ChannelHandlerContext) {
        fail(Silence(), context)
        context.fireChannelInactive()
    }
    func errorCaught(context: ChannelHandlerContext, error: any Error) { fail(error, context) }

    /// What is known of the answer counts, whatever became of the rest.
    private func fail(_ error: any Error, _ context: ChannelHandlerContext) {
        guard head == nil else { return end(context, isReusable: false) }
        current?.answer.fail(error)
        current = nil
        close(context)
    }
    private func end(_ context: ChannelHandlerContext, isReusable: Bool) {
        if let current, let head { current.answer.succeed((head.known, isReusable)) }
        (current, head) = (nil, nil)
        guard isReusable else { return close(context) }
        let channel = context.channel
        idle = context.eventLoop.scheduleTask(in: idleTime) { channel.close(promise: nil) }
    }
    private func close(_ context: ChannelHandlerContext) {
        idle?.cancel()
        context.close(promise: nil)
    }
}
