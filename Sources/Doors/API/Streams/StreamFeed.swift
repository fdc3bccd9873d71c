import Foundation
import HTTPEdge
import Hummingbird
import HummingbirdCore
import JSON
import Logging
import Records
import Store
import Streams
import Synchronization

/// `/6/streams/{stream_id}/ws`: what happens in a stream, while it happens.
struct StreamFeed: Sendable {
    let services: Services
    private static let access = Access.right(.stream, .view)

    func add(to table: ResourceTable) { table.socket("/6/streams/{stream_id}/ws", Self.access, open: open) }

    @Sendable private func open(_ call: Call) async throws -> WebSocketSession {
        let id = try call.id("stream_id")
        if let after = try call.query.text("after", maximumLength: 64) {
            let follower = try await StreamFollower(call, to: id, after: after, services)
            return session(call, id, of: follower.owner) {
                follower.droppedCount
            } deliver: { socket in
                await follower.run { try await socket.send($0.text) }.closeCode
            }
        }
        let (subscription, owner) = try await subscribe(call.caller, to: id)
        try subscription.takePlace(among: services.subscribers)
        return session(call, id, of: owner) {
            subscription.feed.droppedCount
        } deliver: { socket in
            await deliver(subscription, to: socket)
        }
    }

    /// - Parameters:
    ///   - dropped: frames that were left out for the reader.
    ///   - deliver: tells until the feed ends or the client does; `nil` when nothing more can or need be said to it.
    private func session(
        _ call: Call, _ id: UUID, of owner: UUID, dropped: @escaping @Sendable () -> Int,
        deliver: @escaping @Sendable (WebSocket) async -> WebSocketCloseCode?
    ) -> WebSocketSession {
        let watch = CredentialWatch(services, of: call, for: Self.access) {
            $0.seesAllAccounts || $0.account.id == owner
        }
        var logger = call.context.logger
        logger[metadataKey: LogKey.stream] = "\(id.wire)"
        return WebSocketSession { [logger] socket in
            logger.info("Live feed opened")
            let code = await withTaskGroup(of: WebSocketCloseCode?.self) { group in
                group.addTask { await deliver(socket) }
                group.addTask { await watch.refusal() ? .policyViolation : nil }
                defer { group.cancelAll() }
                return await group.next() ?? nil
            }
            logger.info(
                "Live feed ended",
                metadata: [
                    APILogKey.closeCode: code.map { "\($0.rawValue)" } ?? "none of ours",
                    APILogKey.dropped: "\(dropped())",
                ])
            return code ?? .normal
        }
    }

    /// Subscribes first and looks at the status then: so a stream that ends in between is either refused here or says
    /// `finished` in the feed, and nobody waits for a stream that is over.
    private func subscribe(
        _ caller: Caller, to id: UUID
    ) async throws -> (subscription: Subscription, owner: UUID) {
        let subscription = Subscription(to: id, of: services.hub)
        guard let stream = try await services.store.stream(id: id, account: caller.scope(Query(nil))) else {
            throw APIError.streamNotFound(id)
        }
        guard stream.status == .inProgress else { throw APIError.notProcessed(id) }
        return (subscription, stream.accountID)
    }

    /// Passes messages on until the feed ends or the client does; `nil` when nothing more can or need be said to it.
    private func deliver(_ subscription: Subscription, to socket: WebSocket) async -> WebSocketCloseCode? {
        while let messages = await subscription.feed.next() {
            for message in messages {
                do {
                    for document in LiveWire.messages(for: message) { try await socket.send(document.text) }
                } catch {
                    return nil  // the client is gone, or the connection is being closed already
                }
                switch message {
                case .failed: return .internalError
                case .finished: return .normal
                case .updates, .analyticError: break
                }
            }
        }
        return subscription.feed.end == .overflowed ? .tryAgainLater : nil
    }
}

extension FollowedFeed.End {
    /// `nil` when nothing more can be said to the client.
    var closeCode: WebSocketCloseCode? {
        switch self {
        case .finished: .normal
        case .failed, .broken: .internalError
        case .lagged: .tryAgainLater
        case .refused: .policyViolation
        case .stopped: nil
        }
    }
}

/// A feed that is given up when nobody holds it any longer, however its connection ended.
private final class Subscription: Sendable {
    let feed: LiveFeed
    private let stream: UUID
    private let hub: EventHub
    private let place = Mutex<Subscribers.Place?>(nil)
    init(to stream: UUID, of hub: EventHub) {
        (self.stream, self.hub) = (stream, hub)
        feed = hub.subscribe(to: stream)
    }
    /// - Throws: when as many watch as may.
    func takePlace(among subscribers: Subscribers) throws(APIError) {
        let own = try subscribers.place(at: stream)
        place.withLock { $0 = own }
    }
    deinit { hub.unsubscribe(feed, from: stream) }
}
