import Glibc
import NIOCore

/// What the system keeps of an answer between us and the client.
enum SystemBuffer {
    /// Bytes that wait to be sent, beyond which the system takes no more of a connection. By itself it takes up to 4 MB and asks for more when
    /// a third of them has gone, which a slow client needs minutes for: none of our handlers would know what became of them.
    private static let limit = 128 << 10
    /// `TCP_NOTSENT_LOWAT` and `TCP_INFO` of Linux's `tcp.h`, of which glibc knows the second in an older form.
    private static let (leastUnsent, info) = (CInt(25), CInt(11))
    /// Where `tcpi_bytes_acked` stands in `struct tcp_info`, counted in words of 8 bytes.
    private static let acknowledged = 15

    /// To be called on the channel's event loop, as soon as it is accepted. A connection that is gone by then needs nothing.
    static func bound(_ channel: any Channel) {
        let option = ChannelOptions.Types.SocketOption(level: .tcp, name: .init(rawValue: leastUnsent))
        try? channel.syncOptions?.setOption(option, value: limit)
    }

    /// Bytes that the client's system has confirmed since the connection began. To be called on the channel's event loop.
    static func taken(from channel: any Channel) -> UInt64 {
        let taken = try? channel.pipeline.syncOperations.withUnsafeTransportIfAvailable(of: CInt.self) { socket in
            var words = [UInt64](repeating: 0, count: acknowledged + 1)
            var size = socklen_t(words.count * MemoryLayout<UInt64>.size)
            guard getsockopt(socket, CInt(IPPROTO_TCP), info, &words, &size) == 0 else { return UInt64(0) }
            return words[acknowledged]
        }
        return taken ?? 0
    }
}
