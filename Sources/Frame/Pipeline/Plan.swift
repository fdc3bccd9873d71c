public import Analytics
public import Inference
import JSON
import Records
public import Scene
import Tracking

/// What a stream's analytics need of its frames, made once: where to look and with what, whom to follow, who wants to know.
///
/// Analytics that need the same share it: one look at a frame for each model and region; one tracker and one count for each look,
/// at the rate of the analytic that takes most frames, where its frames are also those of the others. How many sightings each
/// asks for before somebody counts is applied to the tracks that it is shown.
public struct Plan: Sendable {
    /// Where in a frame to look, and with what.
    struct Look: Sendable, Equatable {
        let model: LoadedModel
        /// `nil`: the whole frame.
        let roi: RegionOfInterest?
        /// How sure the model must be, instead of its own confidence.
        let confidence: Float?
        /// The model's, as far as nothing else is asked for.
        let thresholds: ModelCard.Thresholds

        init(model: LoadedModel, roi: RegionOfInterest?, confidence: Float? = nil) {
            (self.model, self.roi, self.confidence) = (model, roi, confidence)
            thresholds = confidence.map(model.thresholds.moved) ?? model.thresholds
        }
        static func == (a: Self, b: Self) -> Bool {
            a.model === b.model && a.roi == b.roi && a.confidence == b.confidence
        }
    }
    /// People who are followed, through the frames of the consumer that takes most.
    struct Following: Sendable, Hashable {
        /// Position in `looks`.
        let look: Int
        /// With the least probe count of those who share it.
        var configuration: TrackerConfiguration
    }
    /// One analytic, at the position that `Frame.consumers` knows it by.
    struct Consumer: Sendable {
        let origin: EventOrigin
        let regions: [PreparedAnalytic.Region]
        let marking: PreparedAnalytic.Marking
        /// Its parameters, written out.
        let inForce: JSONValue
        /// Which frames it wants.
        let rate: Rate
        /// Position in `looks`.
        let look: Int
        /// Whether that look finds faces; else people.
        let looksForFaces: Bool
        /// Whether it wants people to be followed; else detections are enough.
        let isFollowing: Bool
        /// Position in `followings`, if it is following.
        var following: Int?
        /// With what the faces of those who are followed by their bodies are found, if they are wanted.
        let faces: LoadedModel?
        /// With what the faces of those who are followed are looked at closer for their points, if that is wanted.
        let points: LoadedModel?
        /// What it wants estimated of faces, and with what that is done.
        let estimates: FaceEstimateSet
        let estimation: FaceEstimation?
        /// Sightings in its own frames before somebody who is followed counts for it.
        let probeCount: Int
        /// Where people count for it.
        let counting: RegionFilter?
        /// What its pictures show nobody: no less than those of the stream.
        let privacy: Privacy?
        var analytic: any Analytic
    }

    private(set) var looks: [Look] = []
    private(set) var followings: [Following] = []
    var consumers: [Consumer] = []
    /// Where to look for what is covered.
    private(set) var covers = Covers()
    /// What the stream's pictures show nobody.
    private(set) var privacy: Privacy?
    private let tracker: TrackerSettings

    /// A plan for no analytics yet.
    public init(tracker: TrackerSettings = TrackerSettings(), privacy: Privacy? = nil) {
        (self.tracker, self.privacy) = (tracker, privacy)
    }

    /// Lets the stream's own pictures show nothing that those of any analytic hide.
    public mutating func hideWhatAnyAnalyticHides() {
        privacy = privacies.reduce(nil) { $0?.tightened(by: $1) ?? $1 }
    }

    /// Whether the stream's own pictures show nothing at all.
    public var showsNothing: Bool { privacy?.mode == .countsOnly }

    /// Takes in a model of `coverModels`, with which the whole of each frame is looked at.
    mutating func add(cover choice: ModelChoice, model: LoadedModel) {
        let look = looks.place(Look(model: model, roi: nil))
        if choice == .faces { covers.faces = look } else { covers.bodies = look }
    }

    /// Takes in a model with which frames are looked at once more whose pictures are kept.
    mutating func add(again model: LoadedModel) { covers.again = model }

    /// How those are followed whom a model with these thresholds finds.
    func configuration(for thresholds: ModelCard.Thresholds) -> TrackerConfiguration {
        tracker.configuration(for: thresholds)
    }

    /// Takes in one more analytic.
    /// - Parameters:
    ///   - name, resultName, index: of the analytic, see `EventOrigin`.
    ///   - model: the one that it asks for.
    ///   - faces: the one that finds faces, for one that asks for that besides.
    ///   - points: the one that tells the points of faces, likewise.
    ///   - estimation: that estimates what it asks for of faces.
    public mutating func add(
        _ prepared: PreparedAnalytic, name: String, resultName: String, index: Int = 0, model: LoadedModel,
        faces: LoadedModel? = nil, points: LoadedModel? = nil, estimation: FaceEstimation? = nil
    ) {
        let requirements = prepared.analytic.requirements
        let roi = requirements.roi.flatMap { $0.isEverything ? nil : $0 }
        consumers.append(
            Consumer(
                origin: EventOrigin(
                    name: name, resultName: resultName, index: index, callbacks: prepared.callbacks,
                    handler: prepared.handler),
                regions: prepared.regions, marking: prepared.marking, inForce: prepared.inForce,
                rate: requirements.rate,
                look: looks.place(Look(model: model, roi: roi, confidence: requirements.confidence)),
                looksForFaces: [.faces, .facesAgain].contains(requirements.model),
                isFollowing: requirements.tracking != nil, faces: faces, points: points,
                estimates: requirements.estimates, estimation: estimation,
                probeCount: max(1, requirements.tracking?.probeCount ?? 1),
                counting: requirements.counting,
                privacy: privacy?.tightened(by: requirements.privacy) ?? requirements.privacy,
                analytic: prepared.analytic))
        shareFollowings()
    }

    /// Gives each consumer that follows people its following, which it shares where it can.
    private mutating func shareFollowings() {
        followings = []
        var followingOfLeader: [Int: Int] = [:]
        for index in consumers.indices where consumers[index].isFollowing {
            let (look, probeCount) = (consumers[index].look, consumers[index].probeCount)
            let leader = leader(of: index)
            if let known = followingOfLeader[leader] {
                let least = min(followings[known].configuration.probeCount, probeCount)
                followings[known].configuration.probeCount = least
            } else {
                var configuration = tracker.configuration(
                    for: looks[look].model.thresholds, confidence: looks[look].confidence)
                configuration.probeCount = probeCount
                followingOfLeader[leader] = followings.count
                followings.append(Following(look: look, configuration: configuration))
            }
            consumers[index].following = followingOfLeader[leader]
        }
    }

    /// Of the consumers that take every frame of this one, and look at it alike, the one that takes most; the first of equals.
    private func leader(of index: Int) -> Int {
        let alike = consumers.indices.filter { other in
            consumers[other].isFollowing && consumers[other].look == consumers[index].look
                && consumers[other].rate.covers(consumers[index].rate)
        }
        return alike.reduce(alike[0]) { best, other in
            let (rate, own) = (consumers[best].rate, consumers[other].rate)
            return own.covers(rate) && !rate.covers(own) ? other : best
        }
    }

    /// Where those count whom some looks find; `nil`: wherever they look.
    func zone(countedBy looks: [Int], in size: PixelSize) -> Zone? {
        guard looks.allSatisfy({ !covers.looks.contains($0) }) else { return nil }
        let filters = consumers.filter { looks.contains($0.look) }.map(\.counting)
        return filters.contains(nil)
            ? nil : Zone(polygons: filters.flatMap { $0?.zone(in: size).polygons ?? [] })
    }

    /// Which frames are wanted, by consumer.
    var rates: [Rate] { consumers.map(\.rate) }
    /// Whether nobody wants any frame.
    public var isEmpty: Bool { consumers.isEmpty }
    /// Outlines that pictures may show.
    public var regions: [PreparedAnalytic.Region] { consumers.flatMap(\.regions) }
}

extension Array where Element: Equatable {
    /// The position of `element`, which is added when it is new.
    fileprivate mutating func place(_ element: Element) -> Int {
        if let index = firstIndex(of: element) { return index }
        append(element)
        return count - 1
    }
}
