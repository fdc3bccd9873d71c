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
        case webSocket(NIOAsyncChannel<WebSocketFrame, WebSocketFrame>, WebSocketSession)
    }
    struct Value: ServerChildChannelValue {
        let outcome: EventLoopFuture<Outcome>
        let channel: any Channel
    }

    let responder: HTTPChannelHandler.Responder
    let edge: Edge

    func setup(channel: any Channel, logger: Logger) -> EventLoopFuture<Value> {
        channel.eventLoop.makeCompletedFuture {
            let limit = HeadLimit()
            let gate = UpgradeGate(edge, limit: limit, logger: logger)
            let gateOnLoop = NIOLoopBound(gate, eventLoop: channel.eventLoop)
            let upgrader = NIOTypedWebSocketServerUpgrader<Outcome>(
                maxFrameSize: WebSocketConnection.frameLimit,
                shouldUpgrade: { channel, _ in
                    // Only what the gate accepted comes here with its `Upgrade` header.
                    channel.eventLoop.makeSucceededFuture(gateOnLoop.value.accepted?.headers)
                },
                upgradePipelineHandler: { channel, _ in
                    channel.eventLoop.makeCompletedFuture {
                        guard let session = gateOnLoop.value.accepted?.session else {
                            throw ChannelError.inappropriateOperationForState
                        }
                        return .webSocket(try NIOAsyncChannel(wrappingChannelSynchronously: channel), session)
                    }
                })
            let (encoder, decoder) = (
                HTTPResponseEncoder(), ByteToMessageHandler(HTTPRequestDecoder(leftOverBytesStrategy: .forwardBytes))
            )
            let upgrade = NIOTypedHTTPServerUpgradeHandler(
                httpEncoder: encoder, extraHTTPHandlers: [limit, decoder, gate],
                upgradeConfiguration: NIOTypedHTTPServerUpgradeConfiguration(
                    upgraders: [upgrader],
                    notUpgradingCompletionHandler: { channel in
                        channel.eventLoop.makeCompletedFuture { .http(try httpChannel(channel, logger: logger)) }
                    }))
            try channel.pipeline.syncOperations.addHandlers([encoder, limit, decoder, gate, upgrade])
            return Value(outcome: upgrade.upgradeResultFuture, channel: channel)
        }
    }
    private func httpChannel(
        _ channel: any Channel, logger: Logger
    ) throws -> NIOAsyncChannel<HTTPRequestPart, HTTPResponsePart> {
        try channel.pipeline.syncOperations.addHandlers([
            HTTP1ToHTTPServerCodec(secure: false), LingeringClose(),
            UnreadableRequest(edge, logger: logger),
            HTTPConnectionStateHandler(idleTimeout: edge.listener.idleTimeout, logger: logger),
        ])
        return try NIOAsyncChannel(
            wrappingChannelSynchronously: channel, configuration: .init(isOutboundHalfClosureEnabled: true))
    }

    func handle(value: Value, logger: Logger) async {
        do {
            switch try await value.outcome.get() {
            case .http(let channel): await handleHTTP(asyncChannel: channel, logger: logger)
            case .webSocket(let channel, let session):
                try await WebSocketConnection(
                    channel: channel, session: session, pingInterval: edge.listener.pingInterval
                ).serve()
            }
        } catch {
            logger.debug("Connection ended", metadata: [HTTPLogKey.error: "\(error)"])
        }
    }
}
