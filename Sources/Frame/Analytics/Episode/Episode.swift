import Foundation
import Records
import Scene

/// What one frame shows of something that lasts, such as a crowd or a person.
protocol Sighting: Sendable {
    /// `event_type` of its events on the wire.
    static var eventType: String { get }
    static var form: Event.Form { get }
    var time: FrameTime { get set }
    /// How well the frame shows the event; the highest becomes its picture, the first among equals.
    var merit: Float { get }
    /// What an event says whose best sighting this is.
    var facts: any Facts { get }
    /// What is told of the picture, if it is this frame's.
    var pictureFacts: any Facts { get }
    /// What is told of a side of who the event is about, if that is cut out of this frame; `nil` when it must not be.
    func sample(of side: Event.Picture.Side) -> Sample?
    /// What live subscribers are told of this frame.
    var live: any Facts { get }
}

/// What is told of a sample, and how good it is.
struct Sample {
    let merit: Float
    /// How far it suits recognition, `0...1`; `nil`: nobody has measured it.
    var quality: Float?
    let facts: any Facts
}

/// The pictures that one frame can give an event. Each is asked for at most once, and only when it may be kept; `nil` when there is none.
struct Shots {
    var frame: () -> Snapshot? = { nil }
    /// A side of who the event is about, cut out.
    var sample: (Event.Picture.Side) -> Snapshot? = { _ in nil }
}

/// Something that lasts, from beginning to end, cut into events as the policy wants. Turns sightings into updates.
///
/// With `EventPolicy.period` the cuts lie on a grid of `interval` seconds that begins with the episode, so that late
/// frames do not push later events back. A frame on or past a cut begins the next event; intervals in which nobody was
/// seen have none.
///
/// An event goes by one clock: a camera's that is set meanwhile makes it neither longer nor shorter.
struct Episode<S: Sighting>: Sendable {
    private var event: Event
    private var latest: S
    private var bestMerit: Float
    private var samples: [BestShots]
    /// What the frames of the event have shown so far, and those since that belong to it if it goes on; `nil`: nobody wants to know.
    private var estimations: [Event.Estimation]?
    private var doubtful: [Event.Estimation] = []
    private var nextCut: MediaTime?
    private let begin: MediaTime
    private let policy: EventPolicy
    /// Of the event that goes on.
    var eventID: UUID { event.id }

    /// - Parameters:
    ///   - begin: the frame with which it begins, when that was before `first`.
    ///   - samples: those that the event is to have, of each side; none of them yet.
    ///   - estimations: of frames before `first`; `nil`: they are not kept.
    ///   - shots: of the frame of `first`.
    init(
        first: S, begin: FrameTime? = nil, policy: EventPolicy, samples: [BestShots] = [],
        estimations: [Event.Estimation]? = nil, shots: Shots
    ) {
        let first = first.byClock(of: begin)
        self.estimations = estimations.map { $0 + [first.estimation] }
        (self.policy, latest, bestMerit, self.samples) = (policy, first, first.merit, samples)
        event = Event(first: first, begin: begin ?? first.time, trackID: UUID(), snapshot: shots.frame())
        self.begin = event.begin.pts
        addSamples(first, shots)
        nextCut = cut(after: first.time.pts)
    }

    /// Takes a further sighting without telling anybody: the episode is still being probed.
    mutating func add(_ sighting: S, _ shots: Shots) {
        let sighting = sighting.byClock(of: event.begin)
        latest = sighting
        event.end = sighting.time
        estimations?.append(contentsOf: doubtful)
        estimations?.append(sighting.estimation)
        doubtful = []
        addSamples(sighting, shots)
        guard sighting.merit > bestMerit else { return }
        bestMerit = sighting.merit
        event.show(sighting, snapshot: shots.frame())
    }

    /// Takes a frame that belongs to the episode only if one follows that does.
    mutating func doubt(_ sighting: S) {
        if estimations != nil { doubtful.append(sighting.byClock(of: event.begin).estimation) }
    }

    /// The episode is confirmed.
    mutating func opened() -> EventUpdate {
        nextCut = cut(after: latest.time.pts)
        return update(.opened, .started, isReported: policy == .start)
    }
    mutating func continued(with sighting: S, _ shots: Shots) -> [EventUpdate] {
        guard let nextCut, sighting.time.pts + Self.slack >= nextCut else {
            add(sighting, shots)
            return [update(.continued, .inProgress, isReported: false)]
        }
        let ending = update(.closed, nil, isReported: true)
        event = Event(first: sighting, begin: sighting.time, trackID: event.trackID, snapshot: shots.frame())
        for index in samples.indices { samples[index].removeAll() }
        if estimations != nil { (estimations, doubtful) = ([sighting.estimation], []) }
        addSamples(sighting, shots)
        (latest, bestMerit) = (sighting, sighting.merit)
        self.nextCut = cut(after: sighting.time.pts)
        return [ending, update(.opened, .inProgress, isReported: false)]
    }
    /// The episode is over; speaks of the last frame that belongs to it.
    func closed() -> EventUpdate { update(.closed, .finished, isReported: policy != .start) }

    private mutating func addSamples(_ sighting: S, _ shots: Shots) {
        for index in samples.indices { samples[index].add(sighting, beside: event.id, shots) }
    }

    private func update(_ change: EventUpdate.Change, _ status: EventUpdate.Status?, isReported: Bool) -> EventUpdate {
        var event = event
        // Samples come with what is told or over: those of a beginning would be replaced by better ones.
        if isReported || change == .closed { event.pictures += samples.flatMap(\.pictures) }
        if change == .closed { event.estimations = estimations ?? [] }
        return EventUpdate(
            event: event, change: change, status: status, isReported: isReported,
            isReportedAtEnd: change == .opened && policy != .start, time: latest.time, live: latest.live)
    }

    /// The first instant of the grid later than `pts`.
    private func cut(after pts: MediaTime) -> MediaTime? {
        guard case .period(let asked) = policy else { return nil }
        let interval = max(asked, 0.001)  // the resolution of time offsets; a smaller step would not fit the arithmetic
        let passed = ((pts + Self.slack - begin).seconds / interval).rounded(.down)
        return begin + .nanoseconds(Int64((passed + 1) * interval * 1e9))
    }
    /// Media time stamps are rounded to their time base; a frame that misses a cut by less is meant to be on it.
    private static var slack: Duration { .microseconds(500) }
}

extension Sighting {
    var estimation: Event.Estimation { Event.Estimation(time: time, facts: live) }
    fileprivate func byClock(of begin: FrameTime?) -> Self {
        guard let begin else { return self }
        var result = self
        result.time = time.byClock(of: begin)
        return result
    }
}

extension Event {
    /// The member of an event that holds its picture.
    private static let pictureName = "overview"

    fileprivate init<S: Sighting>(first: S, begin: FrameTime, trackID: UUID, snapshot: Snapshot?) {
        self.init(
            trackID: trackID, type: S.eventType, form: S.form, begin: begin, end: first.time, facts: first.facts)
        show(first, snapshot: snapshot)
    }
    /// `sighting` is the best one so far.
    fileprivate mutating func show(_ sighting: some Sighting, snapshot: Snapshot?) {
        facts = sighting.facts
        pictures =
            snapshot.map {
                [
                    Picture(
                        id: id.beside, role: .frame(member: Self.pictureName), time: sighting.time,
                        facts: sighting.pictureFacts, snapshot: $0)
                ]
            } ?? []
    }
}
