import Foundation
import HTTPTypes
import Hummingbird
import JSON
import NIOCore
import Records

/// One authenticated request, as the routes see it.
struct Call: Sendable {
    let request: Request
    let context: APIContext
    let caller: Caller
    let settings: APISettings

    var query: Query { Query(request.uri.query) }

    /// The id in the path. Anything that is no id is a page that does not exist.
    func id(_ name: String) throws(APIError) -> UUID {
        guard let text = context.parameters.get(name), let id = UUID(wire: text) else { throw .pageNotFound }
        return id
    }

    func body() async throws -> JSONReader { try await RequestBody(request: request, settings: settings).json() }
}

/// The JSON document in the body, at most `bodyLimit` bytes that arrive within `bodyTimeout`.
struct RequestBody: Sendable {
    let request: Request
    let settings: APISettings

    func json() async throws -> JSONReader {
        guard request.headers[.contentType].map(Self.isJSON) == true else { throw APIError.badContentType }
        if let length = request.headers[.contentLength].flatMap({ Int($0) }), length > settings.bodyLimit {
            throw APIError.bodyTooLarge
        }
        let bytes = try await receive()
        guard let value = try? JSONValue(parsing: Data(bytes.readableBytesView)) else { throw APIError.notJSON }
        return JSONReader(value)
    }

    private static func isJSON(_ contentType: String) -> Bool {
        let mediaType = contentType.prefix { $0 != ";" }.trimmingCharacters(in: .whitespaces)
        return mediaType.lowercased() == "application/json"
    }
    private func receive() async throws -> ByteBuffer {
        let (body, limit, timeout) = (request.body, settings.bodyLimit, settings.bodyTimeout)
        return try await withThrowingTaskGroup(of: ByteBuffer.self) { group in
            group.addTask {
                var bytes = ByteBuffer()
                for try await var part in body {
                    guard bytes.readableBytes + part.readableBytes <= limit else { throw APIError.bodyTooLarge }
                    bytes.writeBuffer(&part)
                }
                return bytes
            }
            group.addTask {
                try await Task.sleep(for: timeout)
                throw APIError.bodyTooSlow(after: timeout)
            }
            defer { group.cancelAll() }
            guard let bytes = try await group.next() else { throw APIError.internalError }
            return bytes
        }
    }
}
