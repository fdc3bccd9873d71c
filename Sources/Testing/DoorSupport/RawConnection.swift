public import Foundation
import NIOCore
import NIOPosix

/// A TCP connection that says exactly what a test wants to say.
public final class RawConnection {
    private let outbound: NIOAsyncChannelOutboundWriter<ByteBuffer>
    private var inbound: NIOAsyncChannelInboundStream<ByteBuffer>.AsyncIterator
    private var received = ByteBuffer()

    private init(
        _ inbound: NIOAsyncChannelInboundStream<ByteBuffer>, _ outbound: NIOAsyncChannelOutboundWriter<ByteBuffer>
    ) {
        (self.inbound, self.outbound) = (inbound.makeAsyncIterator(), outbound)
    }

    /// - Parameters:
    ///   - address: of this machine, to come from; `nil`: the usual one.
    ///   - bytes: about as many are taken before `body` asks for them; `nil`: as many as the system likes.
    public static func open<Value: Sendable>(
        port: Int, from address: String? = nil, ahead bytes: Int? = nil, _ body: (RawConnection) async throws -> Value
    ) async throws -> Value {
        var bootstrap = ClientBootstrap(group: MultiThreadedEventLoopGroup.singleton)
            .channelOption(.allowRemoteHalfClosure, value: true)
        if let bytes {
            bootstrap =
                bootstrap.channelOption(.socketOption(.so_rcvbuf), value: bytes / 2)
                .channelOption(.recvAllocator, value: FixedSizeRecvByteBufferAllocator(capacity: max(512, bytes / 32)))
        }
        if let address { bootstrap = bootstrap.bind(to: try SocketAddress(ipAddress: address, port: 0)) }
        let channel =
            try await bootstrap
            .connect(host: "127.0.0.1", port: port) { channel in
                channel.eventLoop.makeCompletedFuture {
                    try NIOAsyncChannel<ByteBuffer, ByteBuffer>(wrappingChannelSynchronously: channel)
                }
            }
        return try await channel.executeThenClose { inbound, outbound in
            try await body(RawConnection(inbound, outbound))
        }
    }

    public func write(_ data: Data) async throws { try await outbound.write(ByteBuffer(bytes: data)) }
    public func write(_ text: String) async throws { try await write(Data(text.utf8)) }

    /// Whether more came; false at the end.
    private func receive() async throws -> Bool {
        guard var part = try await inbound.next() else { return false }
        received.discardReadBytes()
        received.writeBuffer(&part)
        return true
    }
    public func readToEnd() async throws -> Data {
        while try await receive() {}
        return Data(received.readBytes(length: received.readableBytes) ?? [])
    }
    /// Everything up to and with `end`; all that came when the connection ended before.
    public func read(through end: String) async throws -> Data {
        let end = Data(end.utf8)
        while true {
            let bytes = Data(received.readableBytesView)
            if let range = bytes.firstRange(of: end) { return Data(received.readBytes(length: range.upperBound) ?? []) }
            guard try await receive() else { return Data(received.readBytes(length: received.readableBytes) ?? []) }
        }
    }
    /// `nil` when the connection ended before.
    public func read(count: Int) async throws -> [UInt8]? {
        while received.readableBytes < count { guard try await receive() else { return nil } }
        return received.readBytes(length: count)
    }

    /// Opens `count` connections, one after the other, that stay open while `body` runs.
    public static func open(
        _ count: Int, port: Int, from address: String? = nil, _ body: ([RawConnection]) async throws -> Void
    ) async throws {
        func more(_ connections: [RawConnection]) async throws {
            guard connections.count < count else { return try await body(connections) }
            try await open(port: port, from: address) { try await more(connections + [$0]) }
        }
        try await more([])
    }
}
