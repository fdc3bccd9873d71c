import Scene
import Testing
import Tracking

/// Tracker and census together, on a script of who is found.
struct CensusTests {
    private static let size = PixelSize(width: 1000, height: 400)
    private static let sure: Float = 0.31

    private static func standing(_ index: Int, score: Float = 0.5, x: Float? = nil) -> Detection {
        let left = x ?? 20 + 90 * Float(index)
        return Detection(box: BoundingBox(minX: left, minY: 100, maxX: left + 40, maxY: 220), confidence: score)
    }
    private static func standing(_ indices: Range<Int>) -> [Detection] { indices.map { standing($0) } }

    /// The counts of looks `interval` seconds apart.
    private static func headcounts(_ looks: [[Detection]], interval: Double, probeCount: Int = 3) -> [Headcount] {
        var configuration = TrackerConfiguration()
        configuration.probeCount = probeCount
        var tracker = ByteTracker(configuration: configuration)
        var census = Census(configuration: configuration, confidence: sure)
        return looks.enumerated().map { index, detections in
            let time = MediaTime(seconds: Double(index) * interval)
            let tracks = tracker.update(with: detections, at: time, frameSize: size)
            return census.count(detections, tracks: tracks, at: time)
        }
    }
    private static func counts(_ looks: [[Detection]], interval: Double) -> [Int] {
        headcounts(looks, interval: interval).map(\.count)
    }

    @Test(arguments: [0.04, 0.1, 0.4, 1.0, 1.25])
    func oneLookThatMissesEightOfTenStandingPeopleChangesNothing(interval: Double) {
        var looks = Array(repeating: Self.standing(0..<10), count: 12)
        looks[6] = Self.standing(3..<5)
        let headcounts = Self.headcounts(looks, interval: interval)
        #expect(headcounts.map(\.count) == Array(repeating: 10, count: 12))
        #expect(headcounts[6].people.count { $0.confidence == nil } == 8)
        // The places, too, are those of the ten.
        for person in headcounts[6].people {
            #expect(looks[0].contains { $0.box.iou(with: person.box) > 0.9 })
        }
    }

    /// - Parameter late: looks until the count has followed.
    @Test(arguments: [(0.04, 21), (0.1, 9), (0.4, 3), (1.0, 2), (5.0, 1)])
    func whoLeavesIsGoneWithinAboutASecondOrTwoLooks(interval: Double, late: Int) {
        let looks =
            Array(repeating: Self.standing(0..<10), count: 12) + Array(repeating: Self.standing(3..<5), count: 30)
        let counts = Self.counts(looks, interval: interval)
        #expect(counts.prefix(12).allSatisfy { $0 == 10 })
        #expect(counts.dropFirst(12).firstIndex(of: 2) == 12 + late - 1)
        #expect(counts.dropFirst(12 + late - 1).allSatisfy { $0 == 2 })
    }

    @Test(arguments: [0.04, 0.1, 0.4, 1.0, 5.0])
    func whoComesIsThereAtOnce(interval: Double) {
        let looks = Array(repeating: Self.standing(0..<3), count: 6) + [Self.standing(0..<7)]
        #expect(Self.counts(looks, interval: interval) == [3, 3, 3, 3, 3, 3, 7])
    }

    @Test func whoWalksOutOfThePictureIsNotWaitedFor() {
        let looks = (0..<30).map { look -> [Detection] in
            let x = 700 + 15 * Float(look)
            return x < 970 ? [Self.standing(0, x: x)] : []
        }
        let counts = Self.counts(looks, interval: 0.1)
        #expect(counts.prefix(18).allSatisfy { $0 == 1 })
        #expect(counts.dropFirst(20).allSatisfy { $0 == 0 })
    }

    @Test func someoneHardlySeenStaysForAsLongAsThereIsAnything() {
        let scores: [Float] = [0, 0.33, 0.33, 0.24, 0.33, 0.23, 0.24, 0.32, 0.24, 0, 0.24, 0.33]
        let looks = scores.map { [Self.standing(0, score: $0)] }
        // Not at the first look, since that may be a flicker of the model; from the second on without a gap.
        #expect(Self.counts(looks, interval: 0.1) == [0, 0, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1])
        #expect(Self.counts(looks, interval: 0.5) == [0, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1])
    }

    @Test func oneUnsureLookIsNobody() {
        let looks = (0..<20).map { look in [Self.standing(0)] + (look % 4 == 3 ? [Self.standing(5, score: 0.33)] : []) }
        #expect(Self.counts(looks, interval: 0.1).allSatisfy { $0 == 1 })
    }

    @Test(arguments: [1, 3]) func whoWasFoundOnceIsNotWaitedForWhateverTheTrackerProbes(probeCount: Int) {
        let looks = (0..<12).map { look in look == 6 ? Self.standing(0..<4) : Self.standing(0..<2) }
        let counts = Self.headcounts(looks, interval: 0.1, probeCount: probeCount).map(\.count)
        #expect(counts == [2, 2, 2, 2, 2, 2, 4, 2, 2, 2, 2, 2])
    }

    @Test func aSecondBoxOnAPersonIsNotASecondPerson() {
        let looks = (0..<10).map { _ in [Self.standing(0), Self.standing(0, score: 0.4, x: 30)] }
        #expect(Self.counts(looks, interval: 0.1).allSatisfy { $0 == 1 })
    }

    @Test func thosePeopleWhoAreFollowedAreNamed() {
        let headcounts = Self.headcounts(Array(repeating: Self.standing(0..<4), count: 5), interval: 0.1)
        #expect(
            Set(headcounts[4].people.map(\.track)).count == 4 && headcounts[4].people.allSatisfy { $0.track != nil })
    }

    // MARK: Who is expected

    /// One of some twenty for whom there is room.
    private static func close(_ index: Int, score: Float = 0.5) -> Detection {
        standing(index, score: score, x: 5 + 47 * Float(index))
    }
    /// Faint ones at three places, of whom the scores are the likelihoods.
    private static func expected(
        _ looks: [[Float]], interval: Double, beside people: Int = 1, isAnybodyThere: Bool = true
    )
        -> [Headcount]
    {
        let configuration = TrackerConfiguration()
        var tracker = ByteTracker(configuration: configuration)
        var census = Census(configuration: configuration, confidence: sure)
        return looks.enumerated().map { index, likelihoods in
            let found = (0..<people).map { Self.close($0) }
            let faint = likelihoods.indices.map { Self.close(people + $0, score: 0.12) }
            let time = MediaTime(seconds: Double(index) * interval)
            let tracks = tracker.update(with: found + faint, at: time, frameSize: size)
            return census.count(
                found + faint, tracks: tracks,
                expectation: Expectation(
                    likelihoods: found.map { _ in 0.9 } + likelihoods, isAnybodyThere: isAnybodyThere),
                at: time)
        }
    }

    @Test func theLikeliestAreCountedOfWhomSoManyAreExpected() {
        let looks = Self.expected(Array(repeating: [0.5, 0.95, 0.55, 0.9, 0.92], count: 3), interval: 2)
        #expect(looks.allSatisfy { $0.count == 4 }, "4.7, of whom one is followed")
        #expect(
            Set(looks[2].people.dropFirst().map(\.box)) == [Self.close(2).box, Self.close(4).box, Self.close(5).box],
            "the likeliest of them")
        let few = Self.expected(Array(repeating: [0.7, 0.7, 0.7, 0.7], count: 3), interval: 2)
        #expect(few.allSatisfy { $0.count == 1 }, "3.7, which may be one")
    }

    /// Three are as many as may be missing of few, and no quarter of sixteen.
    @Test func ofManyManyMustBeMissing() {
        let faint = Array(repeating: [Float](repeating: 0.9, count: 5), count: 3)
        #expect(Self.expected(faint, interval: 2, beside: 4).allSatisfy { $0.count == 8 }, "8.1")
        #expect(Self.expected(faint, interval: 2, beside: 16).allSatisfy { $0.count == 16 }, "18.9")
    }

    @Test func whatComesAndGoesIsCountedByItsMeanOfASecond() {
        let rarely = (0..<40).map { look in look % 4 == 0 ? [Float](repeating: 0.9, count: 5) : [] }
        #expect(Self.expected(rarely, interval: 0.1).dropFirst(10).allSatisfy { $0.count == 1 }, "2.3 in the mean")
        #expect(Self.expected(rarely, interval: 2).map(\.count).prefix(5) == [5, 1, 1, 1, 5], "each look for itself")
        let often = (0..<40).map { look in look % 4 == 0 ? [] : [Float](repeating: 0.9, count: 5) }
        let counts = Self.expected(often, interval: 0.1).map(\.count)
        #expect(counts.dropFirst(11).enumerated().allSatisfy { ($0.offset + 11) % 4 == 0 || $0.element >= 4 })
    }

    @Test func nobodyIsExpectedWhereTheLookShowsNobody() {
        let looks = Array(repeating: [Float](repeating: 0.45, count: 8), count: 5)
        let nobody = Self.expected(looks, interval: 0.1, beside: 0, isAnybodyThere: false)
        #expect(nobody.allSatisfy { $0.count == 0 })
        let one = Self.expected(looks, interval: 0.1, beside: 1, isAnybodyThere: false)
        #expect(one.allSatisfy { $0.count == 4 }, "4.5, and one is there for certain")
        #expect(Self.expected(looks, interval: 0.1, beside: 0).allSatisfy { $0.count == 3 }, "3.6")
    }

    @Test func aPictureStandsForItself() {
        let found = [Self.standing(0), Self.standing(0, score: 0.4, x: 45)]
        let faint = [3, 5, 7].map { Self.standing($0, score: 0.15) }
        func count(_ likelihoods: [Float]?) -> [BoundingBox] {
            let expectation = likelihoods.map { Expectation(likelihoods: $0, isAnybodyThere: false) }
            return Census.count(inPicture: found + faint, expectation: expectation, confidence: Self.sure).people.map(
                \.box)
        }
        #expect(count(nil) == found.map(\.box))
        #expect(count([0.9, 0.9, 0.2, 0.2, 0]) == found.map(\.box))
        #expect(count([0.9, 0.9, 0.2, 0.3, 0.1]) == found.map(\.box) + [faint[1].box])
        func alone(_ isAnybodyThere: Bool) -> [BoundingBox] {
            let expectation = Expectation(likelihoods: [0.8, 0.7, 0.1], isAnybodyThere: isAnybodyThere)
            return Census.count(inPicture: faint, expectation: expectation, confidence: Self.sure).people.map(\.box)
        }
        #expect(alone(false) == [] && alone(true) == [faint[0].box, faint[1].box])
    }
}
