import Foundation
import JSON
import NIOCore
import NIOPosix
import Testing

/// A TCP connection that says exactly what a test wants to say.
final class RawConnection {
    private let outbound: NIOAsyncChannelOutboundWriter<ByteBuffer>
    private var inbound: NIOAsyncChannelInboundStream<ByteBuffer>.AsyncIterator
    private var received = ByteBuffer()

    private init(
        _ inbound: NIOAsyncChannelInboundStream<ByteBuffer>, _ outbound: NIOAsyncChannelOutboundWriter<ByteBuffer>
    ) {
        (self.inbound, self.outbound) = (inbound.makeAsyncIterator(), outbound)
    }

    static func open<Value: Sendable>(
        port: Int, _ body: (RawConnection) async throws -> Value
    ) async throws -> Value {
        let channel = try await ClientBootstrap(group: MultiThreadedEventLoopGroup.singleton)
            .channelOption(.allowRemoteHalfClosure, value: true)
            .connect(host: "127.0.0.1", port: port) { channel in
                channel.eventLoop.makeCompletedFuture {
                    try NIOAsyncChannel<ByteBuffer, ByteBuffer>(wrappingChannelSynchronously: channel)
                }
            }
        return try await channel.executeThenClose { inbound, outbound in
            try await body(RawConnection(inbound, outbound))
        }
    }

    func write(_ data: Data) async throws { try await outbound.write(ByteBuffer(bytes: data)) }
    func write(_ text: String) async throws { try await write(Data(text.utf8)) }

    /// Whether more came; false at the end.
    private func receive() async throws -> Bool {
        guard var part = try await inbound.next() else { return false }
        received.discardReadBytes()
        received.writeBuffer(&part)
        return true
    }
    func readToEnd() async throws -> Data {
        while try await receive() {}
        return Data(received.readBytes(length: received.readableBytes) ?? [])
    }
    /// Everything up to and with `end`; all that came when the connection ended before.
    func read(through end: String) async throws -> Data {
        let end = Data(end.utf8)
        while true {
            let bytes = Data(received.readableBytesView)
            if let range = bytes.firstRange(of: end) { return Data(received.readBytes(length: range.upperBound) ?? []) }
            guard try await receive() else { return Data(received.readBytes(length: received.readableBytes) ?? []) }
        }
    }
    /// `nil` when the connection ended before.
    func read(count: Int) async throws -> [UInt8]? {
        while received.readableBytes < count { guard try await receive() else { return nil } }
        return received.readBytes(length: count)
    }
}

/// An HTTP answer, taken apart.
struct Reply: Sendable {
    let status: Int
    /// Names in lower case.
    let headers: [String: String]
    let body: Data

    init(_ bytes: Data) throws {
        let split = try #require(bytes.firstRange(of: Data("\r\n\r\n".utf8)))
        let lines = String(decoding: bytes[..<split.lowerBound], as: UTF8.self).components(separatedBy: "\r\n")
        status = try #require(Int(lines[0].split(separator: " ")[1]))
        headers = Dictionary(
            lines.dropFirst().map { line in
                let parts = line.split(separator: ":", maxSplits: 1)
                return (parts[0].lowercased(), parts[1].trimmingCharacters(in: .whitespaces))
            }, uniquingKeysWith: { "\($0), \($1)" })
        body = Data(bytes[split.upperBound...])
    }

    var json: JSONValue { get throws { try JSONValue(parsing: body) } }
    /// The answer is this error, whole and in the form that all errors have.
    func expectError(
        _ status: Int, _ code: Int64, _ description: String, _ detail: String,
        sourceLocation: SourceLocation = #_sourceLocation
    ) throws {
        #expect(self.status == status, sourceLocation: sourceLocation)
        #expect(headers["content-type"] == "application/json", sourceLocation: sourceLocation)
        #expect(
            try json == [
                "error_code": .integer(code), "desc": .string(description), "detail": .string(detail),
                "link": .string("https://docs.visionlabs.ai/info/luna/troubleshooting/errors-description/code-\(code)"),
            ], sourceLocation: sourceLocation)
    }
}
