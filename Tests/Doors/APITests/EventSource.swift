import DoorSupport
import Foundation
import JSON
import Testing

/// The client's side of server-sent events, taken apart.
struct EventSource {
    fileprivate let connection: RawConnection
    let reply: Reply

    /// `nil` at the end. One event is one chunk.
    func chunk() async throws -> String? {
        let line = String(decoding: try await connection.read(through: "\r\n"), as: UTF8.self)
        guard let size = Int(line.trimmingCharacters(in: .newlines), radix: 16), size > 0,
            let bytes = try await connection.read(count: size)
        else { return nil }
        _ = try await connection.read(count: 2)
        return String(decoding: bytes, as: UTF8.self)
    }
    func next() async throws -> (id: String?, data: JSONValue)? {
        guard let text = try await chunk() else { return nil }
        var id: String?, data = JSONValue.null
        for line in text.split(separator: "\n") {
            if line.hasPrefix("id: ") { id = String(line.dropFirst(4)) }
            if line.hasPrefix("data: ") { data = try JSONValue(parsing: Data(line.dropFirst(6).utf8)) }
        }
        return (id, data)
    }
}

extension TestServer {
    /// - Parameter path: with its query.
    func follow(
        _ path: String, headers: [String: String] = [:], _ body: (EventSource) async throws -> Void
    ) async throws {
        try await RawConnection.open(port: port) { connection in
            var head = "GET \(path) HTTP/1.1\r\nHost: localhost\r\n"
            for (name, value) in Self.basic(user).merging(headers, uniquingKeysWith: { $1 }) {
                head += "\(name): \(value)\r\n"
            }
            try await connection.write("\(head)\r\n")
            let answer = String(decoding: try await connection.read(through: "\r\n\r\n"), as: UTF8.self)
            // The body is read as it comes.
            let reply = try Reply(Data(answer.replacing("ransfer-encoding: chunked", with: "e: chunked").utf8))
            let source = EventSource(connection: connection, reply: reply)
            if reply.status == 200 { #expect(try await source.chunk() == "retry: 1000\n\n") }
            try await body(source)
        }
    }
}
