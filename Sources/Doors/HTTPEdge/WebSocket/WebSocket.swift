import NIOCore
import NIOWebSocket
import Synchronization

/// Why a WebSocket was closed (RFC 6455 §7.4.1).
public struct WebSocketCloseCode: RawRepresentable, Hashable, Sendable {
    public let rawValue: UInt16
    public init(rawValue: UInt16) { self.rawValue = rawValue }

    public static let normal = Self(rawValue: 1000)
    public static let goingAway = Self(rawValue: 1001)
    public static let protocolError = Self(rawValue: 1002)
    public static let policyViolation = Self(rawValue: 1008)
    public static let messageTooBig = Self(rawValue: 1009)
    public static let internalError = Self(rawValue: 1011)
    public static let tryAgainLater = Self(rawValue: 1013)
}

/// What an accepted call at a WebSocket's resource is to be served with.
public struct WebSocketSession: Sendable {
    let run: @Sendable (WebSocket) async -> WebSocketCloseCode

    /// - Parameter run: serves the client; the connection is closed with the code that it returns. Cancelled when the client
    ///   leaves or the server shuts down.
    public init(_ run: @escaping @Sendable (WebSocket) async -> WebSocketCloseCode) { self.run = run }
}

/// The server's side of one open WebSocket. The application sends; what clients send is checked and let go, for no
/// door defines anything that they could say.
public final class WebSocket: Sendable {
    private let outbound: NIOAsyncChannelOutboundWriter<WebSocketFrame>
    private struct State {
        var isClosing = false
        var wasHeard = false
    }
    private let state = Mutex(State())

    init(_ outbound: NIOAsyncChannelOutboundWriter<WebSocketFrame>) { self.outbound = outbound }

    /// Hands one message to the connection; waits while the client takes nothing.
    /// - Throws: when the connection is closed or being closed.
    public func send(_ text: String) async throws {
        guard !state.withLock({ $0.isClosing }) else { throw ChannelError.ioOnClosedChannel }
        try await outbound.write(WebSocketFrame(fin: true, opcode: .text, data: ByteBuffer(string: text)))
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
