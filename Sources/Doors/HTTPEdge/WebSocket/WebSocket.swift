public import NIOCore
import NIOWebSocket
import Synchronization

/// Why a WebSocket was closed (RFC 6455 §7.4.1).
public struct WebSocketCloseCode: RawRepresentable, Error, Hashable, Sendable {
    public let rawValue: UInt16
    public init(rawValue: UInt16) { self.rawValue = rawValue }

    public static let normal = Self(rawValue: 1000)
    public static let goingAway = Self(rawValue: 1001)
    public static let protocolError = Self(rawValue: 1002)
    public static let invalidPayload = Self(rawValue: 1007)
    public static let policyViolation = Self(rawValue: 1008)
    public static let messageTooBig = Self(rawValue: 1009)
    public static let internalError = Self(rawValue: 1011)
    public static let tryAgainLater = Self(rawValue: 1013)
}

/// What an accepted call at a WebSocket's resource is to be served with.
public struct WebSocketSession: Sendable {
    let run: @Sendable (WebSocket) async -> WebSocketCloseCode
    let hear: @Sendable (WebSocket, WebSocketMessage) async throws -> Void

    /// - Parameters:
    ///   - hear: is told each message of the client; the next one waits for it. Throws when the connection ends.
    ///   - run: serves the client; the connection is closed with the code that it returns. Cancelled when the client leaves or the
    ///     server shuts down.
    public init(
        hear: @escaping @Sendable (WebSocket, WebSocketMessage) async throws -> Void = { _, _ in },
        _ run: @escaping @Sendable (WebSocket) async -> WebSocketCloseCode
    ) { (self.hear, self.run) = (hear, run) }
}

/// One message, whole and uncompressed.
public enum WebSocketMessage: Hashable, Sendable {
    case text(String)
    case binary(ByteBuffer)
}

/// The server's side of one open WebSocket.
public final class WebSocket: Sendable {
    private let outbound: NIOAsyncChannelOutboundWriter<WebSocketFrame>
    private struct State {
        /// `nil`: messages go as they are.
        var deflater: Deflater?
        var isClosing = false
        var wasHeard = false
    }
    private let state: Mutex<State>

    init(_ outbound: NIOAsyncChannelOutboundWriter<WebSocketFrame>, deflate: DeflateParameters?) {
        self.outbound = outbound
        state = Mutex(State(deflater: deflate.map { Deflater($0) }))
    }

    /// Hands one message to the connection, compressed where the client wished it; waits while the client takes nothing. One call
    /// at a time: messages refer to those before them.
    /// - Throws: when the connection is closed or being closed.
    public func send(_ text: String) async throws { try await send(.text, ByteBuffer(string: text)) }
    public func send(_ message: WebSocketMessage) async throws {
        switch message {
        case .text(let text): try await send(text)
        case .binary(let data): try await send(.binary, data)
        }
    }
    /// Hands over a message of bytes that are compressed already, such as a picture: they go as they are (RFC 7692 §6 leaves that to each
    /// message).
    public func send(compressed bytes: [UInt8]) async throws {
        try await send(.binary, ByteBuffer(bytes: bytes), deflates: false)
    }
    private func send(_ opcode: WebSocketOpcode, _ data: ByteBuffer, deflates: Bool = true) async throws {
        let frame = state.withLock { state -> WebSocketFrame? in
            guard !state.isClosing else { return nil }
            guard deflates, let deflater = state.deflater else {
                return WebSocketFrame(fin: true, opcode: opcode, data: data)
            }
            return WebSocketFrame(fin: true, rsv1: true, opcode: opcode, data: deflater.compress(data))
        }
        guard let frame else { throw ChannelError.ioOnClosedChannel }
        try await outbound.write(frame)
    }

    func pong(_ data: ByteBuffer) async throws {
        guard !state.withLock({ $0.isClosing }) else { return }
        try await outbound.write(WebSocketFrame(fin: true, opcode: .pong, data: data))
    }
    /// Sends the close frame; the second and later calls do nothing.
    /// - Parameter code: `nil` echoes a close without a code.
    func close(_ code: WebSocketCloseCode?) async throws {
        let isFirst = state.withLock { state in
            defer { state.isClosing = true }
            return !state.isClosing
        }
        guard isFirst else { return }
        var data = ByteBuffer()
        if let code { data.writeInteger(code.rawValue) }
        try await outbound.write(WebSocketFrame(fin: true, opcode: .connectionClose, data: data))
    }

    /// Whether the close frame was said, behind which nothing may stand.
    var isClosing: Bool { state.withLock { $0.isClosing } }
    /// Notes a sign of life of the client.
    func heard() { state.withLock { $0.wasHeard = true } }
    /// Whether there was any since the last call.
    func wasHeard() -> Bool {
        state.withLock { state in
            defer { state.wasHeard = false }
            return state.wasHeard
        }
    }
}
