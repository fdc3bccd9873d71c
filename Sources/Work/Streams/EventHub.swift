public import Foundation
public import Records
import Synchronization

/// What a live subscriber of one stream is told, in the order in which it happened.
public enum LiveMessage: Sendable {
    /// Updates with a `status`; those of one frame come together, by analytic.
    case updates([AnalyticUpdates])
    /// The analytic of that result name could not handle a frame; the stream goes on.
    case analyticError(resultName: String, String)
    /// The processing broke; the last message.
    case failed(String)
    /// The processing ended or was stopped; the last message.
    case finished
}

/// Makes events durable, then offers them to live subscribers. The single way from a pipeline to the outside.
///
/// While what a stream has to say of events is in memory alone, its feeds withhold that and all that comes behind it.
/// A subscriber that reads too slowly loses `continued` updates first (counted in `LiveFeed.droppedCount`); `opened`
/// and `closed` wait for it until `LiveFeed.capacity` messages are queued, then the feed ends as overflowed.
public final class EventHub: Sendable {
    private let log: any EventLog
    /// Who is told how many people streams show.
    let states: any PeopleStates
    private let people: (any PeopleTaker)?
    private struct State {
        var feeds: [UUID: [LiveFeed]] = [:]
        var frames: [UUID: [LatestFrames]] = [:]
        /// How many runs of a stream have not ended yet: while one is being replaced, two.
        var runs: [UUID: Int] = [:]
        /// By stream: of the latest that was in memory alone when it was recorded.
        var tickets: [UUID: EventTicket] = [:]
    }
    private let state = Mutex(State())

    /// - Parameters:
    ///   - log: a stream waits for it, which costs frames and no event.
    ///   - states: nobody waits for it.
    ///   - people: takes those whom streams have seen to handlers.
    public init(log: any EventLog, states: any PeopleStates = Unheard(), people: (any PeopleTaker)? = nil) {
        (self.log, self.states, self.people) = (log, states, people)
    }

    // MARK: Subscribers

    /// A feed of everything that happens in `stream` from now on.
    public func subscribe(to stream: UUID) -> LiveFeed {
        let feed = LiveFeed { [log] in await log.untilDurable($0) }
        state.withLock { $0.feeds[stream, default: []].append(feed) }
        return feed
    }
    public func unsubscribe(_ feed: LiveFeed, from stream: UUID) {
        state.withLock { state in
            state.feeds[stream]?.removeAll { $0 === feed }
            if state.feeds[stream]?.isEmpty == true { state.feeds[stream] = nil }
        }
    }
    /// Messages that wait for the subscribers of `stream`, all together.
    public func waitingCount(of stream: UUID) -> Int {
        state.withLock { $0.feeds[stream] ?? [] }.reduce(0) { $0 + $1.waitingCount }
    }
    public func subscriberCount(of stream: UUID) -> Int {
        state.withLock { ($0.feeds[stream]?.count ?? 0) + ($0.frames[stream]?.count ?? 0) }
    }

    /// What the frames of `stream` show from now on, whatever becomes of the stream.
    /// - Parameter onNews: called when there is something to take, or a run of the stream has ended. Never waits.
    public func frames(of stream: UUID, onNews: @escaping @Sendable () -> Void) -> LatestFrames {
        let frames = LatestFrames(onNews: onNews)
        state.withLock { $0.frames[stream, default: []].append(frames) }
        return frames
    }
    public func forget(_ frames: LatestFrames, of stream: UUID) {
        state.withLock { state in
            state.frames[stream]?.removeAll { $0 === frames }
            if state.frames[stream]?.isEmpty == true { state.frames[stream] = nil }
        }
    }

    // MARK: Runs

    /// A run of `stream` begins; `end` says that it is over.
    public func begin(_ stream: UUID) { state.withLock { $0.runs[stream, default: 0] += 1 } }
    /// All that a run of `stream` had to say of events has been recorded.
    /// - Parameter message: told to subscribers, whose feeds end.
    public func end(_ stream: UUID, _ message: LiveMessage?) {
        state.withLock { state in
            let left = state.runs[stream, default: 1] - 1
            state.runs[stream] = left > 0 ? left : nil
        }
        if let message { offer(message, to: stream) }
    }
    /// Whether something of events of `stream` may still be recorded.
    public func isRunning(_ stream: UUID) -> Bool { state.withLock { $0.runs[stream] != nil } }

    // MARK: Pipelines

    /// Keeps what a stream has counted.
    func keep(_ minutes: [PeopleMinute]) async throws { try await log.add(minutes) }

    /// Keeps why events of a stream were; gives back those whose events are not there yet.
    func keep(_ traces: [KeptTrace]) async throws -> [KeptTrace] { try await log.add(traces) }

    /// The sink of one run of a stream.
    public func sink(for stream: StreamDefinition) -> any EventSink { HubSink(hub: self, stream: stream) }

    func record(_ updates: [AnalyticUpdates], of stream: StreamDefinition) async throws {
        if updates.contains(where: { $0.updates.contains { $0.change != .continued } }) {
            let ticket = try await log.record(
                updates.flatMap(\.durable), deliveries: updates.flatMap(\.deliveries), of: stream)
            state.withLock { $0.tickets[stream.id] = ticket }
        }
        if let people { updates.flatMap { $0.people(of: stream) }.forEach(people.take) }
        let live = updates.compactMap(\.live)
        if !live.isEmpty { offer(.updates(live), to: stream.id) }
    }

    /// Tells subscribers something that is no event. After `failed` and `finished` their feeds end.
    public func offer(_ message: LiveMessage, to stream: UUID) {
        let (feeds, frames, ticket) = state.withLock { state in
            switch message {
            case .failed, .finished:
                (
                    state.feeds.removeValue(forKey: stream), state.frames[stream],
                    state.tickets.removeValue(forKey: stream)
                )
            default: (state.feeds[stream], state.frames[stream], state.tickets[stream])
            }
        }
        for feed in feeds ?? [] { feed.offer(message, behind: ticket) }
        for frames in frames ?? [] { frames.offer(message) }
    }
}

/// Nobody is told how many people there are.
public struct Unheard: PeopleStates {
    public init() {}
    public func wants(_ stream: StreamDefinition) -> Bool { false }
    public func see(_ count: Int, by analytic: Int, of stream: StreamDefinition) {}
    public func rest(_ stream: StreamDefinition) {}
}

private struct HubSink: EventSink {
    let hub: EventHub
    let stream: StreamDefinition
    func record(_ updates: [AnalyticUpdates]) async throws { try await hub.record(updates, of: stream) }
    func fail(_ analytic: EventOrigin, _ reason: String) {
        hub.offer(.analyticError(resultName: analytic.resultName, reason), to: stream.id)
    }
}

extension AnalyticUpdates {
    /// Those who are gone, and whom the handler is to be given that the analytic names.
    fileprivate func people(of stream: StreamDefinition) -> [FollowedPerson] {
        updates.compactMap { FollowedPerson($0, by: origin, in: stream) }
    }
    /// What live subscribers are told; `nil` when that is nothing.
    fileprivate var live: AnalyticUpdates? {
        let told = updates.filter { $0.status != nil }.map { update in
            // Live messages carry no pictures, and a slow subscriber's queue must not hold them.
            var update = update
            update.event.pictures = []
            update.shots = []
            return update
        }
        return told.isEmpty ? nil : AnalyticUpdates(origin: origin, updates: told)
    }
}
