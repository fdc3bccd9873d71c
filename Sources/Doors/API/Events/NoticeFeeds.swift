import Foundation
import HTTPEdge
import Hummingbird
import JSON
import Logging
import Records
import Store
import Streams

/// `/6/ws`, `/6/general/ws`: events of which somebody is to be told, once they are stored; `…/sse` as server-sent events.
struct NoticeFeeds: Sendable {
    let services: Services
    private static let access = Access.right(.event, .view)
    /// Reads from a query which events somebody wants of an account, or of all.
    private typealias Wish = @Sendable (Query, _ account: UUID?) throws -> @Sendable (StoredEvent) -> Bool

    func add(to table: ResourceTable) {
        add(to: table, under: "/6") { query, account in
            let filter = try query.notices(account: account)
            return { $0.handlerID != nil && filter.matches($0) }
        }
        add(to: table, under: "/6/general") { query, account in
            let filter = try query.generalNotices(account: account)
            return { $0.handlerID == nil && filter.matches($0) }
        }
    }
    private func add(to table: ResourceTable, under path: String, _ wish: @escaping Wish) {
        table.socket("\(path)/ws", Self.access) { call in
            // Without `after` from the latest record on, and without numbers.
            let after = try call.query.text("after", maximumLength: 64)
            return session(try await reader(call, wish, after: after ?? "now", isNumbered: after != nil), of: call)
        }
        table.add(
            "\(path)/sse",
            .get(Self.access) { call in
                let asked = try call.query.text("after", maximumLength: 64) ?? "now"
                let lastID = call.request.headers[.lastEventID] ?? ""
                let after = lastID.isEmpty ? asked : lastID
                return events(try await reader(call, wish, after: after, isNumbered: true), of: call)
            })
    }

    /// One who is told.
    private struct Reader: Sendable {
        let feed: FollowedFeed
        let watch: CredentialWatch
        /// As long as it is held, a place among those who watch is taken.
        let place: Subscribers.Place
    }
    private func reader(_ call: Call, _ wish: Wish, after: String, isNumbered: Bool) async throws -> Reader {
        let account = try call.caller.scope(call.query)
        let wants = try wish(call.query, account)
        let scope: RecordScope = account.map { .account($0) } ?? .everything
        let wording = FeedWording(
            envelope: ["stream_status": "in_progress", "error": nil],
            record: { record in
                guard record.isNotice, let event = record.event, wants(event) else { return nil }
                return event.notice.text
            }, isNumbered: isNumbered)
        let start = try await scope.place(after: after, in: services.store)
        return Reader(
            feed: FollowedFeed(
                scope, after: start, in: services.store, wording: wording, pace: services.settings.feedPace),
            watch: CredentialWatch(services, of: call, for: Self.access) {
                $0.seesAllAccounts || $0.account.id == account
            }, place: try services.subscribers.place())
    }

    private func session(_ reader: Reader, of call: Call) -> WebSocketSession {
        let logger = call.context.logger
        return WebSocketSession { socket in
            logger.info("Feed of events opened")
            let code = await withTaskGroup(of: WebSocketCloseCode?.self) { group in
                group.addTask { await reader.feed.run { try await socket.send($0.text) }.closeCode }
                group.addTask { await reader.watch.refusal() ? .policyViolation : nil }
                defer { group.cancelAll() }
                return await group.next() ?? nil
            }
            logger.info(
                "Feed of events ended",
                metadata: [APILogKey.closeCode: code.map { "\($0.rawValue)" } ?? "none of ours"])
            return code ?? .normal
        }
    }
    private func events(_ reader: Reader, of call: Call) -> Response {
        let logger = call.context.logger
        return .events(to: call.request, in: call.context) { [watch = reader.watch] in
            await watch.refusal()
        } stop: { [feed = reader.feed] in
            feed.stop($0 == .refused ? .refused : .stopped)
        } serve: { send in
            logger.info("Feed of events opened")
            let end = await reader.feed.run { message in
                try await send(ServerSentEvent(id: message.cursor, data: message.text))
            }
            logger.info("Feed of events ended", metadata: [APILogKey.feedEnd: "\(end)"])
        }
    }
}
