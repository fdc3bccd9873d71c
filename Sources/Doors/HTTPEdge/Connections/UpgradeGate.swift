import Foundation
import HTTPTypes
import Logging
import NIOCore
import NIOHTTP1

/// Lets through the upgrades that are accepted, and turns all others into plain requests.
///
/// NIO closes the connection of a refused upgrade without an answer, so the `Upgrade` header is taken off before NIO sees
/// it; the door then says what is wrong. Since the parser may read nothing more after a request that asked for an
/// upgrade, such a connection ends with its answer. Only the first request of a connection can be an upgrade.
///
/// The gate also answers `Expect: 100-continue`, and tells clients whose first request is no HTTP so. It is the one that tells the
/// `ConnectionGuard` what the bytes were.
final class UpgradeGate: ChannelInboundHandler, RemovableChannelHandler {
    typealias InboundIn = HTTPServerRequestPart
    typealias InboundOut = HTTPServerRequestPart
    typealias OutboundOut = HTTPServerResponsePart

    private(set) var accepted: AcceptedUpgrade?
    /// Why an upgrade was not, until somebody answers with it. Not to be found out a second time: it may be true no more.
    private var refusal: (any Error)?

    private enum State {
        case waitingForFirstRequest
        /// Holds back what follows the head, which is its end: the parser reads nothing behind it.
        case deciding(HTTPRequestHead, [HTTPServerRequestPart])
        case open
    }
    private var state = State.waitingForFirstRequest
    private let edge: Edge
    private let guardian: ConnectionGuard
    private let logger: Logger

    init(_ edge: Edge, _ guardian: ConnectionGuard, logger: Logger) {
        (self.edge, self.guardian, self.logger) = (edge, guardian, logger)
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        let part = unwrapInboundIn(data)
        guardian.partWasRead()
        switch part {
        case .head: guardian.headWasRead()
        case .body: break
        case .end: guardian.requestWasRead()
        }
        switch (state, part) {
        case (.waitingForFirstRequest, .head(let head)):
            if head.isWebSocketUpgrade, head.announcesBody {
                (state, refusal) = (.open, Refusal.upgradeWithBody)
                forward(head, context: context)
            } else if head.isWebSocketUpgrade {
                state = .deciding(head, [])
                startDeciding(head, context: context)
            } else {
                state = .open
                forward(head, context: context)
            }
        case (.deciding(let head, let parts), _):
            state = .deciding(head, parts + [part])
        case (_, .head(let head)): forward(head, context: context)
        default: context.fireChannelRead(data)
        }
    }

    private func startDeciding(_ head: HTTPRequestHead, context: ChannelHandlerContext) {
        let bound = NIOLoopBound((gate: self, context: context), eventLoop: context.eventLoop)
        let (edge, channel, logger) = (edge, context.channel, logger)
        context.eventLoop.makeFutureWithTask { await edge.open(head, on: channel, logger: logger) }.whenSuccess {
            bound.value.gate.finishDeciding($0, context: bound.value.context)
        }
    }
    private func finishDeciding(_ decision: Result<AcceptedUpgrade, any Error>?, context: ChannelHandlerContext) {
        guard case .deciding(let head, let parts) = state, context.channel.isActive else { return }
        state = .open
        switch decision {
        case .success(let upgrade):
            accepted = upgrade
            context.fireChannelRead(wrapInboundOut(.head(head)))
        case .failure(let error):
            refusal = error
            forward(head, context: context)
        case nil: forward(head, context: context)
        }
        for part in parts { context.fireChannelRead(wrapInboundOut(part)) }
        context.fireChannelReadComplete()
    }

    func takeRefusal() -> (any Error)? {
        defer { refusal = nil }
        return refusal
    }

    /// Passes a plain request on.
    private func forward(_ head: HTTPRequestHead, context: ChannelHandlerContext) {
        var head = head
        if head.headers.contains(name: "upgrade") {
            if refusal == nil, head.wantsWebSocket, head.isOfKnownVersion { refusal = Refusal.badHandshake }
            head.headers.remove(name: "upgrade")
            head.headers.replaceOrAdd(name: "connection", value: "close")
        }
        if head.headers[canonicalForm: "expect"].contains("100-continue"),
            !head.announcesMore(than: edge.doors.bodyLimit(of: head, standard: edge.listener.bodyLimit))
        {
            let response = HTTPResponseHead(version: head.version, status: .continue)
            context.writeAndFlush(wrapOutboundOut(.head(response)), promise: nil)
        }
        context.fireChannelRead(wrapInboundOut(.head(head)))
    }

    /// The server answers what is wrong with later requests; before the first there is no server yet.
    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        guard error is HTTPParserError, case .waitingForFirstRequest = state else {
            return context.fireErrorCaught(error)
        }
        guardian.end(with: edge.answerToUnreadable())
    }
}

extension HTTPRequestHead {
    /// Whether this is the opening handshake of RFC 6455 §4.1.
    fileprivate var isWebSocketUpgrade: Bool {
        let keys = headers["sec-websocket-key"]
        return method == .GET && version == .http1_1 && wantsWebSocket && isOfKnownVersion
            && headers[canonicalForm: "connection"].contains { $0.lowercased() == "upgrade" }
            && keys.count == 1 && Data(base64Encoded: keys[0])?.count == 16
    }
    fileprivate var wantsWebSocket: Bool {
        headers[canonicalForm: "upgrade"].contains { $0.lowercased() == "websocket" }
    }
    fileprivate var isOfKnownVersion: Bool { headers["sec-websocket-version"] == ["13"] }
    /// No upgrade has one: what follows its head is frames already, and whoever reads them would take the body for such.
    fileprivate var announcesBody: Bool {
        headers.contains(name: "transfer-encoding") || headers["content-length"].contains { Int($0) != 0 }
    }
    fileprivate func announcesMore(than limit: Int) -> Bool {
        headers.first(name: "content-length").flatMap { Int($0) }.map { $0 > limit } ?? false
    }
}
