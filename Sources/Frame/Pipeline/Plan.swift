public import Analytics
public import Inference
import Records
import Scene
import Tracking

/// What a stream's analytics need of its frames, made once: where to look and with what, whom to follow, who wants to know.
///
/// Analytics that need the same share it: one look at a frame for each model and region, one tracker and one count for each look
/// and rate. How many sightings each asks for before somebody counts is applied to the tracks that it is shown.
public struct Plan: Sendable {
    /// Where in a frame to look, and with what.
    struct Look: Sendable, Equatable {
        let model: PeopleModel
        /// `nil`: the whole frame.
        let roi: RegionOfInterest?
        static func == (a: Self, b: Self) -> Bool { a.model === b.model && a.roi == b.roi }
    }
    /// People who are followed through the frames of one rate.
    struct Following: Sendable, Hashable {
        /// Position in `looks`.
        let look: Int
        let rate: Rate
        /// With the least probe count of those who share it.
        var configuration: TrackerConfiguration
    }
    /// One analytic, at the position that `Frame.consumers` knows it by.
    struct Consumer: Sendable {
        let origin: EventOrigin
        let regions: [PreparedAnalytic.Region]
        let marking: PreparedAnalytic.Marking
        /// Which frames it wants.
        let rate: Rate
        /// Position in `looks`.
        let look: Int
        /// Position in `followings`; `nil` when detections are enough.
        let following: Int?
        /// Sightings before somebody who is followed counts for it.
        let probeCount: Int
        /// Where people count for it.
        let counting: RegionFilter?
        var analytic: any Analytic
    }

    private(set) var looks: [Look] = []
    private(set) var followings: [Following] = []
    var consumers: [Consumer] = []
    private let tracker: TrackerSettings

    /// A plan for no analytics yet.
    public init(tracker: TrackerSettings = TrackerSettings()) { self.tracker = tracker }

    /// Takes in one more analytic.
    /// - Parameters:
    ///   - name, resultName: of the analytic, see `EventOrigin`.
    ///   - model: the one that it asks for.
    public mutating func add(
        _ prepared: PreparedAnalytic, name: String, resultName: String, model: PeopleModel
    ) {
        let requirements = prepared.analytic.requirements
        let roi = requirements.roi.flatMap { $0.isEverything ? nil : $0 }
        let look = looks.place(Look(model: model, roi: roi))
        let probeCount = max(1, requirements.tracking?.probeCount ?? 1)
        let following = requirements.tracking.map { _ in
            place(look: look, rate: requirements.rate.canonical, probeCount: probeCount, model: model)
        }
        consumers.append(
            Consumer(
                origin: EventOrigin(name: name, resultName: resultName, callbacks: prepared.callbacks),
                regions: prepared.regions, marking: prepared.marking, rate: requirements.rate, look: look,
                following: following, probeCount: probeCount, counting: requirements.counting,
                analytic: prepared.analytic))
    }

    /// The position of the following of `look` at `rate`, which is added when it is new.
    private mutating func place(look: Int, rate: Rate, probeCount: Int, model: PeopleModel) -> Int {
        if let index = followings.firstIndex(where: { $0.look == look && $0.rate == rate }) {
            let known = followings[index].configuration.probeCount
            followings[index].configuration.probeCount = min(known, probeCount)
            return index
        }
        var configuration = tracker.configuration(for: model.thresholds)
        configuration.probeCount = probeCount
        followings.append(Following(look: look, rate: rate, configuration: configuration))
        return followings.count - 1
    }

    /// Which frames are wanted, by consumer.
    var rates: [Rate] { consumers.map(\.rate) }
    /// Outlines that pictures may show.
    public var regions: [PreparedAnalytic.Region] { consumers.flatMap(\.regions) }
    /// Whether one of the analytics is there to count people, so that its word on their number is the stream's.
    public var countsPeople: Bool { consumers.contains { $0.marking == .people } }
}

extension Array where Element: Equatable {
    /// The position of `element`, which is added when it is new.
    fileprivate mutating func place(_ element: Element) -> Int {
        if let index = firstIndex(of: element) { return index }
        append(element)
        return count - 1
    }
}
