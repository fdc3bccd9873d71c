import Analytics
import Frames
import Inference
import Records
import Scene
import Tracking

/// The trackers and analytics of a running stream. They take frames strictly in order and see no pixels.
struct Observer: Sendable {
    /// People who are followed and counted, as known after the latest frame.
    private struct Following: Sendable {
        var tracker: any Tracker
        var census: Census
        /// What the model's scores mean for how many there are; `nil` where its card does not say, or the stream asks for a confidence of its own.
        let counting: CountCalibration?
        /// Where it looks; `nil`: at the whole frame.
        let roi: RegionOfInterest?
        var tracks: [Track] = []
        var headcount = Headcount()
        /// The frame that they were last updated with: analytics that share them find them as they are then.
        var frame: Int?
        /// For analytics that want faces of those whose bodies are followed; and the frame whose faces were joined last.
        var faces: FaceJoin?
        var frameOfFaces: Int?
        /// For analytics that want the points of faces; and the frame in which they were corrected last.
        var points = FacePoints()
        var frameOfPoints: Int?

        mutating func join(_ found: [Detection]) { faces?.join(found, to: &tracks) }
        mutating func correct(_ told: [Track.ID: Landmarks5], of lookedAt: [Track.ID], at pts: MediaTime) {
            points.correct(&tracks, told, of: lookedAt, at: pts)
        }
    }
    private var consumers: [Plan.Consumer]
    private var followings: [Following]
    /// By following, its look.
    private let looks: [Int]
    /// By consumer: where people count for it.
    private var regions: [CountingRegion]
    /// By consumer that shares its following: in how many of its frames those who are followed were found. A tracker of one
    /// consumer alone confirms by what that one asks for.
    private var sightings: [[Track.ID: Int]?]
    /// The consumer that is there to count people.
    private let counter: Int?

    /// - Parameter trackers: one for each of the plan's followings.
    init(_ plan: Plan, trackers: [any Tracker]) {
        consumers = plan.consumers
        regions = plan.consumers.map { CountingRegion($0.counting) }
        sightings = plan.consumers.map { consumer in
            plan.consumers.count { $0.following == consumer.following } > 1 && consumer.following != nil ? [:] : nil
        }
        counter = plan.consumers.firstIndex { $0.marking == .people }
        followings = zip(plan.followings, trackers).map { following, tracker in
            let look = plan.looks[following.look], counting = look.confidence == nil ? look.model.counting : nil
            return Following(
                tracker: tracker,
                census: Census(
                    configuration: following.configuration, confidence: look.thresholds.confidence),
                counting: counting, roi: look.roi)
        }
        for consumer in plan.consumers {
            guard let following = consumer.following, let model = consumer.faces else { continue }
            followings[following].faces = FaceJoin(model.thresholds)
        }
        looks = plan.followings.map(\.look)
    }

    // MARK: Where to look

    /// Where those are who are followed by what these looks find.
    func known(in looks: [Int]) -> [BoundingBox] {
        followings.indices.filter { looks.contains(self.looks[$0]) }.flatMap { index in
            followings[index].tracks.filter { $0.phase != .lost }.map(\.box)
        }
    }
    /// The bodies in the frame that an analytic follows; `nil` when their faces are known already.
    func withoutFaces(_ frame: Frame, for index: Int) -> [BoundingBox]? {
        guard let following = consumers[index].following, followings[following].frameOfFaces != frame.time.index else {
            return nil
        }
        return followings[following].tracks.filter { $0.confidence != nil }.map(\.box)
    }
    mutating func join(_ faces: [Detection], _ frame: Frame, for index: Int) {
        guard let following = consumers[index].following else { return }
        followings[following].frameOfFaces = frame.time.index
        followings[following].join(faces)
    }

    /// The faces that are to be looked at closer in a frame, for an analytic that wants their points; none when that was done.
    mutating func facesToLookAt(_ frame: Frame, for index: Int) -> [FacePoints.Face] {
        guard let following = consumers[index].following, followings[following].frameOfPoints != frame.time.index else {
            return []
        }
        return followings[following].points.due(among: followings[following].tracks, at: frame.time.pts)
    }
    /// - Parameters:
    ///   - told: the points that a closer look has shown.
    ///   - lookedAt: who was looked at.
    mutating func correct(_ told: [Track.ID: Landmarks5], of lookedAt: [Track.ID], _ frame: Frame, for index: Int) {
        guard let following = consumers[index].following, followings[following].frameOfPoints != frame.time.index else {
            return
        }
        followings[following].frameOfPoints = frame.time.index
        followings[following].correct(told, of: lookedAt, at: frame.time.pts)
    }

    /// The faces that a frame shows of those who are followed, for an analytic that wants something estimated of them.
    func facesToEstimate(for index: Int) -> [(id: Track.ID, face: Detection)] {
        guard let following = consumers[index].following else { return [] }
        return followings[following].tracks.compactMap { track in
            guard track.phase == .confirmed, let face = track.seenFace, face.landmarks != nil else { return nil }
            return (track.id, face)
        }
    }

    // MARK: What is seen

    /// Brings those whom an analytic follows up to the frame.
    mutating func follow(_ frame: Frame, _ found: FrameViews.Found, by index: Int) {
        if let following = consumers[index].following { follow(frame, found, following) }
    }

    /// Where those are whom a frame, which it follows already, shows an analytic: whom its look is sure of, and who is followed or counted.
    /// Others whom the look doubts are nobody to it.
    func places(of found: FrameViews.Found, by index: Int) -> (faces: [BoundingBox], bodies: [BoundingBox]) {
        let all = consumers[index].following.map { followings[$0].tracks } ?? []
        let tracks = all.filter { $0.phase != .lost }
        // The tracker's own box lags behind who moves.
        let followed = found.detections.filter { detection in
            tracks.contains { track in
                track.confidence == detection.confidence && track.box.intersection(detection.box).area > 0
            }
        }
        let counted = consumers[index].following.map { followings[$0].headcount.people } ?? []
        let own = (found.people + followed).map(\.box) + tracks.map(\.box) + counted.map(\.box)
        return consumers[index].looksForFaces ? (own, []) : (tracks.compactMap { $0.face?.box }, own)
    }

    /// Shows the frame, which it follows already, to one analytic.
    mutating func observe(
        _ frame: Frame, _ found: FrameViews.Found, by index: Int, _ pictures: FramePictures,
        estimates: [Track.ID: FaceEstimates] = [:]
    ) -> AnalyticResult {
        let following = consumers[index].following
        let tracks = following.map { followings[$0].tracks } ?? []
        let headcount = following.map { followings[$0].headcount } ?? Headcount(found: found.people)
        let observation = Observation(
            time: frame.time, frameSize: frame.size, tracks: probed(tracks, by: index),
            headcount: regions[index].narrow(headcount, in: frame.size), snapshot: pictures.snapshot,
            aligned: pictures.aligned, warpQuality: pictures.warpQuality, estimates: estimates)
        let updates = consumers[index].analytic.observe(observation)
        return AnalyticResult(
            observation: observation, updates: AnalyticUpdates(origin: consumers[index].origin, updates: updates),
            marking: consumers[index].marking, headcount: headcountOfMoment(frame, observation, by: index),
            following: following, followings: followings.count, found: found.detections, everybody: headcount,
            decisions: consumers[index].analytic.decisions)
    }

    /// Whether an analytic would have a picture of the frame, which it follows already: tried with a copy of it.
    func wouldKeepPicture(of frame: Frame, _ found: FrameViews.Found, by index: Int) -> Bool {
        let wish = PictureWish()
        var copy = self
        _ = copy.observe(frame, found, by: index, FramePictures(telling: wish))
        return wish.isThere
    }

    /// The tracks as one analytic sees them: tentative until they were found in as many of its frames as it asks for.
    private mutating func probed(_ tracks: [Track], by index: Int) -> [Track] {
        guard let earlier = sightings[index] else { return tracks }
        var current: [Track.ID: Int] = [:]
        let result = tracks.map { track in
            let found = (earlier[track.id] ?? 0) + (track.confidence == nil ? 0 : 1)
            current[track.id] = found
            var track = track
            track.sightings = found
            if found < consumers[index].probeCount { track.phase = .tentative }
            return track
        }
        sightings[index] = current
        return result
    }

    /// Where an analytic counts people by the same tracker, the number is its to say, also of a frame that is not its own.
    private mutating func headcountOfMoment(_ frame: Frame, _ observation: Observation, by index: Int) -> Headcount {
        guard let counter, counter != index, let shared = consumers[counter].following,
            shared == consumers[index].following
        else { return observation.headcount }
        return regions[counter].narrow(followings[shared].headcount, in: frame.size)
    }

    /// Brings a following up to the frame, unless another consumer has.
    private mutating func follow(_ frame: Frame, _ found: FrameViews.Found, _ index: Int) {
        guard followings[index].frame != frame.time.index else { return }
        followings[index].frame = frame.time.index
        followings[index].tracks = followings[index].tracker.update(
            with: found.detections, at: frame.time.pts, frameSize: frame.size)
        let region = followings[index].roi?.resolved(in: frame.size) ?? PixelRect(frame.size)
        followings[index].headcount = followings[index].census.count(
            found.detections, tracks: followings[index].tracks,
            expectation: followings[index].counting.map { counting in
                found.likelihoods.map(counting.expectation)
                    ?? counting.expectation(
                        of: found.detections, in: PixelSize(width: region.width, height: region.height))
            },
            at: frame.time.pts)
    }

    /// Ends every event that is still going on.
    mutating func finish() -> [AnalyticUpdates] {
        var updates: [AnalyticUpdates] = []
        for index in consumers.indices {
            let last = consumers[index].analytic.finish()
            if !last.isEmpty { updates.append(AnalyticUpdates(origin: consumers[index].origin, updates: last)) }
        }
        return updates
    }
}

extension FaceJoin {
    fileprivate init(_ thresholds: ModelCard.Thresholds) {
        self.init(
            high: thresholds.high ?? thresholds.confidence, low: thresholds.low ?? thresholds.candidate)
    }
}
