import Frames
import Inference
import Scene
import Testing

@testable import Recognition

struct VideoLooksTests {
    private static let tiling = Tiling(of: PixelSize(width: 1920, height: 1080))

    /// What is looked at in each of the frames that come at these seconds.
    private static func looks(
        at seconds: [Double], frameRate: Double?, of tilings: (Int) -> Tiling = { _ in Self.tiling }
    ) -> [[PixelRect]] {
        var plan = VideoLooks(frameRate: frameRate)
        return seconds.enumerated().map { frame, seconds in
            plan.regions(of: tilings(frame), in: frame, at: MediaTime(seconds: seconds))
        }
    }
    private static func times(_ count: Int, rate: Double, from start: Double = 0) -> [Double] {
        (0..<count).map { start + Double($0) / rate }
    }

    /// From whatever frame on: nobody who is in sight for half a second is passed over, and hardly any work falls on one frame.
    @Test(arguments: [12.0, 24, 25, 29.97, 30, 50, 60])
    func theWholeAndEachPartComeRoundWithinTheirTime(frameRate: Double) {
        let looks = Self.looks(at: Self.times(1200, rate: frameRate), frameRate: frameRate)
        for (index, region) in Self.tiling.regions.enumerated() {
            let seconds = index == 0 ? VideoLooks.wholeWithin : VideoLooks.partsWithin
            let frames = max(1, Int(seconds * frameRate))
            for start in 0..<120 {
                let isSeen = looks[start..<start + frames].contains { $0.contains(region) }
                #expect(isSeen, "region \(index) from frame \(start)")
            }
        }
        let counts = looks.map(\.count)
        #expect(frameRate < 24 || counts.max() == 1)
        #expect(frameRate < 25 || counts.reduce(0, +) <= 1200 * 7 / 10)
    }
    /// By the frames in a second, of each frame of a round the numbers of the regions.
    static let rounds: [(Double, [[Int]])] = [
        (25, [[0], [1], [], [0], [2], [], [0], [3], [], [0], [4], []]),
        (30, [[0], [1], [], [0], [2], [], [0], [3], [], [0], [4], []]),
        (10, [[0, 1], [0, 2], [0, 3], [0, 4]]),
    ]
    /// As it was measured: the whole and the parts by turns, in the same frames of each round.
    @Test(arguments: rounds)
    func atASteadyRateLooksGoByTheNumbersOfFrames(frameRate: Double, round: [[Int]]) {
        let looks = Self.looks(at: Self.times(120, rate: frameRate), frameRate: frameRate)
        for (frame, regions) in looks.enumerated() {
            #expect(regions == round[frame % round.count].map { Self.tiling.regions[$0] }, "frame \(frame)")
        }
    }
    @Test func unevennessOfSomeMillisecondsCostsNoLook() {
        let steady = Self.times(600, rate: 25), late: [Double] = [0, 0.008, -0.006, 0.003]
        let uneven = steady.indices.map { steady[$0] + late[$0 % late.count] }
        #expect(Self.looks(at: uneven, frameRate: 25) == Self.looks(at: steady, frameRate: 25))
    }

    @Test func ofAVideoOfFewFramesAllIsLookedAt() {
        let looks = Self.looks(at: Self.times(10, rate: 2), frameRate: 2)
        #expect(looks == [[PixelRect]](repeating: Self.tiling.regions, count: 10))
    }

    /// Rates are told of the mean, and by some not truly.
    @Test(arguments: [(25.0, 1.0), (25, 5), (25, 10), (1000, 10), (1000, 25), (60, 30)])
    func aVideoThatIsSlowerThanItSaysIsLookedAtAsOften(told: Double, rate: Double) {
        let times = Self.times(300, rate: rate), looks = Self.looks(at: times, frameRate: told)
        for (index, region) in Self.tiling.regions.enumerated() {
            let seconds = (index == 0 ? VideoLooks.wholeWithin : VideoLooks.partsWithin) * VideoLooks.slack
            let seen = zip(times, looks).filter { $0.1.contains(region) }.map(\.0)
            let longest = zip(seen, seen.dropFirst()).map { $1 - $0 }.max() ?? .infinity
            #expect(longest <= max(seconds, 1 / rate) + 1e-6, "region \(index)")
        }
    }
    @Test func whileFramesComeSlowlyAllOfEachIsLookedAt() {
        let times = Self.times(50, rate: 25) + Self.times(20, rate: 1, from: 3) + Self.times(50, rate: 25, from: 23)
        let looks = Self.looks(at: times, frameRate: 25)
        #expect(looks[50..<70].allSatisfy { $0 == Self.tiling.regions })
        #expect(looks[71...].allSatisfy { $0.count <= 2 })
    }

    @Test func aNewSizeIsLookedAtAtOnceAndSoIsWhereTimeGoesBack() {
        let small = Tiling(of: PixelSize(width: 640, height: 360))
        let resized = Self.looks(at: Self.times(20, rate: 25), frameRate: 25) { $0 < 8 ? small : Self.tiling }
        #expect(resized[7].isEmpty && resized[8] == Self.tiling.regions)
        let turned = Self.looks(at: Self.times(8, rate: 25, from: 9) + Self.times(8, rate: 25), frameRate: 25)
        #expect(turned[8] == Self.tiling.regions)
    }
    /// What says nothing of its rate is taken for a usual one, and what says nonsense too.
    @Test func aRateThatIsNoneIsTheUsualOne() {
        for rate in [nil, 0, -3, .nan, .infinity] as [Double?] {
            let plan = VideoLooks(frameRate: rate), usual = VideoLooks(frameRate: 25)
            #expect(plan.whole == usual.whole && plan.parts == usual.parts)
        }
    }
}
