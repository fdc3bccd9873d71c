import Glibc
import NIOCore
import NIOPosix
import NIOSSL
import Synchronization

/// A connection to an address that was checked, for one request after the other. The name is for TLS and the `Host` header alone.
struct PinnedConnection: Sendable {
    /// Why there is no answer.
    struct Failure: Error, CustomStringConvertible {
        let description: String
        /// Whether the connection was closed, and not by this side while the exchange lasted, before anything of the answer came.
        var isClosedUnanswered = false
    }
    private let channel: any Channel

    /// Connects. A task that is cancelled waits no longer.
    /// - Parameter idleTime: unused, it is closed after so long.
    /// - Throws: `Failure`; `CancellationError`.
    init(to request: OutgoingRequest, address: String, tls: NIOSSLContext, idleTime: Duration) async throws {
        let opening = Mutex<(any Channel)?>(nil)
        do {
            channel = try await withTaskCancellationHandler {
                try await ClientBootstrap(group: MultiThreadedEventLoopGroup.singleton)
                    .connectTimeout(.seconds(30))
                    .channelInitializer { channel in
                        opening.withLock { $0 = channel }
                        return channel.eventLoop.makeCompletedFuture {
                            let pipeline = channel.pipeline.syncOperations
                            if request.isSecure {
                                let isNumeric = (try? SocketAddress(ipAddress: request.host, port: 0)) != nil
                                try pipeline.addHandler(
                                    NIOSSLClientHandler(
                                        context: tls, serverHostname: isNumeric ? nil : request.host))
                            }
                            try ExchangeHandler.add(to: pipeline, idleTime: TimeAmount(idleTime))
                        }
                    }
                    .connect(to: SocketAddress(ipAddress: address, port: request.port)).get()
            } onCancel: {
                opening.withLock { $0 }?.close(promise: nil)
            }
        } catch {
            try Task.checkCancellation()
            throw Failure(description: Self.sentence(error))
        }
    }

    var isOpen: Bool { channel.isActive }
    func close() { channel.close(promise: nil) }

    /// One request and its answer; none other may be under way.
    /// - Parameter onHead: told the answer's head as soon as it is there; what follows changes nothing.
    /// - Returns: the head, the body where it is wanted, and whether the connection may be used again.
    /// - Throws: `Failure`; `CancellationError`, after which the connection is closed.
    func exchange(
        _ request: OutgoingRequest, onHead: @escaping @Sendable (HTTPHeadOfAnswer) -> Void
    ) async throws -> Exchange.Answer {
        let answer = channel.eventLoop.makePromise(of: Exchange.Answer.self)
        do {
            return try await withTaskCancellationHandler {
                channel.writeAndFlush(Exchange(request: request, onHead: onHead, answer: answer)).whenFailure { _ in
                    answer.fail(Loss(error: Silence(), isUnanswered: true))  // it was closed already
                }
                return try await answer.futureResult.get()
            } onCancel: {
                channel.close(promise: nil)
            }
        } catch {
            try Task.checkCancellation()
            let loss = error as? Loss, error = loss?.error ?? error
            throw Failure(
                description: (error as? Silence)?.description ?? Self.sentence(error),
                isClosedUnanswered: loss?.isUnanswered ?? false)
        }
    }

    private static func sentence(_ error: any Error) -> String {
        switch error {
        case let error as IOError: "The receiver cannot be reached: \(String(cString: strerror(error.errnoCode)))"
        case let error as NIOConnectionError:
            "The receiver cannot be connected to: \(error.connectionErrors.first.map { "\($0.error)" } ?? "no answer")"
        case is AnswerTooLong: "The answer is too long"
        case is ChannelError: "The receiver cannot be connected to in time, or closed the connection"
        case let error as NIOSSLError: "TLS with the receiver failed: \(error)"
        case let error as NIOSSLExtraError: "TLS with the receiver failed: \(error.description)"
        default: "The receiver gave no answer that is HTTP"
        }
    }
}
