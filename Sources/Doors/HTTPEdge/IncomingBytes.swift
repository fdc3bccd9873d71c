import Foundation
import HTTPTypes
import Hummingbird
public import NIOCore
import Synchronization

/// A body of bytes on its way, part by part as its reader asks: no more of it is held than one part. It may take as long as it
/// likes, as long as it comes.
public struct IncomingBytes: Sendable {
    /// As it was announced; `nil`: nobody said.
    public let announced: Int?
    private let body: RequestBody
    private let limit: Int
    private let pace: Pace
    private let reading = Reading()

    /// What a body must keep to. The time that its reader takes does not count.
    struct Pace: Sendable {
        /// Between two parts.
        var silence: Duration
        /// Bytes in each second that is waited for them, after the first `silence`.
        var leastRate: Int
    }
    /// What has come, and since when the next is waited for.
    private final class Progress: Sendable {
        struct State {
            var bytes = 0
            var waited = Duration.zero
            var since: ContinuousClock.Instant?
        }
        let state = Mutex(State())
    }
    private final class Reading: Sendable { let hasBegun = Atomic(false) }

    init(_ request: Request, limit: Int, pace: Pace) throws(Refusal) {
        (body, self.limit, self.pace) = (request.body, limit, pace)
        announced = request.headers[.contentLength].flatMap { Int($0) }
        if let announced, announced > limit { throw Refusal.bodyTooLarge }
    }

    /// Hands each part to `take`, in their order.
    /// - Throws: `Refusal` for what is too long or too slow; what `take` throws.
    public func read(_ take: @escaping @Sendable (ByteBuffer) async throws -> Void) async throws {
        let progress = Progress()
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask { try await receive(progress, take) }
            group.addTask { try await watch(progress) }
            defer { group.cancelAll() }
            try await group.next()
        }
    }

    private func receive(
        _ progress: Progress, _ take: @Sendable (ByteBuffer) async throws -> Void
    ) async throws {
        reading.hasBegun.store(true, ordering: .relaxed)
        var parts = body.makeAsyncIterator()
        while true {
            progress.state.withLock { $0.since = .now }
            let part: ByteBuffer?
            do { part = try await parts.next() } catch  where !(error is CancellationError) {
                throw Refusal.unreadable  // the client has gone, or it is no longer HTTP
            }
            let count = progress.state.withLock { progress in
                if let since = progress.since { progress.waited += .now - since }
                progress.since = nil
                progress.bytes += part?.readableBytes ?? 0
                return progress.bytes
            }
            guard let part else { return }
            guard count <= limit else { throw Refusal.bodyTooLarge }
            try await take(part)
        }
    }

    /// Lets go of what nobody has begun to read: who hands the parts on would wait for a reader for ever. To be called when nobody
    /// will begin any more.
    func abandon() {
        if !reading.hasBegun.load(ordering: .relaxed) { _ = body.makeAsyncIterator() }
    }

    /// Ends when the body has become too slow.
    private func watch(_ progress: Progress) async throws {
        while true {
            try await Task.sleep(for: pace.silence / 4)
            let (bytes, waited, silent) = progress.state.withLock { progress in
                let silent = progress.since.map { ContinuousClock.now - $0 } ?? .zero
                return (progress.bytes, progress.waited + silent, silent)
            }
            let rated = max(.zero, waited - pace.silence) / .seconds(1)
            if silent >= pace.silence || Double(bytes) < rated * Double(pace.leastRate) {
                throw Refusal.requestTooSlow(after: pace.silence)
            }
        }
    }
}

extension Call {
    /// The bytes of the body. To be called by operations that take some.
    /// - Throws: `Refusal.bodyTooLarge`.
    public func bytes() throws -> IncomingBytes { try bytes(of: request) }

    /// - Parameter request: this one, or with a body that is handed on.
    func bytes(of request: Request) throws -> IncomingBytes {
        guard case .bytes(let limit) = context.body else {
            preconditionFailure("an operation reads bytes that it does not declare")
        }
        let listener = context.listener
        return try IncomingBytes(
            request, limit: limit,
            pace: IncomingBytes.Pace(silence: listener.silenceTimeout, leastRate: listener.leastRate))
    }
}
