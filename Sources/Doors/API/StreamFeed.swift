import Foundation
import HTTPTypes
import Hummingbird
import JSON
import Logging
import NIOHTTP1
import Pipeline
import Records
import Scene
import Store
import Streams

/// `/6/streams/{stream_id}/ws`: what happens in a stream, while it happens.
struct StreamFeed: Sendable {
    let services: Services
    let logger: Logger
    private static let access = Access.right(Right(.stream, .view))

    func add(to table: ResourceTable) {
        table.add("/6/streams/:stream_id/ws", .get(services.authenticated(Self.access, refuse)))
    }

    /// A request that was no upgrade, or one that `open` refused: says why.
    @Sendable private func refuse(_ call: Call) async throws -> Response {
        _ = try await subscribe(call.caller, to: call.id("stream_id"))
        throw APIError.badContentType
    }

    /// Decides about an upgrade; `nil` lets it go on as a plain request, which is then refused with its error.
    @Sendable func open(_ head: HTTPRequestHead, from address: String) async -> WebSocketSession? {
        let start = ContinuousClock.now
        let credentials = Credentials(head)
        let path = head.uri.prefix { $0 != "?" }.split(separator: "/", omittingEmptySubsequences: false)
        guard path.count == 5, path[0].isEmpty, path[1] == "6", path[2] == "streams", path[4] == "ws",
            let id = UUID(wire: String(path[3])),
            let caller = try? await Authenticator(identity: services.identity).caller(
                credentials, from: address, for: Self.access),
            case let changes = services.credentialChanges(of: caller.account.id),
            let (subscription, owner) = try? await subscribe(caller, to: id)
        else { return nil }
        let requestID =
            head.headers.first(name: HTTPField.Name.requestID.canonicalName).flatMap { RequestID($0) }
            ?? RequestID()
        var logger = logger
        logger[metadataKey: LogKey.requestID] = "\(requestID)"
        logger[metadataKey: LogKey.streamID] = "\(id.wire)"
        logger.info("Live feed opened")
        services.metrics.record(
            .get, "/6/streams/{stream_id}/ws", .switchingProtocols, in: ContinuousClock.now - start)
        return WebSocketSession(
            headers: [
                HTTPField.Name.requestID.rawName: requestID.description, "Access-Control-Allow-Origin": "*",
            ],
            run: { [logger] socket in
                let code = await withTaskGroup(of: WebSocketCloseCode?.self) { group in
                    group.addTask { await deliver(subscription, to: socket) }
                    group.addTask {
                        await refusal(of: credentials, from: address, streamOf: owner, changes)
                    }
                    defer { group.cancelAll() }
                    return await group.next() ?? nil
                }
                logger.info(
                    "Live feed ended",
                    metadata: [
                        LogKey.closeCode: code.map { "\($0.rawValue)" } ?? "none of ours",
                        LogKey.dropped: "\(subscription.feed.droppedCount)",
                    ])
                return code ?? .normal
            })
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
        of credentials: Credentials, from address: String, streamOf owner: UUID, _ changes: AsyncStream<Change>
    ) async -> WebSocketCloseCode? {
        while !Task.isCancelled {
            // The first time for what happened during the handshake.
            guard
                let caller = try? await Authenticator(identity: services.identity).caller(
                    credentials, from: address, for: Self.access),
                caller.seesAllAccounts || caller.account.id == owner
            else { break }
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
    init(to stream: UUID, of hub: EventHub) {
        (self.stream, self.hub) = (stream, hub)
        feed = hub.subscribe(to: stream)
    }
    deinit { hub.unsubscribe(feed, from: stream) }
}
