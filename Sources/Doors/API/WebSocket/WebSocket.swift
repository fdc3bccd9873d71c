import NIOCore
import NIOHTTP1
import NIOWebSocket
import Synchronization

/// Why a WebSocket was closed (RFC 6455 §7.4.1).
struct WebSocketCloseCode: RawRepresentable, Hashable, Sendable {
    let rawValue: UInt16
    init(rawValue: UInt16) { self.rawValue = rawValue }

    static let normal = Self(rawValue: 1000)
    static let goingAway = Self(rawValue: 1001)
    static let protocolError = Self(rawValue: 1002)
    static let policyViolation = Self(rawValue: 1008)
    static let messageTooBig = Self(rawValue: 1009)
    static let internalError = Self(rawValue: 1011)
    static let tryAgainLater = Self(rawValue: 1013)
}

/// What becomes of an accepted upgrade.
struct WebSocketSession: Sendable {
    /// Added to the 101 answer.
    let headers: HTTPHeaders
    /// Serves the client; the connection is closed with the code that it returns. Cancelled when the client leaves or the
    /// server shuts down.
    let run: @Sendable (WebSocket) async -> WebSocketCloseCode
}

/// The server's side of one open WebSocket. The application sends; what clients send is checked and let go, for the API
/// defines nothing that they could say.
final class WebSocket: Sendable {
    private let outbound: NIOAsyncChannelOutboundWriter<WebSocketFrame>
    private struct State {
        var isClosing = false
        var wasHeard = false
    }
    private let state = Mutex(State())

    init(_ outbound: NIOAsyncChannelOutboundWriter<WebSocketFrame>) { self.outbound = outbound }

    /// Hands one message to the connection; waits while the client takes nothing.
    /// - Throws: when the connection is closed or being closed.
    func send(_ text: String) async throws {
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
