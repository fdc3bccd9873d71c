import Glibc
import NIOCore
import NIOHTTP1
import NIOPosix
import NIOSSL
import Synchronization

/// One request over one connection, to an address that was checked. The name is for TLS and the `Host` header alone.
struct PinnedConnection: Sendable {
    /// Why there is no answer.
    struct Failure: Error, CustomStringConvertible {
        let description: String
        /// Nothing was sent.
        let isBeforeRequest: Bool
    }
    /// Bytes of an answer's body that are waited for, so that its sender is not cut off in the middle of a sentence.
    private static let bodyLimit = 64 << 10
    private typealias HTTPChannel = NIOAsyncChannel<HTTPClientResponsePart, HTTPClientRequestPart>

    private let request: WebhookRequest
    private let address: String
    private let tls: NIOSSLContext

    init(_ request: WebhookRequest, address: String, tls: NIOSSLContext) {
        (self.request, self.address, self.tls) = (request, address, tls)
    }

    /// - Parameter onHead: told the answer's head as soon as it is there; what follows changes nothing.
    /// - Throws: `Failure`; `CancellationError`.
    func exchange(onHead: @escaping @Sendable (HTTPHeadOfAnswer) -> Void) async throws -> HTTPHeadOfAnswer {
        let channel = try await connect()
        let found = Mutex<HTTPHeadOfAnswer?>(nil)
        do {
            try await channel.executeThenClose { inbound, outbound in
                try await send(to: outbound)
                var bytes = 0
                for try await part in inbound {
                    switch part {
                    case .head(let head):
                        let known = HTTPHeadOfAnswer(
                            status: Int(head.status.code), retryAfter: head.headers.first(name: "Retry-After"))
                        found.withLock { $0 = known }
                        onHead(known)
                    case .body(let part):
                        bytes += part.readableBytes
                        if bytes > Self.bodyLimit { return }
                    case .end: return
                    }
                }
            }
        } catch {
            if let head = found.withLock({ $0 }) { return head }
            try Task.checkCancellation()
            throw Failure(description: Self.sentence(error), isBeforeRequest: false)
        }
        guard let head = found.withLock({ $0 }) else {
            try Task.checkCancellation()
            throw Failure(description: "The receiver closed the connection without an answer", isBeforeRequest: false)
        }
        return head
    }

    private func send(to outbound: NIOAsyncChannelOutboundWriter<HTTPClientRequestPart>) async throws {
        let head = HTTPRequestHead(
            version: .http1_1, method: .POST, uri: request.target,
            headers: HTTPHeaders(request.headers.map { ($0.name, $0.value) }))
        try await outbound.write(.head(head))
        try await outbound.write(.body(.byteBuffer(ByteBuffer(bytes: request.body))))
        try await outbound.write(.end(nil))
    }

    /// A task that is cancelled waits no longer.
    private func connect() async throws -> HTTPChannel {
        let opening = Mutex<(any Channel)?>(nil)
        let (request, tls) = (request, tls)
        do {
            return try await withTaskCancellationHandler {
                try await ClientBootstrap(group: MultiThreadedEventLoopGroup.singleton)
                    .connectTimeout(.seconds(30))
                    .channelInitializer { channel in
                        opening.withLock { $0 = channel }
                        return channel.eventLoop.makeSucceededVoidFuture()
                    }
                    .connect(to: SocketAddress(ipAddress: address, port: request.port)) { channel in
                        channel.eventLoop.makeCompletedFuture {
                            let pipeline = channel.pipeline.syncOperations
                            if request.isSecure {
                                let isNumeric = (try? SocketAddress(ipAddress: request.host, port: 0)) != nil
                                try pipeline.addHandler(
                                    NIOSSLClientHandler(
                                        context: tls, serverHostname: isNumeric ? nil : request.host))
                            }
                            try pipeline.addHTTPClientHandlers()
                            return try HTTPChannel(wrappingChannelSynchronously: channel)
                        }
                    }
            } onCancel: {
                opening.withLock { $0 }?.close(promise: nil)
            }
        } catch {
            try Task.checkCancellation()
            throw Failure(description: Self.sentence(error), isBeforeRequest: true)
        }
    }

    private static func sentence(_ error: any Error) -> String {
        switch error {
        case let error as IOError: "The receiver cannot be reached: \(String(cString: strerror(error.errnoCode)))"
        case let error as NIOConnectionError:
            "The receiver cannot be connected to: \(error.connectionErrors.first.map { "\($0.error)" } ?? "no answer")"
        case is ChannelError: "The receiver cannot be connected to in time, or closed the connection"
        case let error as NIOSSLError: "TLS with the receiver failed: \(error)"
        case let error as NIOSSLExtraError: "TLS with the receiver failed: \(error.description)"
        default: "The receiver gave no answer that is HTTP"
        }
    }
}
