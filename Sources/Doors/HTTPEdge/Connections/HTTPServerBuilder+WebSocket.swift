import HTTPTypes
import Hummingbird
import HummingbirdCore
import Logging
import NIOCore
import NIOHTTP1
import NIOHTTPTypes
import NIOHTTPTypesHTTP1
import NIOWebSocket

extension HTTPServerBuilder {
    /// HTTP/1.1 whose connections may become WebSockets.
    static func http1WithWebSocket(_ edge: Edge) -> HTTPServerBuilder {
        HTTPServerBuilder { responder in WebSocketCapableChannel(responder: responder, edge: edge) }
    }
}

/// One accepted connection: HTTP until a first request that is an upgrade makes it a WebSocket.
private struct WebSocketCapableChannel: HTTPChannelHandler {
    enum Outcome: Sendable {
        case http(NIOAsyncChannel<HTTPRequestPart, HTTPResponsePart>)
        case webSocket(NIOAsyncChannel<WebSocketFrame, WebSocketFrame>, AcceptedUpgrade)
    }
    struct Value: ServerChildChannelValue {
        /// `nil`: not served.
        let outcome: EventLoopFuture<Outcome>?
        let channel: any Channel
    }

    let responder: HTTPChannelHandler.Responder
    let edge: Edge

    func setup(channel: any Channel, logger: Logger) -> EventLoopFuture<Value> {
        channel.eventLoop.makeCompletedFuture {
            SystemBuffer.bound(channel)
            let handlers = channel.pipeline.syncOperations
            let verdict = edge.admission.admit(channel)
            if case .closed = verdict {
            } else if let identity = edge.identity {
                try handlers.addHandler(identity.handler())  // below the guard, which counts and writes what is meant
            }
            switch verdict {
            case .served(let seat):
                let guardian = ConnectionGuard(edge, seat: seat)
                try handlers.addHandler(guardian)
                return Value(outcome: try serve(channel, guardian, logger: logger), channel: channel)
            case .refused: try handlers.addHandler(ConnectionGuard(edge, seat: nil))
            case .closed: channel.close(promise: nil)
            }
            return Value(outcome: nil, channel: channel)
        }
    }
    private func serve(
        _ channel: any Channel, _ guardian: ConnectionGuard, logger: Logger
    ) throws -> EventLoopFuture<Outcome> {
        let gate = UpgradeGate(edge, guardian, logger: logger)
        let onLoop = NIOLoopBound((gate: gate, guardian: guardian), eventLoop: channel.eventLoop)
        let upgrader = NIOTypedWebSocketServerUpgrader<Outcome>(
            maxFrameSize: edge.listener.frameLimit,
            shouldUpgrade: { channel, _ in
                // Only what the gate accepted comes here with its `Upgrade` header.
                channel.eventLoop.makeSucceededFuture(onLoop.value.gate.accepted?.headers)
            },
            upgradePipelineHandler: { channel, _ in
                channel.eventLoop.makeCompletedFuture {
                    guard let accepted = onLoop.value.gate.accepted else {
                        throw ChannelError.inappropriateOperationForState
                    }
                    onLoop.value.guardian.becameWebSocket()
                    return .webSocket(try NIOAsyncChannel(wrappingChannelSynchronously: channel), accepted)
                }
            })
        let (encoder, decoder) = (
            HTTPResponseEncoder(), ByteToMessageHandler(HTTPRequestDecoder(leftOverBytesStrategy: .forwardBytes))
        )
        let upgrade = NIOTypedHTTPServerUpgradeHandler(
            httpEncoder: encoder, extraHTTPHandlers: [decoder, gate],
            upgradeConfiguration: NIOTypedHTTPServerUpgradeConfiguration(
                upgraders: [upgrader],
                notUpgradingCompletionHandler: { channel in
                    channel.eventLoop.makeCompletedFuture {
                        .http(try httpChannel(channel, onLoop.value.guardian))
                    }
                }))
        try channel.pipeline.syncOperations.addHandlers([encoder, decoder, gate, upgrade])
        return upgrade.upgradeResultFuture
    }
    private func httpChannel(
        _ channel: any Channel, _ guardian: ConnectionGuard
    ) throws -> NIOAsyncChannel<HTTPRequestPart, HTTPResponsePart> {
        try channel.pipeline.syncOperations.addHandlers([
            OldProtocol(), HTTP1ToHTTPServerCodec(secure: edge.identity != nil), LingeringClose(guardian),
            UnreadableRequest(edge),
        ])
        return try NIOAsyncChannel(
            wrappingChannelSynchronously: channel, configuration: .init(isOutboundHalfClosureEnabled: true))
    }

    func handle(value: Value, logger: Logger) async {
        do {
            switch try await value.outcome?.get() {
            case nil: break
            case .http(let channel): await handleHTTP(asyncChannel: channel, logger: logger)
            case .webSocket(let channel, let upgrade):
                try await WebSocketConnection(
                    channel: channel, upgrade: upgrade, listener: edge.listener
                ).serve()
            }
        } catch {
            logger.debug("Connection ended", metadata: [HTTPLogKey.error: "\(error)"])
        }
    }
}
