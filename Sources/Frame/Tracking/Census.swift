public import Scene

/// Counts the people of each look at a stream, so that the count changes when something happens in the picture and not when the
/// model blinks.
///
/// The count of a moment is made of
/// - whom the tracker follows, through looks that miss them;
/// - whom it is still getting to know, from the first sight that the model is sure of;
/// - whom it does not follow and the model finds beside those: at once where it is sure enough for a track, else from the
///   second look that finds them, and for as long as anything like a person is at their place;
/// - whom the model finds too faintly for any of that, but who are to be expected by what its scores mean: so many of the likeliest as
///   all that it finds comes to more than these, in the mean of the looks of a second, where that is three people or more and a quarter of
///   these.
///
/// Who was found in `established` looks is missed without being gone for `patience`, and for one look in any case where looks
/// come at least every `longestGap`. Others are gone with the first look that misses them. Where looks come more slowly, each stands
/// for itself: a person may well have left since the one before. Whoever leaves the picture is gone at once.
///
/// One for each tracker, called with its tracks. It counts what it is shown: regions are narrowed by who calls.
public struct Census: Sendable {
    /// Looks in which somebody must be found before a look that misses them is bridged.
    static let established = 3
    /// Media time for which somebody established is missed before being gone.
    static let patience = Duration.milliseconds(800)
    /// Time since the last sight up to which one missed look is bridged, however long ago the look before was.
    static let longestGap = Duration.milliseconds(1500)
    /// Time between looks from which a single one suffices for whom the model is not quite sure of.
    static let slowLooks = Duration.milliseconds(450)
    /// Boxes that overlap by at least this are of one person.
    static let samePersonOverlap: Float = 0.3
    /// Media time whose looks say together how many are expected.
    static let expectedOver = Duration.seconds(1)
    /// So many more must be expected than are counted, and such a share of these, before anybody is counted for it.
    static let leastMissing: Float = 3, leastShareMissing: Float = 0.25

    /// Somebody whom the tracker does not follow.
    fileprivate struct Bystander {
        var box: BoundingBox
        /// In the latest look.
        var confidence: Float?
        var lastSeen: MediaTime
        /// Looks in which the model was sure.
        var sightings: Int
        /// Whether the sightings suffice to count.
        var isCounted: Bool
    }
    private let configuration: TrackerConfiguration
    private let confidence: Float
    private var bystanders: [Bystander] = []
    /// Tracks that are not confirmed and were counted in the latest look.
    private var newcomers: Set<Track.ID> = []
    private var lastLook: MediaTime?
    /// The sums of likelihoods of the latest looks.
    private var expectations: [(pts: MediaTime, sum: Float)] = []

    /// - Parameters:
    ///   - configuration: of the tracker.
    ///   - confidence: from which the model is sure of a person.
    public init(configuration: TrackerConfiguration, confidence: Float) {
        (self.configuration, self.confidence) = (configuration, confidence)
    }

    /// Takes the next look.
    /// - Parameters:
    ///   - detections: also the unsure ones; the tracker has taken them already.
    ///   - tracks: as the tracker returned them.
    ///   - expectation: what the detections stand for; `nil`: nobody is expected.
    ///   - pts: of the look.
    public mutating func count(
        _ detections: [Detection], tracks: [Track], expectation: Expectation? = nil, at pts: MediaTime
    ) -> Headcount {
        var people = followed(tracks, at: pts)
        people += starting(tracks, beside: people, at: pts)
        people += standingBy(detections, beside: people, at: pts)
        if let expectation { people += expected(detections, expectation, beside: people, at: pts) }
        lastLook = pts
        return Headcount(people)
    }

    // MARK: Parts of the count

    private func followed(_ tracks: [Track], at pts: MediaTime) -> [Headcount.Person] {
        tracks.filter { track in
            guard track.phase != .tentative else { return false }
            guard track.confidence == nil else { return true }
            return track.sightings >= Self.established
                && (track.phase == .confirmed || isMissed(track.lastSeen, at: pts))
        }.map(\.person)
    }

    private mutating func starting(_ tracks: [Track], beside people: [Headcount.Person], at pts: MediaTime)
        -> [Headcount.Person]
    {
        var found = people
        var counted: Set<Track.ID> = []
        for track in tracks where track.phase == .tentative {
            let isSure = track.confidence.map { $0 >= confidence } ?? false
            let isHere =
                track.confidence != nil || track.sightings >= Self.established && isMissed(track.lastSeen, at: pts)
            guard isSure || newcomers.contains(track.id) && isHere else { continue }
            counted.insert(track.id)
            if track.isBeside(found) { found.append(track.person) }
        }
        newcomers = counted
        return Array(found.dropFirst(people.count))
    }

    private mutating func standingBy(
        _ detections: [Detection], beside people: [Headcount.Person], at pts: MediaTime
    ) -> [Headcount.Person] {
        let known = bystanders.filter { $0.isBeside(people) }
        let candidates = detections.filter { $0.confidence >= configuration.lowConfidence && $0.isBeside(people) }
        let isSlow = lastLook.map { pts - $0 >= Self.slowLooks } ?? true
        var pairs: [(overlap: Float, known: Int, found: Int)] = []
        for (index, bystander) in known.enumerated() {
            for (other, detection) in candidates.enumerated() {
                let overlap = bystander.box.iou(with: detection.box)
                if overlap >= Self.samePersonOverlap { pairs.append((overlap, index, other)) }
            }
        }
        var current: [Bystander] = []
        var isFound = Set<Int>(), isUsed = Set<Int>()
        for pair in pairs.sorted(by: { $0.overlap > $1.overlap })
        where !isFound.contains(pair.known) && !isUsed.contains(pair.found) {
            isFound.insert(pair.known)
            isUsed.insert(pair.found)
            current.append(known[pair.known].seen(as: candidates[pair.found], at: pts, sureFrom: confidence))
        }
        for (index, bystander) in known.enumerated()
        where !isFound.contains(index) && bystander.sightings >= Self.established
            && isMissed(bystander.lastSeen, at: pts) && bystander.isBeside(current)
        {
            current.append(bystander.missed())
        }
        for (index, detection) in candidates.enumerated()
        where !isUsed.contains(index) && detection.confidence >= confidence && detection.isBeside(current) {
            current.append(
                Bystander(
                    box: detection.box, confidence: detection.confidence, lastSeen: pts, sightings: 1,
                    isCounted: isSlow || detection.confidence >= configuration.birthConfidence))
        }
        bystanders = current
        return current.filter(\.isCounted).map { Headcount.Person(box: $0.box, confidence: $0.confidence) }
    }

    private mutating func expected(
        _ detections: [Detection], _ expectation: Expectation, beside people: [Headcount.Person], at pts: MediaTime
    ) -> [Headcount.Person] {
        expectations.removeAll { pts - $0.pts >= Self.expectedOver || pts < $0.pts }
        expectations.append((pts, expectation.likelihoods.reduce(0, +)))
        let mean = expectations.reduce(0) { $0 + $1.sum } / Float(expectations.count)
        // Those who are followed are known better than any sum, which may err by some.
        let missing = mean - Float(people.count)
        guard missing >= max(Self.leastMissing, Self.leastShareMissing * Float(people.count)),
            !people.isEmpty || expectation.isAnybodyThere
        else { return [] }
        return Faint(detections, expectation.likelihoods, beside: people).likeliest(Int(missing))
    }

    /// Those whom the model finds at places where nobody is counted yet.
    private struct Faint {
        private let found: [(detection: Detection, likelihood: Float)]
        init(_ detections: [Detection], _ likelihoods: [Float], beside people: [Headcount.Person]) {
            found = zip(detections, likelihoods).filter { $0.1 > 0 && $0.0.isBeside(people) }
                .map { (detection: $0.0, likelihood: $0.1) }
        }
        /// How many are expected.
        var sum: Float { found.reduce(0) { $0 + $1.likelihood } }
        /// So many of them, or as many as there are places.
        func likeliest(_ count: Int) -> [Headcount.Person] {
            var people: [Headcount.Person] = []
            for one in found.sorted(by: { $0.likelihood > $1.likelihood }) where people.count < count {
                guard one.detection.isBeside(people) else { continue }
                people.append(Headcount.Person(box: one.detection.box, confidence: one.detection.confidence))
            }
            return people
        }
    }

    /// The count of a picture that stands for itself: whom the model is sure of, and those who are to be expected beside them.
    /// - Parameters: as of `init` and of the count of a look.
    public static func count(
        inPicture detections: [Detection], expectation: Expectation?, confidence: Float
    ) -> Headcount {
        let sure = Headcount(found: detections.filter { $0.confidence >= confidence }).people
        guard let expectation, !sure.isEmpty || expectation.isAnybodyThere else { return Headcount(sure) }
        let faint = Faint(detections, expectation.likelihoods, beside: sure)
        return Headcount(sure + faint.likeliest(Int(faint.sum.rounded())))
    }

    /// Whether somebody established, last seen then, is there although this look does not show it.
    private func isMissed(_ lastSeen: MediaTime, at pts: MediaTime) -> Bool {
        let unseen = pts - lastSeen
        if unseen <= Self.patience { return true }
        return unseen <= Self.longestGap && lastLook.map { lastSeen >= $0 } ?? false
    }
}

/// What takes a place in the picture.
private protocol Placed { var box: BoundingBox { get } }
extension Detection: Placed {}
extension Track: Placed {}
extension Headcount.Person: Placed {}
extension Census.Bystander: Placed {}

extension Placed {
    /// Whether it is somebody else than all `others`.
    fileprivate func isBeside(_ others: [some Placed]) -> Bool {
        !others.contains { $0.box.iou(with: box) >= Census.samePersonOverlap }
    }
}
extension Track {
    fileprivate var person: Headcount.Person { Headcount.Person(box: box, confidence: confidence, track: id) }
}
extension Census.Bystander {
    fileprivate func seen(as detection: Detection, at pts: MediaTime, sureFrom confidence: Float) -> Self {
        var result = self
        (result.box, result.confidence, result.lastSeen) = (detection.box, detection.confidence, pts)
        if detection.confidence >= confidence {
            result.sightings += 1
            result.isCounted = true
        }
        return result
    }
    fileprivate func missed() -> Self {
        var result = self
        result.confidence = nil
        return result
    }
}
