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
final class CheckingProxy: Sendable {
    private let policy: NetworkPolicy
    private let port: Int
    /// Readable once the proxy is stopped, for whoever polls.
    private let stopReader: Int32
    private let stopWriter: Mutex<Int32?>
    private let failure = Mutex<MediaError?>(nil)

    /// - Throws: `cannotOpen` when the system gives no socket.
    init(policy: NetworkPolicy) throws(MediaError) {
        var ends: [Int32] = [-1, -1]
        guard let (listener, port) = SocketEnd.listening(), pipe(&ends) == 0 else {
            throw .cannotOpen(FFmpegStatus(rawValue: -errno))
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
    var address: String { "http://127.0.0.1:\(port)" }
    /// Why a connection was not made, if one was not: FFmpeg itself only sees an HTTP error.
    var refusal: MediaError? { failure.withLock { $0 } }

    /// Closes all connections.
    func stop() {
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
            client.send(Array("HTTP/1.1 403 Forbidden\r\nConnection: close\r\nContent-Length: 0\r\n\r\n".utf8))
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
        failure.withLock { $0 = .cannotOpen(FFmpegStatus(rawValue: -ECONNREFUSED)) }
        client.send(Array("HTTP/1.1 502 Bad Gateway\r\nConnection: close\r\nContent-Length: 0\r\n\r\n".utf8))
    }
}

/// The head of a request to a proxy: `GET http://host/path HTTP/1.1` or `CONNECT host:443 HTTP/1.1`.
struct ProxyRequest: Equatable {
    let host: String
    let port: UInt16
    /// Whether the bytes that follow are none of the proxy's business.
    let isTunnel: Bool
    /// The head for the server itself; empty for a tunnel.
    let forwarded: [UInt8]

    init?(head: [UInt8]) {
        guard let lineEnd = head.firstRange(of: Array("\r\n".utf8)) else { return nil }
        let parts = head[..<lineEnd.lowerBound].split(separator: UInt8(ascii: " "))
        guard parts.count == 3 else { return nil }
        let target = String(decoding: parts[1], as: UTF8.self)
        isTunnel = parts[0].elementsEqual("CONNECT".utf8)
        let authority: Substring
        if isTunnel {
            authority = target[...]
            forwarded = []
        } else {
            guard target.hasPrefix("http://") else { return nil }
            let rest = target.dropFirst("http://".count)
            authority = rest.prefix { $0 != "/" && $0 != "?" }
            var path = String(rest.dropFirst(authority.count))
            if !path.hasPrefix("/") { path = "/" + path }
            forwarded = parts[0] + Array(" \(path) ".utf8) + parts[2] + head[lineEnd.lowerBound...]
        }
        guard let (host, port) = Self.split(authority), let port = port ?? (isTunnel ? nil : 80) else { return nil }
        (self.host, self.port) = (host, port)
    }

    /// `host:port`, `host`, `[v6]:port`.
    private static func split(_ authority: Substring) -> (String, UInt16?)? {
        let hostEnd: Substring.Index
        let host: Substring
        if authority.hasPrefix("[") {
            guard let bracket = authority.firstIndex(of: "]") else { return nil }
            host = authority[authority.index(after: authority.startIndex)..<bracket]
            hostEnd = authority.index(after: bracket)
        } else {
            hostEnd = authority.firstIndex(of: ":") ?? authority.endIndex
            host = authority[..<hostEnd]
        }
        guard !host.isEmpty, !authority.contains("@") else { return nil }
        let rest = authority[hostEnd...]
        if rest.isEmpty { return (String(host), nil) }
        guard rest.hasPrefix(":"), let port = UInt16(rest.dropFirst()) else { return nil }
        return (String(host), port)
    }
}
