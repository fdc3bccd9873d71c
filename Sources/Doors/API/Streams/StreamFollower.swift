import Foundation
import HTTPEdge
import JSON
import Records
import Store
import Streams

/// One reader of `/6/streams/{stream_id}/ws` or `…/sse` who has said after which record he wants to go on.
struct StreamFollower: Sendable {
    let feed: FollowedFeed
    let company: StreamCompany
    /// As long as it is held, a place among those who watch is taken.
    let place: Subscribers.Place
    let owner: UUID
    private let store: Store
    private let scope: RecordScope
    private let start: Int64
    private let changes: AsyncStream<Change>
    private let isDoubtful = Flag()

    /// - Parameter text: of the cursor.
    /// - Throws: when there is no such stream or place, or as many watch as may.
    init(_ call: Call, to id: UUID, after text: String, _ services: Services) async throws {
        guard let stream = try await services.store.stream(id: id, account: call.caller.scope(Query(nil))) else {
            throw APIError.streamNotFound(id)
        }
        (owner, store) = (stream.accountID, services.store)
        scope = .stream(id, of: owner)
        start = try await scope.place(after: text, in: store)
        place = try services.subscribers.place(at: id)
        let feed = FollowedFeed(
            scope, after: start, in: services.store, wording: Self.wording, pace: services.settings.feedPace)
        self.feed = feed
        changes = services.store.changes.changes { $0 == .streams }
        let frames = FollowedFrames(of: id, services.hub) { [weak feed] in feed?.wake() }
        let open = try await services.store.openEvents(ofStream: id, startedUpTo: start)
        company = StreamCompany(id, services, open: open, frames: frames, isDoubtful: isDoubtful)
    }

    /// Frames that were left out for him.
    var droppedCount: Int { company.droppedCount }

    /// Whether the stream is over, and no record of it is behind the place where the feed begins.
    func hasNothingToTell() async throws -> Bool {
        var company = company
        guard try await company.ending() != nil else { return false }
        let portion = try await store.records(of: scope, after: start)
        return portion.records.isEmpty && portion.expired == nil && portion.isLast
    }
    /// Tells until the feed ends.
    func run(send: (FeedMessage) async throws -> Void) async -> FollowedFeed.End {
        await withTaskGroup(of: Void.self) { group in
            group.addTask { [changes, isDoubtful, feed] in
                for await _ in changes {
                    isDoubtful.raise()
                    feed.wake()
                }
            }
            defer { group.cancelAll() }
            return await feed.run(beside: company, send: send)
        }
    }

    private static let wording = FeedWording(envelope: ["stream_status": "in_progress", "error": nil]) { record in
        // Put together as text, since what is remembered of a record is the text that it was told by.
        #"{"analytics_results":\#(record.results.text),"error":null,"phase":"\#(record.phase.rawValue)","stream_status":"in_progress"}"#
    }
}
