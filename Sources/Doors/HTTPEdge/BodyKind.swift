import Foundation
import HTTPTypes
import Hummingbird
public import JSON
import NIOCore

/// What an operation takes as body.
public enum BodyKind: Hashable, Sendable {
    /// Nothing that anybody reads.
    case none
    /// One JSON document of at most `limit` bytes; `nil`: as many as the listener allows by default.
    case json(limit: Int? = nil)
    /// Bytes of any kind, at most `limit`, which are not held but handed on as they come.
    case bytes(limit: Int)

    /// Bytes; `nil`: as many as the listener allows by default.
    var limit: Int? {
        switch self {
        case .none: nil
        case .json(let limit): limit
        case .bytes(let limit): limit
        }
    }
}

extension Call {
    /// The JSON document in the body. To be called by operations that take one.
    /// - Throws: `Refusal` for what is no JSON, too long, cut off, or does not arrive in time.
    public func body() async throws -> JSONReader { try await incoming(request).json() }

    private func incoming(_ request: Request) -> RequestBody {
        guard case .json(let limit) = context.body else {
            preconditionFailure("an operation reads a body that it does not declare")
        }
        let listener = context.listener
        return RequestBody(request: request, limit: limit ?? listener.bodyLimit, timeout: listener.bodyTimeout)
    }

    /// Lets `body` read the JSON document of the request, and then go on while it is watched whether the client stays. The connection
    /// is closed after the answer.
    /// - Parameter onDeparture: called when the client leaves.
    func withClientWatched<Value: Sendable>(
        _ body: (JSONReader) async throws -> Value, onDeparture: @escaping @Sendable () -> Void
    ) async throws -> Value {
        // Before anything is read: what is not read to its end cannot be watched.
        try incoming(request).checkHead()
        return try await withClientOfRequestWatched { request in
            try await body(try await incoming(request).json())
        } onDeparture: {
            onDeparture()
        }
    }
    /// Likewise on a body of bytes, whether or not `body` reads them.
    func withSenderWatched<Value: Sendable>(
        _ body: (IncomingBytes) async throws -> Value, onDeparture: @escaping @Sendable () -> Void
    ) async throws -> Value {
        _ = try bytes()
        return try await withClientOfRequestWatched { request in
            let content = try bytes(of: request)
            defer { content.abandon() }
            return try await body(content)
        } onDeparture: {
            onDeparture()
        }
    }
    /// - Parameter body: is given the request to read its body from.
    private func withClientOfRequestWatched<Value: Sendable>(
        _ body: (Request) async throws -> Value, onDeparture: @escaping @Sendable () -> Void
    ) async throws -> Value {
        try await request.body.consumeWithInboundCloseHandler { content in
            var request = request
            request.body = content
            return try await body(request)
        } onInboundClosed: {
            onDeparture()
        }
    }
}

/// A body on its way: at most `limit` bytes, which arrive within `timeout`.
private struct RequestBody: Sendable {
    let request: Request
    let limit: Int
    let timeout: Duration

    func json() async throws -> JSONReader {
        try checkHead()
        let bytes = try await receive()
        guard let value = try? JSONValue(parsing: Data(bytes.readableBytesView)) else { throw Refusal.notJSON }
        return JSONReader(value)
    }
    /// What can be said of it before it has come.
    func checkHead() throws(Refusal) {
        guard request.headers[.contentType].map(Self.isJSON) == true else { throw .badContentType }
        if let length = request.headers[.contentLength].flatMap({ Int($0) }), length > limit { throw .bodyTooLarge }
    }

    private static func isJSON(_ contentType: String) -> Bool {
        let mediaType = contentType.prefix { $0 != ";" }.trimmingCharacters(in: .whitespaces)
        return mediaType.lowercased() == "application/json"
    }
    private func receive() async throws -> ByteBuffer {
        let (body, limit, timeout) = (request.body, limit, timeout)
        return try await withThrowingTaskGroup(of: ByteBuffer.self) { group in
            group.addTask {
                var bytes = ByteBuffer()
                do {
                    for try await var part in body {
                        guard bytes.readableBytes + part.readableBytes <= limit else { throw Refusal.bodyTooLarge }
                        bytes.writeBuffer(&part)
                    }
                } catch  where !(error is Refusal || error is CancellationError) {
                    throw Refusal.unreadable  // the client has gone, or it is no longer HTTP
                }
                return bytes
            }
            group.addTask {
                try await Task.sleep(for: timeout)
                throw Refusal.requestTooSlow(after: timeout)
            }
            defer { group.cancelAll() }
            guard let bytes = try await group.next() else { throw Refusal.internalError }
            return bytes
        }
    }
}
