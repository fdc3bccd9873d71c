import Foundation
import HTTPEdge
import HTTPTypes
import Hummingbird
import Logging
import Records
import Streams

/// `/6/streams/{stream_id}/sse`: what happens in a stream, as server-sent events. A client that comes back goes on where it was.
struct StreamEventSource: Sendable {
    let services: Services
    private static let access = Access.right(.stream, .view)
    /// Ends the id of the last message, so that a client that has it and comes back can be told that there is no more.
    private static let endMark = ".end"

    func add(to table: ResourceTable) { table.add("/6/streams/{stream_id}/sse", .get(Self.access, open)) }

    @Sendable private func open(_ call: Call) async throws -> Response {
        let id = try call.id("stream_id")
        let lastID = call.request.headers[.lastEventID] ?? ""
        let hasEnded = lastID.hasSuffix(Self.endMark)
        let given = hasEnded ? String(lastID.dropLast(Self.endMark.count)) : lastID
        let asked = try call.query.text("after", maximumLength: 64) ?? "now"
        let follower = try await StreamFollower(call, to: id, after: given.isEmpty ? asked : given, services)
        if hasEnded, try await follower.hasNothingToTell() { return Response(status: .noContent) }

        let owner = follower.owner
        let watch = CredentialWatch(services, of: call, for: Self.access) {
            $0.seesAllAccounts || $0.account.id == owner
        }
        var logger = call.context.logger
        logger[metadataKey: LogKey.stream] = "\(id.wire)"
        return .events(to: call.request, in: call.context) {
            await watch.refusal()
        } stop: { [feed = follower.feed] in
            feed.stop($0 == .refused ? .refused : .stopped)
        } serve: { [logger] send in
            logger.info("Live feed opened")
            let end = await follower.run { message in
                let id = message.isLast ? message.cursor.map { $0 + Self.endMark } : message.cursor
                try await send(ServerSentEvent(id: id, data: message.text))
            }
            logger.info(
                "Live feed ended",
                metadata: [
                    APILogKey.feedEnd: "\(end)", APILogKey.dropped: "\(follower.droppedCount)",
                ])
        }
    }
}
