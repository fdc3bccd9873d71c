import NIOCore
import NIOWebSocket
import ServiceLifecycle

/// Runs one WebSocket from its opening to its end, by the rules of RFC 6455.
struct WebSocketConnection {
    /// Told to its channel with the last word: from then on the server waits for the client.
    struct Farewell: Sendable {}

    /// How long a client may take to answer our close frame that is let in no longer or broke the protocol, and any when the server shuts
    /// down. Others may still be taking what stands before it, and have `ListenerConfiguration.writeTimeout`: a connection that is closed
    /// earlier would answer their next ping with a reset, which destroys what they have not read.
    static let closePatience = Duration.seconds(2)

    let channel: NIOAsyncChannel<WebSocketFrame, WebSocketFrame>
    let upgrade: AcceptedUpgrade
    let listener: ListenerConfiguration

    func serve() async throws {
        try await channel.executeThenClose { inbound, outbound in
            let socket = WebSocket(outbound, deflate: upgrade.deflate)
            try await withThrowingTaskGroup(of: Void.self) { group in
                group.addTask { try await listen(to: inbound, socket) }
                group.addTask { try await speak(socket) }
                group.addTask { try await keepAlive(socket) }
                defer { group.cancelAll() }
                // Whoever is through first ends the connection: the client has closed, our closing was answered or waited
                // for long enough, or nothing was heard any more.
                try await group.next()
            }
        }
    }

    /// Serves until the session ends or the server shuts down, says so, and gives the client time to answer.
    private func speak(_ socket: WebSocket) async throws {
        let code = await withTaskGroup(of: WebSocketCloseCode?.self) { group in
            group.addTask { await upgrade.session.run(socket) }
            group.addTask { (try? await gracefulShutdown()) == nil ? nil : .goingAway }
            defer { group.cancelAll() }
            return await group.next() ?? nil
        }
        channel.channel.triggerUserOutboundEvent(Farewell(), promise: nil)
        let patience = code == .policyViolation ? Self.closePatience : max(listener.writeTimeout, Self.closePatience)
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask {
                try await socket.close(code ?? .goingAway)
                try await Task.sleep(for: patience)
            }
            // These also bound the writing, which waits as long as the client takes nothing.
            group.addTask { try await Task.sleep(for: patience) }
            group.addTask {
                try await gracefulShutdown()
                try await Task.sleep(for: Self.closePatience)
            }
            defer { group.cancelAll() }
            try await group.next()
        }
    }

    /// Reads what the client sends until it closes or breaks the protocol.
    private func listen(
        to inbound: NIOAsyncChannelInboundStream<WebSocketFrame>, _ socket: WebSocket
    ) async throws {
        var assembly = MessageAssembly(limit: listener.messageLimit, inflates: upgrade.deflate != nil)
        for try await frame in inbound {
            socket.heard()
            guard frame.maskKey != nil, !frame.rsv2, !frame.rsv3, !(frame.rsv1 && frame.opcode.isControlOpcode)
            else {
                return try await socket.close(.protocolError)
            }
            switch frame.opcode {
            case .ping: try await socket.pong(frame.unmaskedData)
            case .pong: break
            case .connectionClose: return try await socket.close(Self.answer(to: frame.unmaskedData))
            case .text, .binary, .continuation:
                let message: MessageAssembly.Message?
                do throws(WebSocketCloseCode) {
                    message = try assembly.take(frame)
                } catch {
                    return try await socket.close(error)
                }
                guard let message else { continue }
                try await upgrade.session.hear(
                    socket, message.isText ? .text(String(buffer: message.data)) : .binary(message.data))
            default: return try await socket.close(.protocolError)
            }
        }
    }
    /// The client's own code, as RFC 6455 §5.5.1 wants it, unless it is none that may be sent.
    private static func answer(to data: ByteBuffer) -> WebSocketCloseCode? {
        var data = data
        guard data.readableBytes > 0 else { return nil }
        guard let code = data.readInteger(as: UInt16.self) else { return .protocolError }
        var reason = UTF8Check()
        guard reason.take(data.readableBytesView), reason.isWhole else { return .invalidPayload }
        switch code {
        case 1000...1003, 1007...1014, 3000...4999: return WebSocketCloseCode(rawValue: code)
        default: return .protocolError
        }
    }

    /// Asks for a sign of life now and then, and breaks the connection when three in a row have not come.
    private func keepAlive(_ socket: WebSocket) async throws {
        var unanswered = 0
        while true {
            try await Task.sleep(for: listener.pingInterval)
            guard !socket.isClosing else { continue }  // how long it may take then, `speak` knows
            unanswered = socket.wasHeard() ? 0 : unanswered
            if unanswered == 3 { return try await channel.channel.close() }
            // Past the writer, which may be waiting for a client that takes nothing; at most three pile up.
            channel.channel.writeAndFlush(WebSocketFrame(fin: true, opcode: .ping, data: ByteBuffer()), promise: nil)
            unanswered += 1
        }
    }
}
