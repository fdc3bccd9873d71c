import Foundation
import Scene

/// What one frame shows of a crowd or a person.
struct Sighting: Sendable {
    var time: FrameTime
    var peopleCount: Int
    /// Centres of the people.
    var people: [Point]
    /// The person of human tracking.
    var detection: Detection?
    /// How well the frame shows the event; the highest becomes the overview, the first among equals.
    var merit: Float
}

/// One crowd or one person from beginning to end, cut into events as the policy wants. Turns sightings into updates.
///
/// With `EventPolicy.period` the cuts lie on a grid of `interval` seconds that begins with the episode, so that late
/// frames do not push later events back. A frame on or past a cut begins the next event; intervals in which nobody was
/// seen have none.
struct Episode: Sendable {
    /// What updates carry besides the event.
    struct Detail: Hashable, Sendable {
        var hasCoordinates = false
        var hasBody = false
    }
    private var event: Event
    private var latest: Sighting
    private var bestMerit: Float
    private var nextCut: MediaTime?
    private let begin: MediaTime
    private let policy: EventPolicy
    private let detail: Detail

    /// - Parameters:
    ///   - begin: the frame with which it begins, when that was before `first`.
    ///   - snapshot: encodes the frame of `first`, or gives `nil` when it must not become the event's picture. Called at most once.
    init(
        _ kind: Event.Kind, first: Sighting, begin: FrameTime? = nil, policy: EventPolicy, detail: Detail,
        snapshot: () -> Snapshot?
    ) {
        (self.policy, self.detail, latest, bestMerit) = (policy, detail, first, first.merit)
        event = Event(kind, first: first, begin: begin ?? first.time, trackID: UUID(), snapshot: snapshot())
        self.begin = event.begin.pts
        nextCut = cut(after: first.time.pts)
    }

    /// Takes a further sighting without telling anybody: the episode is still being probed.
    mutating func add(_ sighting: Sighting, snapshot: () -> Snapshot?) {
        latest = sighting
        event.end = sighting.time
        event.peopleCount = max(event.peopleCount, sighting.peopleCount)
        guard sighting.merit > bestMerit else { return }
        bestMerit = sighting.merit
        event.overview = Event.Overview(sighting, snapshot: snapshot())
    }

    /// The episode is confirmed.
    mutating func opened() -> EventUpdate {
        nextCut = cut(after: latest.time.pts)
        return update(.opened, .started, isReported: policy == .start)
    }
    mutating func continued(with sighting: Sighting, snapshot: () -> Snapshot?) -> [EventUpdate] {
        guard let nextCut, sighting.time.pts + Self.slack >= nextCut else {
            add(sighting, snapshot: snapshot)
            return [update(.continued, .inProgress, isReported: false)]
        }
        let ending = update(.closed, nil, isReported: true)
        event = Event(event.kind, first: sighting, begin: sighting.time, trackID: event.trackID, snapshot: snapshot())
        (latest, bestMerit) = (sighting, sighting.merit)
        self.nextCut = cut(after: sighting.time.pts)
        return [ending, update(.opened, .inProgress, isReported: false)]
    }
    /// The episode is over; speaks of the last frame that belongs to it.
    func closed() -> EventUpdate { update(.closed, .finished, isReported: policy != .start) }

    private func update(_ change: EventUpdate.Change, _ status: EventUpdate.Status?, isReported: Bool) -> EventUpdate {
        EventUpdate(
            event: event, change: change, status: status, isReported: isReported, time: latest.time,
            peopleCount: latest.peopleCount, people: detail.hasCoordinates ? latest.people : nil,
            body: detail.hasBody ? latest.detection.map { .init(box: $0.box, confidence: $0.confidence) } : nil)
    }

    /// The first instant of the grid later than `pts`.
    private func cut(after pts: MediaTime) -> MediaTime? {
        guard case .period(let asked) = policy else { return nil }
        let interval = max(asked, 0.001)  // the resolution of time offsets; a smaller step would not fit the arithmetic
        let passed = ((pts + Self.slack - begin).seconds / interval).rounded(.down)
        return begin + .nanoseconds(Int64((passed + 1) * interval * 1e9))
    }
    /// Media time stamps are rounded to their time base; a frame that misses a cut by less is meant to be on it.
    private static let slack = Duration.microseconds(500)
}

extension Event {
    fileprivate init(_ kind: Kind, first: Sighting, begin: FrameTime, trackID: UUID, snapshot: Snapshot?) {
        self.init(
            trackID: trackID, kind: kind, begin: begin, end: first.time, peopleCount: first.peopleCount,
            overview: Overview(first, snapshot: snapshot))
    }
}
extension Event.Overview {
    fileprivate init(_ sighting: Sighting, snapshot: Snapshot?) {
        self.init(time: sighting.time, people: sighting.people, detection: sighting.detection, snapshot: snapshot)
    }
}
