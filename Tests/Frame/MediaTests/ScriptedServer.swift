import CameraSupport
import Foundation
import Glibc
import Synchronization

/// A TCP server on the loopback interface that answers each connection with what a closure makes of the request's head,
/// or never answers.
final class ScriptedServer: Sendable {
    let port: Int
    private let listener: LoopbackListener
    private let heads = Mutex<[String]>([])
    private let arrivals: AsyncStream<Void>
    private let accepted = Atomic(0)
    /// How many have connected so far, whether or not they said anything.
    var connections: Int { accepted.load(ordering: .acquiring) }
    /// The request heads received so far.
    var requests: [String] { heads.withLock { $0 } }

    /// - Parameter answer: bytes to send before the connection is closed; `nil`: keep it open and silent.
    init(first: [UInt8] = [], answer: @escaping @Sendable (_ head: String) -> [UInt8]?) {
        let listener = LoopbackListener()
        (self.listener, port) = (listener, listener.port)
        let (arrivals, continuation) = AsyncStream.makeStream(of: Void.self)
        self.arrivals = arrivals
        Thread.detachNewThread { [weak self] in
            while let connection = listener.next() {
                guard let self else {
                    close(connection)
                    break
                }
                self.accepted.add(1, ordering: .acquiringAndReleasing)
                continuation.yield()
                Thread.detachNewThread { self.serve(connection, first, answer) }
            }
            continuation.finish()
        }
    }
    deinit { listener.stop() }

    /// Returns when somebody has connected.
    func waitForConnection() async {
        var iterator = arrivals.makeAsyncIterator()
        await iterator.next()
    }

    private func serve(_ connection: Int32, _ first: [UInt8], _ answer: (String) -> [UInt8]?) {
        var head: [UInt8] = []
        var byte: UInt8 = 0
        while !head.ends(with: "\r\n\r\n".utf8), recv(connection, &byte, 1, 0) == 1 { head.append(byte) }
        let text = String(decoding: head, as: UTF8.self)
        heads.withLock { $0.append(text) }
        guard let bytes = answer(text) else {
            Self.send(first, to: connection)
            while recv(connection, &byte, 1, 0) == 1 {}
            close(connection)
            return
        }
        Self.send(bytes, to: connection)
        shutdown(connection, Int32(SHUT_WR))
        while recv(connection, &byte, 1, 0) == 1 {}
        close(connection)
    }

    private static func send(_ bytes: [UInt8], to connection: Int32) {
        var sent = 0
        while sent < bytes.count {
            let count = bytes.withUnsafeBytes {
                Glibc.send(connection, $0.baseAddress! + sent, bytes.count - sent, Int32(MSG_NOSIGNAL))
            }
            guard count > 0 else { return }
            sent += count
        }
    }

    /// A server that sends `first` to everybody and then keeps the connection open and silent.
    convenience init(first: [UInt8]) {
        self.init(first: first, answer: { _ in nil })
    }

    /// A server of one file, which understands byte ranges.
    static func file(_ bytes: [UInt8]) -> ScriptedServer {
        ScriptedServer { head in
            var start = 0
            if let range = head.firstRange(of: "Range: bytes=") {
                start = Int(head[range.upperBound...].prefix { $0.isNumber }) ?? 0
            }
            let part = bytes[min(start, bytes.count)...]
            let status =
                start > 0
                ? "206 Partial Content\r\nContent-Range: bytes \(start)-\(bytes.count - 1)/\(bytes.count)" : "200 OK"
            return Array(
                "HTTP/1.1 \(status)\r\nAccept-Ranges: bytes\r\nContent-Length: \(part.count)\r\nConnection: close\r\n\r\n"
                    .utf8) + part
        }
    }
}

extension [UInt8] {
    fileprivate func ends(with suffix: some Collection<UInt8>) -> Bool {
        self.suffix(suffix.count).elementsEqual(suffix)
    }
}
