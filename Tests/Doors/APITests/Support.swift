import DoorSupport
import Foundation
import JSON
import Records
import Testing

extension Reply {
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

extension RawWebSocket {
    /// Watches a stream, as its owner unless other headers say who asks.
    static func open(
        _ server: TestServer, stream: UUID, headers: [String: String]? = nil,
        _ body: (RawWebSocket) async throws -> Void
    ) async throws {
        try await open(
            port: server.port, "/6/streams/\(stream.wire)/ws", headers: headers ?? TestServer.basic(server.user), body)
    }
    func nextMessage() async throws -> JSONValue? {
        guard case .text(let text) = try await next() else { return nil }
        return try JSONValue(parsing: Data(text.utf8))
    }
}
