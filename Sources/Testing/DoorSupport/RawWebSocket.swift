import Foundation

/// The client's side of a WebSocket, spelled out frame by frame (RFC 6455 §5.2).
public struct RawWebSocket {
    public enum Frame: Equatable, Sendable {
        case text(String)
        case binary([UInt8])
        case ping([UInt8]), pong([UInt8])
        /// `nil` without a code.
        case close(UInt16?)
    }
    public let connection: RawConnection
    /// The answer to the handshake.
    public let reply: Reply

    public static let handshake = [
        "Connection": "Upgrade", "Upgrade": "websocket", "Sec-WebSocket-Version": "13",
        "Sec-WebSocket-Key": Data(repeating: 7, count: 16).base64EncodedString(),
    ]

    public static func open(
        port: Int, _ path: String, headers: [String: String] = [:], ahead bytes: Int? = nil,
        _ body: (RawWebSocket) async throws -> Void
    ) async throws {
        try await RawConnection.open(port: port, ahead: bytes) { connection in
            var head = "GET \(path) HTTP/1.1\r\nHost: localhost\r\n"
            for (name, value) in handshake.merging(headers, uniquingKeysWith: { $1 }) {
                head += "\(name): \(value)\r\n"
            }
            try await connection.write("\(head)\r\n")
            let reply = try Reply(await connection.read(through: "\r\n\r\n"))
            try await body(RawWebSocket(connection: connection, reply: reply))
        }
    }

    public func send(
        opcode: UInt8, _ payload: [UInt8] = [], isFinal: Bool = true, isMasked: Bool = true
    ) async throws {
        var frame: [UInt8] = [(isFinal ? 0x80 : 0) | opcode]
        let mask: UInt8 = isMasked ? 0x80 : 0
        if payload.count < 126 {
            frame.append(mask | UInt8(payload.count))
        } else {
            frame += [mask | 126, UInt8(payload.count >> 8), UInt8(payload.count & 0xff)]
        }
        let key: [UInt8] = isMasked ? [1, 2, 3, 4] : []
        frame += key
        frame += payload.enumerated().map { isMasked ? $0.element ^ key[$0.offset % 4] : $0.element }
        try await connection.write(Data(frame))
    }
    public func sendClose(_ code: UInt16) async throws {
        try await send(opcode: 8, [UInt8(code >> 8), UInt8(code & 0xff)])
    }

    /// `nil` when the server has gone.
    public func next() async throws -> Frame? {
        guard let head = try await connection.read(count: 2) else { return nil }
        var length = Int(head[1] & 0x7f)
        if length >= 126 {
            let bytes = try await need(length == 126 ? 2 : 8)
            length = bytes.reduce(0) { $0 << 8 | Int($1) }
        }
        let payload = length == 0 ? [] : try await need(length)
        switch head[0] {
        case 0x81: return .text(String(decoding: payload, as: UTF8.self))
        case 0x82: return .binary(payload)
        case 0x89: return .ping(payload)
        case 0x8a: return .pong(payload)
        case 0x88: return .close(payload.count < 2 ? nil : UInt16(payload[0]) << 8 | UInt16(payload[1]))
        default: throw Broken(head: head)
        }
    }
    /// A frame that no server sends, or half of one.
    public struct Broken: Error { let head: [UInt8] }

    private func need(_ count: Int) async throws -> [UInt8] {
        guard let bytes = try await connection.read(count: count) else { throw Broken(head: []) }
        return bytes
    }
}
