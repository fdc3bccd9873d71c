import CFFmpeg
import Foundation

/// Asks web servers through the proxy. FFmpeg makes the connections, since it speaks TLS; what is said over them is said here, since
/// FFmpeg's own HTTP keeps to itself what the server answers beside the body. Belongs to one thread.
///
/// A connection within TLS is kept for the next request where the server lets it be: its handshake is what costs time, and FFmpeg 5 keeps
/// some bytes of each tunnel through a proxy. One to the proxy is for one request.
final class WebClient {
    let proxy: String
    let configuration: MediaConfiguration
    let interrupt: Interrupt
    private var kept: (origin: String, connection: WebConnection)?

    init(proxy: String, configuration: MediaConfiguration, interrupt: Interrupt) {
        (self.proxy, self.configuration, self.interrupt) = (proxy, configuration, interrupt)
    }

    /// Blocks for as long as `interrupt` is armed for.
    /// - Parameter limit: bytes that the body may have.
    /// - Throws: `stalled` when the time is over, `cannotOpen` when no connection is made, `interrupted` for what is no whole answer,
    ///   `tooLarge`.
    func get(
        _ address: URLComponents, _ fields: [(name: String, value: String)], limit: Int
    ) throws(MediaError) -> WebAnswer {
        let all =
            [
                ("Host", address.authority), ("User-Agent", "Sightline"), ("Accept", "*/*"),
                ("Connection", address.isEncrypted ? "keep-alive" : "close"),
            ] + fields
        // The proxy is asked for what is not encrypted, and leads to the server otherwise.
        let target = address.isEncrypted ? address.target : "http://\(address.authority)\(address.target)"
        let lines = ["GET \(target) HTTP/1.1"] + all.map { "\($0): \($1)" }
        let request = lines.joined(separator: "\r\n") + "\r\n\r\n"
        if let last = kept, last.origin == address.origin {
            do throws(MediaError) {
                return try ask(last.connection, address.origin, request, limit)
            } catch {
                // The server may have closed it meanwhile.
                guard !last.connection.hasAnswered, !interrupt.shouldStop else { throw error }
            }
        }
        kept = nil
        let connection = try WebConnection(to: address, proxy: proxy, configuration, interrupt)
        return try ask(connection, address.origin, request, limit)
    }

    private func ask(
        _ connection: WebConnection, _ origin: String, _ request: String, _ limit: Int
    ) throws(MediaError) -> WebAnswer {
        kept = nil
        try connection.send(request)
        var reader = WebAnswerReader(limit: limit) { () throws(MediaError) in try connection.read() }
        let answer = try reader.answer()
        if answer.leavesConnection, origin.hasPrefix("tls:") { kept = (origin, connection) }
        return answer
    }
}

extension URLComponents {
    /// As it stands in a request.
    var target: String {
        (percentEncodedPath.isEmpty ? "/" : percentEncodedPath) + (percentEncodedQuery.map { "?" + $0 } ?? "")
    }
    fileprivate var authority: String { (encodedHost ?? "") + (port.map { ":\($0)" } ?? "") }
    fileprivate var isEncrypted: Bool { scheme?.lowercased() == "https" }
    /// Where a server is asked, and how: what else may be told to it depends on it.
    var origin: String {
        "\(isEncrypted ? "tls" : "tcp")://\(encodedHost?.lowercased() ?? ""):\(port ?? (isEncrypted ? 443 : 80))"
    }
}

/// A connection through the proxy.
private final class WebConnection {
    private static let portion = 64 << 10
    /// Asked while FFmpeg waits, also when it closes the connection.
    private let interrupt: Interrupt
    private var stream: UnsafeMutablePointer<AVIOContext>?
    /// Whether anything has come since the latest request.
    private(set) var hasAnswered = false

    init(
        to address: URLComponents, proxy: String, _ configuration: MediaConfiguration, _ interrupt: Interrupt
    ) throws(MediaError) {
        self.interrupt = interrupt
        // Of TLS the proxy is an option.
        let end = address.isEncrypted ? address.origin : proxy.replacing("http://", with: "tcp://")
        var callback = AVIOInterruptCB(
            callback: { Unmanaged<Interrupt>.fromOpaque($0!).takeUnretainedValue().shouldStop ? 1 : 0 },
            opaque: Unmanaged.passUnretained(interrupt).toOpaque())
        var options = FFmpegOptions(configuration.httpOptions(proxy: proxy))
        var opened: UnsafeMutablePointer<AVIOContext>?
        let status = options.withPointer {
            avio_open2(&opened, end, AVIO_FLAG_READ | AVIO_FLAG_WRITE, &callback, $0)
        }
        stream = opened
        guard status >= 0 else { throw failure(.cannotOpen(FFmpegStatus(rawValue: status))) }
    }
    deinit { avio_closep(&stream) }

    func send(_ text: String) throws(MediaError) {
        hasAnswered = false
        let bytes = Array(text.utf8)
        avio_write(stream, bytes, Int32(bytes.count))
        avio_flush(stream)
        guard let error = stream?.pointee.error, error >= 0 else { throw failure(.noAnswer) }
    }

    /// - Returns: `nil` at the end, or where the connection broke.
    func read() throws(MediaError) -> [UInt8]? {
        var bytes = [UInt8](repeating: 0, count: Self.portion)
        let count = avio_read_partial(stream, &bytes, Int32(bytes.count))
        if interrupt.shouldStop { throw failure(.noAnswer) }
        guard count > 0 else { return nil }
        hasAnswered = true
        bytes.removeLast(bytes.count - Int(count))
        return bytes
    }

    private func failure(_ error: MediaError) -> MediaError {
        interrupt.isOverdue ? .stalled(after: interrupt.time) : error
    }
}
