import Foundation
import Glibc
import Synchronization

/// An HTTP proxy on the loopback interface, for one source, through which FFmpeg makes its HTTP and HTTPS connections.
///
/// FFmpeg follows redirects by itself and resolves names by itself. The proxy sees every connection, resolves the name,
/// checks all its addresses against the `NetworkPolicy` and connects to the very address it checked, so that neither
/// a redirect nor a name that changes its address leads past the check.
///
/// Two threads per connection at most, which end with `stop()`.
public final class CheckingProxy: Sendable {
    private let policy: NetworkPolicy
    let port: Int
    /// Readable once the proxy is stopped, for whoever polls.
    private let stopReader: Int32
    private let stopWriter: Mutex<Int32?>
    private let failure = Mutex<AddressError?>(nil)

    /// - Throws: `cannotConnect` when the system gives no socket.
    public init(policy: NetworkPolicy) throws(AddressError) {
        var ends: [Int32] = [-1, -1]
        guard let (listener, port) = SocketEnd.listening(), pipe(&ends) == 0 else {
            throw .cannotConnect(errno)
        }
        for end in ends { _ = fcntl(end, F_SETFD, FD_CLOEXEC) }
        (self.policy, self.port, stopReader) = (policy, port, ends[0])
        stopWriter = Mutex(ends[1])
        Thread.detachNewThread { [self] in accept(from: listener) }
    }
    deinit {
        stop()
        close(stopReader)
    }

    /// For FFmpeg's option `http_proxy`.
    public var address: String { "http://127.0.0.1:\(port)" }
    /// Why a connection was not made, if one was not: FFmpeg itself only sees an HTTP error.
    public var refusal: AddressError? { failure.withLock { $0 } }

    /// Closes all connections.
    public func stop() {
        stopWriter.withLock { writer in
            if let writer { close(writer) }
            writer = nil
        }
    }

    private func accept(from listener: SocketEnd) {
        while let connection = listener.accept(unless: stopReader) {
            Thread.detachNewThread { [self] in serve(connection) }
        }
    }

    private func serve(_ client: SocketEnd) {
        guard let (head, rest) = client.readHead(limit: 64 << 10, unless: stopReader),
            let request = ProxyRequest(head: head)
        else {
            client.send(Array("HTTP/1.1 400 Bad Request\r\nConnection: close\r\nContent-Length: 0\r\n\r\n".utf8))
            return
        }
        let addresses: [NetworkAddress]
        do {
            addresses = try policy.addresses(of: request.host)
        } catch {
            failure.withLock { $0 = error }
            // RFC 9209: by this it is known from a refusal of the server's own.
            let status = "Proxy-Status: sightline; error=destination_ip_prohibited"
            client.send(
                Array("HTTP/1.1 403 Forbidden\r\n\(status)\r\nConnection: close\r\nContent-Length: 0\r\n\r\n".utf8))
            return
        }
        for address in addresses {
            guard let server = SocketEnd.connected(to: address, port: request.port, unless: stopReader) else {
                continue
            }
            if request.isTunnel {
                client.send(Array("HTTP/1.1 200 Connection established\r\n\r\n".utf8))
            }
            server.send(request.forwarded + rest)
            SocketEnd.join(client, server, unless: stopReader)
            return
        }
        failure.withLock { $0 = .cannotConnect(ECONNREFUSED) }
        client.send(Array("HTTP/1.1 502 Bad Gateway\r\nConnection: close\r\nContent-Length: 0\r\n\r\n".utf8))
    }
}
