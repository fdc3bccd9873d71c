import HTTPTypes
import NIOCore
import NIOHTTP1

/// Holds one connection to the time and the bytes that it may take, and has the last word where it is turned away.
///
/// It sits between the socket and all other handlers, from the first byte to the last, also of a WebSocket. It sees bytes; the
/// others tell it what these were. A head has a deadline, however its bytes drip; a connection between two requests has another;
/// a client that takes nothing of an answer is given up. A body that somebody waits for has its own, in `Call.body()`.
final class ConnectionGuard: ChannelDuplexHandler {
    typealias InboundIn = ByteBuffer
    typealias InboundOut = ByteBuffer
    typealias OutboundIn = IOData
    typealias OutboundOut = ByteBuffer

    /// Bytes of a request line with all headers.
    static let headLimit = 64 << 10
    /// Bytes that a client must take of an answer within `writeTimeout`, when more of it waits.
    private static let leastTaken: UInt64 = 32 << 10

    private enum Phase {
        /// Before the first request, and in the midst of a head.
        case head
        /// Between two requests.
        case idle
        case body
        /// All is there that was asked; what comes is the next request.
        case work
        case webSocket
        /// A WebSocket that has said its last word and waits for the client's.
        case farewell
        /// The last word is said; what still comes is thrown away until the client has read it.
        case ended
    }
    private var phase = Phase.head
    /// Bytes of which the parser has made nothing yet.
    private var pending = 0
    /// Requests that have no whole answer.
    private var unanswered = 0
    /// Something was written since the latest head.
    private var hasAnswerBegun = false
    private var isQuiescing = false

    /// What is waited for must be there by then.
    private var deadline: NIODeadline?
    /// Looks at `deadline`, which may have moved on by then.
    private var alarm: Scheduled<Void>?
    private var alarmTime = NIODeadline.distantFuture
    private var stall: Scheduled<Void>?

    private let edge: Edge
    /// `nil`: refused, and told so as soon as it can be.
    private let seat: Seat?
    private var context: ChannelHandlerContext?

    init(_ edge: Edge, seat: Seat?) { (self.edge, self.seat) = (edge, seat) }

    func handlerAdded(context: ChannelHandlerContext) {
        self.context = context
        wait(edge.listener.headTimeout)
    }
    func handlerRemoved(context: ChannelHandlerContext) {
        alarm?.cancel()
        stall?.cancel()
        self.context = nil
    }
    func channelActive(context: ChannelHandlerContext) {
        if seat == nil { end(with: edge.answerToTooMany()) } else { context.fireChannelActive() }
    }

    func channelInactive(context: ChannelHandlerContext) {
        phase = .ended  // the parser will find that what it has is no whole head
        context.fireChannelInactive()
    }

    // MARK: What is told by those who know

    /// The parser has made something of the bytes so far.
    func partWasRead() {
        pending = 0
        // Of a body: whoever sends keeps nobody waiting.
        if phase == .body, unanswered == 1 { seat?.waits() }
    }
    func headWasRead() {
        unanswered += 1
        (phase, deadline, hasAnswerBegun) = (.body, nil, false)
        if unanswered == 1 { seat?.waits() }
    }
    func requestWasRead() {
        guard phase == .body else { return }
        phase = .work
        if unanswered == 0 { waitForRequest() } else { seat?.works() }
    }
    func answerWasWritten() {
        unanswered = max(0, unanswered - 1)
        guard unanswered == 0, phase == .body || phase == .work else { return }
        if isQuiescing { return closeAfterFlush() }
        if phase == .work { return waitForRequest() }
        // The rest of a body that nobody reads.
        seat?.waits()
        wait(Duration(LingeringClose.patience))
    }
    func becameWebSocket() {
        (phase, deadline) = (.webSocket, nil)
        seat?.works()
    }

    func triggerUserOutboundEvent(context: ChannelHandlerContext, event: Any, promise: EventLoopPromise<Void>?) {
        guard event is WebSocketConnection.Farewell else {
            return context.triggerUserOutboundEvent(event, promise: promise)
        }
        if phase == .webSocket { phase = .farewell }
        seat?.waits()
        promise?.succeed()
    }

    private func waitForRequest() {
        seat?.waits()
        phase = pending > 0 ? .head : .idle
        wait(phase == .head ? edge.listener.headTimeout : edge.listener.idleTimeout)
    }

    // MARK: Bytes

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        switch phase {
        case .ended: return
        case .webSocket, .farewell: return context.fireChannelRead(data)
        default: break
        }
        guard pending <= Self.headLimit else { return }  // refused; what still comes is let go
        pending += unwrapInboundIn(data).readableBytes
        context.fireChannelRead(data)  // what the parser makes of it is said before this returns
        if phase == .idle, pending > 0 { waitForRequest() }
        if pending > Self.headLimit { context.fireErrorCaught(HTTPParserError.headerOverflow) }
    }
    func channelReadComplete(context: ChannelHandlerContext) {
        // Whoever reads behind us may have stopped asking for more.
        if phase == .ended { context.read() }
        context.fireChannelReadComplete()
    }
    func write(context: ChannelHandlerContext, data: NIOAny, promise: EventLoopPromise<Void>?) {
        guard phase != .ended else {
            promise?.fail(ChannelError.ioOnClosedChannel)
            return
        }
        hasAnswerBegun = true
        context.write(data, promise: promise)
    }

    func channelWritabilityChanged(context: ChannelHandlerContext) {
        stall?.cancel()
        stall = nil
        if !context.channel.isWritable {
            seat?.waits()
            watchForStall(SystemBuffer.taken(from: context.channel))
        } else if phase == .work || phase == .webSocket {
            seat?.works()
        }
        context.fireChannelWritabilityChanged()
    }
    private func watchForStall(_ before: UInt64) {
        guard let context else { return }
        let bound = NIOLoopBound(self, eventLoop: context.eventLoop)
        stall = context.eventLoop.scheduleTask(in: TimeAmount(edge.listener.writeTimeout)) {
            bound.value.lookForStall(before)
        }
    }
    private func lookForStall(_ before: UInt64) {
        guard let context else { return }
        let taken = SystemBuffer.taken(from: context.channel)
        guard taken < before + Self.leastTaken else { return watchForStall(taken) }
        edge.metrics.limits.count(.writeTime)
        context.close(promise: nil)
    }

    // MARK: Time

    private func wait(_ time: Duration) {
        guard let context else { return }
        let deadline = NIODeadline.now() + TimeAmount(time)
        self.deadline = deadline
        guard alarm == nil || alarmTime > deadline else { return }
        alarm?.cancel()
        setAlarm(deadline, context)
    }
    private func setAlarm(_ time: NIODeadline, _ context: ChannelHandlerContext) {
        let bound = NIOLoopBound(self, eventLoop: context.eventLoop)
        alarmTime = time
        alarm = context.eventLoop.scheduleTask(deadline: time) { bound.value.look() }
    }
    private func look() {
        alarm = nil
        guard let deadline, let context else { return }
        if deadline > NIODeadline.now() { return setAlarm(deadline, context) }
        self.deadline = nil
        switch phase {
        case .head:
            edge.metrics.limits.count(.headTime)
            if pending > 0 { end(with: edge.answerToSlowHead()) } else { context.close(promise: nil) }
        case .body:
            edge.metrics.limits.count(.bodyTime)
            context.close(promise: nil)
        case .idle, .ended: context.close(promise: nil)
        case .work, .webSocket, .farewell: break
        }
    }

    // MARK: The end

    /// Says the last word, below all that knows HTTP, and closes the connection.
    /// - Parameter isUrgent: somebody waits for the seat.
    func end(with answer: @autoclosure () -> Answer, isUrgent: Bool = false) {
        guard let context, phase != .ended else { return }
        phase = .ended
        context.writeAndFlush(wrapOutboundOut(answer().bytes), promise: nil)
        guard !isUrgent else { return context.close(promise: nil) }
        context.close(mode: .output, promise: nil)
        wait(edge.listener.endTimeout)
        context.read()
    }
    private func closeAfterFlush() {
        context?.flush()
        context?.close(promise: nil)
    }

    func userInboundEventTriggered(context: ChannelHandlerContext, event: Any) {
        switch event {
        case is Seat.GiveWay: return giveWay(context)
        case is ChannelShouldQuiesceEvent:
            isQuiescing = true
            if phase == .ended || phase != .webSocket && unanswered == 0 { context.close(promise: nil) }
        case let event as ChannelEvent where event == .inputClosed:
            switch phase {
            case .ended: context.close(promise: nil)
            case .head, .idle: return leave(context)
            case .body, .work, .webSocket, .farewell: break
            }
        default: break
        }
        context.fireUserInboundEventTriggered(event)
    }
    /// The client has gone before it asked anything, or anything more: no word of ours, to it or to the handlers, would be of use.
    private func leave(_ context: ChannelHandlerContext) {
        phase = .ended
        let bound = NIOLoopBound(self, eventLoop: context.eventLoop)
        context.eventLoop.scheduleTask(deadline: edge.admission.departures.turn()) {
            bound.value.context?.close(promise: nil)
        }
    }
    private func giveWay(_ context: ChannelHandlerContext) {
        guard let seat, edge.admission.gaveWay(seat) else { return }
        // Nobody was told anything yet of what he asked, or is about to ask.
        if phase == .head || phase == .body && unanswered == 1 && !hasAnswerBegun {
            end(with: edge.answerToTooMany(), isUrgent: true)
        } else {
            context.close(promise: nil)
        }
    }
}

extension Duration {
    fileprivate init(_ amount: TimeAmount) { self = .nanoseconds(amount.nanoseconds) }
}

extension Answer {
    /// As it goes over the wire, with what every last word says.
    fileprivate var bytes: ByteBuffer {
        var headers = headers
        headers[.connection] = "close"
        headers[.contentLength] = "\(body.readableBytes)"
        var bytes = ByteBuffer(string: "HTTP/1.1 \(status.code) \(status.reasonPhrase)\r\n")
        for field in headers { bytes.writeString("\(field.name.rawName): \(field.value)\r\n") }
        bytes.writeString("\r\n")
        bytes.writeImmutableBuffer(body)
        return bytes
    }
}
