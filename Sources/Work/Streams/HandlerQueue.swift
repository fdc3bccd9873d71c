public import Logging
public import Records
public import ServiceLifecycle
import Synchronization

/// Takes those whom streams have seen to the handlers that these name, one after the other, beside the streams.
///
/// No stream waits for it: when more people come than handlers are done with, those who have waited longest are left out, and counted.
public final class HandlerQueue: PeopleTaker, Service {
    /// People who wait at most; each holds the pixels of some aligned faces, about a megabyte.
    static let capacity = 64
    /// How long those who wait have when the daemon shuts down.
    private static let patience = Duration.seconds(5)
    private let people: AsyncStream<FollowedPerson>
    private let input: AsyncStream<FollowedPerson>.Continuation
    private let dropped = Atomic(0)
    private let end = Mutex<ContinuousClock.Instant?>(nil)
    private let handle: @Sendable (FollowedPerson) async throws -> Void
    private let logger: Logger

    /// - Parameter handle: returns when the handler has done with somebody; what it throws is logged.
    public init(logger: Logger, handle: @escaping @Sendable (FollowedPerson) async throws -> Void) {
        (self.logger, self.handle) = (logger, handle)
        (people, input) = AsyncStream.makeStream(bufferingPolicy: .bufferingNewest(Self.capacity))
    }

    /// People who were left out.
    public var droppedCount: Int { dropped.load(ordering: .relaxed) }

    public func take(_ person: FollowedPerson) {
        if case .dropped = input.yield(person) { dropped.add(1, ordering: .relaxed) }
    }

    public func run() async {
        await withGracefulShutdownHandler {
            for await person in people { await serve(person) }
        } onGracefulShutdown: {
            self.end.withLock { $0 = ContinuousClock.now + Self.patience }
            self.input.finish()
        }
    }
    private func serve(_ person: FollowedPerson) async {
        if let end = end.withLock({ $0 }), ContinuousClock.now > end {
            dropped.add(1, ordering: .relaxed)
            return
        }
        do { try await handle(person) } catch {
            logger.warning(
                "A handler has not taken somebody",
                metadata: [
                    LogKey.stream: "\(person.stream.id.wire)", "handler.id": "\(person.handler.wire)",
                    LogKey.error: "\(error)",
                ])
        }
    }
}
