import Foundation
import Glibc

/// A listener on the loopback interface that does not behave. Gone with the value.
final class SilentServer: Sendable {
    enum Manner: CaseIterable {
        /// Connections never come about: as behind a firewall that drops packets.
        case takesNoConnection
        case saysNothing
        case saysGarbage
        /// Answers as RTSP servers begin, and as HTTP servers do, and then no more.
        case stopsAfterItsHead
    }
    let port: Int
    private let listener: Int32
    private let fillers: [Int32]

    init(_ manner: Manner) {
        listener = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        var address = Self.address(0)
        var length = socklen_t(MemoryLayout<sockaddr_in>.size)
        let descriptor = listener
        port =
            withUnsafeMutablePointer(to: &address) {
                $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                    precondition(
                        bind(descriptor, $0, length) == 0
                            && listen(descriptor, manner == .takesNoConnection ? 0 : 16) == 0)
                    return getsockname(descriptor, $0, &length)
                }
            } == 0 ? Int(UInt16(bigEndian: address.sin_port)) : 0
        fillers = manner == .takesNoConnection ? Self.fill(port) : []
        guard manner != .takesNoConnection else { return }
        Thread.detachNewThread {
            while true {
                let connection = accept(descriptor, nil, nil)
                guard connection >= 0 else { return }
                Thread.detachNewThread { Self.serve(connection, manner) }
            }
        }
    }
    deinit {
        shutdown(listener, Int32(SHUT_RDWR))
        close(listener)
        for filler in fillers { close(filler) }
    }

    private static func serve(_ connection: Int32, _ manner: Manner) {
        var bytes = [UInt8](repeating: 0, count: 4096)
        func say(_ text: [UInt8]) { _ = send(connection, text, text.count, Int32(MSG_NOSIGNAL)) }
        if manner == .saysGarbage { say((0..<4096).map { UInt8(truncatingIfNeeded: $0 &* 197 &+ 13) }) }
        var hasAnswered = false
        while recv(connection, &bytes, bytes.count, 0) > 0 {
            guard manner == .stopsAfterItsHead, !hasAnswered else { continue }
            hasAnswered = true
            let isRTSP = String(decoding: bytes.prefix(400), as: UTF8.self).contains("RTSP/1.0")
            say(
                Array(
                    (isRTSP
                        ? "RTSP/1.0 200 OK\r\nCSeq: 1\r\nPublic: OPTIONS, DESCRIBE, SETUP, PLAY\r\n\r\n"
                        : "HTTP/1.1 200 OK\r\nContent-Type: video/mp4\r\nContent-Length: 1000000\r\n\r\n").utf8))
        }
        close(connection)
    }

    private static func address(_ port: Int) -> sockaddr_in {
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_port = UInt16(port).bigEndian
        address.sin_addr.s_addr = UInt32(0x7f00_0001).bigEndian
        return address
    }
    /// Takes all places of the listener's queue.
    private static func fill(_ port: Int) -> [Int32] {
        (0..<4).map { _ in
            let descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue) | Int32(SOCK_NONBLOCK.rawValue), 0)
            var target = address(port)
            _ = withUnsafePointer(to: &target) {
                $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                    connect(descriptor, $0, socklen_t(MemoryLayout<sockaddr_in>.size))
                }
            }
            return descriptor
        }
    }
}
