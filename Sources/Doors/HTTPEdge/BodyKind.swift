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
    /// The same, or the same in MessagePack, as its `Content-Type` says.
    case document(limit: Int? = nil)
    /// Bytes of any kind, at most `limit`, which are not held but handed on as they come.
    case bytes(limit: Int)

    /// Bytes; `nil`: as many as the listener allows by default.
    var limit: Int? {
        switch self {
        case .none: nil
        case .json(let limit), .document(let limit): limit
        case .bytes(let limit): limit
        }
    }
}

extension Call {
    /// The document in the body. To be called by operations that take one.
    /// - Throws: `Refusal` for what is none, too long, cut off, or does not arrive in time.
    public func body() async throws -> JSONReader { try await incoming(request).document() }

    private func incoming(_ request: Request) -> RequestBody {
        let limit: Int?, forms: [DocumentForm]
        switch context.body {
        case .json(let most): (limit, forms) = (most, [.json])
        case .document(let most): (limit, forms) = (most, DocumentForm.allCases)
        case .none, .bytes: preconditionFailure("an operation reads a body that it does not declare")
        }
        let listener = context.listener
        return RequestBody(
            request: request, limit: limit ?? listener.bodyLimit, timeout: listener.bodyTimeout, forms: forms)
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
            try await body(try await incoming(request).document())
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

/// How a document is written, by its media type.
private enum DocumentForm: String, CaseIterable {
    case json = "application/json"
    case messagePack = "application/msgpack"

    func value(_ bytes: [UInt8]) -> JSONValue? {
        switch self {
        case .json: try? JSONValue(parsing: bytes)
        case .messagePack: try? JSONValue(messagePack: bytes)
        }
    }
}

/// A body on its way: at most `limit` bytes, which arrive within `timeout`.
private struct RequestBody: Sendable {
    let request: Request
    let limit: Int
    let timeout: Duration
    /// Those in which it may be written.
    let forms: [DocumentForm]

    func document() async throws -> JSONReader {
        let form = try checkHead()
        let bytes = try await receive()
        guard let value = form.value(Array(bytes.readableBytesView)) else { throw Refusal.notJSON }
        return JSONReader(value)
    }
    /// What can be said of it before it has come.
    @discardableResult
    func checkHead() throws(Refusal) -> DocumentForm {
        let mediaType = (request.headers[.contentType] ?? "").prefix { $0 != ";" }.trimmingCharacters(in: .whitespaces)
        guard let form = DocumentForm(rawValue: mediaType.lowercased()), forms.contains(form) else {
            throw .badContentType
        }
        if let length = request.headers[.contentLength].flatMap({ Int($0) }), length > limit { throw .bodyTooLarge }
        return form
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
