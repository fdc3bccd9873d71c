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
        let changes = services.credentialChanges(of: call.caller.account.id)
        let (subscription, owner) = try await subscribe(call.caller, to: id)
        try subscription.takePlace(among: services.subscribers)
        var logger = call.context.logger
        logger[metadataKey: LogKey.stream] = "\(id.wire)"
        return WebSocketSession { [logger] socket in
            logger.info("Live feed opened")
            let code = await withTaskGroup(of: WebSocketCloseCode?.self) { group in
                group.addTask { await deliver(subscription, to: socket) }
                group.addTask { await refusal(of: call, streamOf: owner, changes) }
                defer { group.cancelAll() }
                return await group.next() ?? nil
            }
            logger.info(
                "Live feed ended",
                metadata: [
                    APILogKey.closeCode: code.map { "\($0.rawValue)" } ?? "none of ours",
                    APILogKey.dropped: "\(subscription.feed.droppedCount)",
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

    /// Returns when whoever watches would no longer be let in: the token was deleted, replaced by one without the right or
    /// has expired, the password was changed, or the account lost sight of others. `nil` when the task is cancelled.
    private func refusal(
        of call: Call, streamOf owner: UUID, _ changes: AsyncStream<Change>
    ) async -> WebSocketCloseCode? {
        let authenticator = Authenticator(identity: services.identity)
        while !Task.isCancelled {
            // The first time for what happened during the handshake.
            let caller: Caller
            do {
                caller = try await authenticator.caller(
                    call.request.head, from: call.context.clientAddress, for: Self.access)
            } catch StoreError.unavailable {
                // While nobody can write, nothing about him changes.
                guard (try? await Task.sleep(for: .seconds(1))) != nil else { return nil }
                continue
            } catch {
                break
            }
            guard caller.seesAllAccounts || caller.account.id == owner else { break }
            let isExpired = await withTaskGroup(of: Bool.self) { group in
                group.addTask {
                    for await _ in changes { break }
                    return false
                }
                if let expiry = caller.expiry {
                    let time = min(expiry.timeIntervalSinceNow, Self.longestWatch)
                    group.addTask { (try? await Task.sleep(for: .seconds(time))) != nil }
                }
                defer { group.cancelAll() }
                return await group.next() ?? false
            }
            if isExpired { break }
        }
        return Task.isCancelled ? nil : .policyViolation
    }
    /// Seconds, ten years: some tokens expire later than a clock can be set.
    private static let longestWatch = 10.0 * 365 * 86400
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
