import CameraSupport
import Foundation
import Synchronization

/// An HTTP server on the loopback interface that says to each request, byte by byte, what a test wants it to say.
final class RawReceiver: Sendable {
    struct Request: Sendable {
        let line: String
        /// Names in lower case.
        let headers: [String: String]
        let body: [UInt8]
    }
    private let listener = LoopbackListener()
    private let requests = Mutex<[Request]>([])
    private let open = Mutex<[Int32]>([])
    private let accepted = Atomic(0)
    var port: Int { listener.port }
    /// Connections that were made so far.
    var connections: Int { accepted.load(ordering: .relaxed) }
    var received: [Request] { requests.withLock { $0 } }

    /// - Parameters:
    ///   - keepsOpen: whether a connection is for many requests; else it is closed after an answer, without a word about that.
    ///   - answer: what is said to a request; `nil`: nothing, and the connection stays open.
    init(keepsOpen: Bool = false, _ answer: @escaping @Sendable (Request) -> String?) {
        Thread.detachNewThread { [listener, weak self] in
            while let connection = listener.next() {
                self?.accepted.add(1, ordering: .relaxed)
                while true {
                    guard let self, let request = Self.read(connection) else {
                        close(connection)
                        break
                    }
                    requests.withLock { $0.append(request) }
                    guard let text = answer(request) else {
                        open.withLock { $0.append(connection) }
                        break
                    }
                    _ = Array(text.utf8).withUnsafeBytes {
                        send(connection, $0.baseAddress, $0.count, Int32(MSG_NOSIGNAL))
                    }
                    if keepsOpen { continue }
                    close(connection)
                    break
                }
            }
        }
    }
    deinit {
        listener.stop()
        open.withLock { $0 }.forEach { close($0) }
    }

    /// One request, of which the length of the body is said.
    private static func read(_ connection: Int32) -> Request? {
        var bytes: [UInt8] = [], part = [UInt8](repeating: 0, count: 4096)
        while true {
            if let end = bytes.firstRange(of: Array("\r\n\r\n".utf8)) {
                let lines = String(decoding: bytes[..<end.lowerBound], as: UTF8.self).components(separatedBy: "\r\n")
                var headers: [String: String] = [:]
                for line in lines.dropFirst() {
                    let colon = line.firstIndex(of: ":") ?? line.endIndex
                    headers[line[..<colon].lowercased()] = line[colon...].dropFirst().trimmingCharacters(
                        in: .whitespaces)
                }
                let length = Int(headers["content-length"] ?? "") ?? 0
                if bytes.count >= end.upperBound + length {
                    return Request(
                        line: lines[0], headers: headers, body: Array(bytes[end.upperBound...].prefix(length)))
                }
            }
            let count = recv(connection, &part, part.count, 0)
            guard count > 0 else { return nil }
            bytes += part[..<count]
        }
    }
}
