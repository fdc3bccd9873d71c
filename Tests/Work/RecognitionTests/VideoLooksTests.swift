import Frames
import Inference
import Scene
import Testing

@testable import Recognition

struct VideoLooksTests {
    private static let tiling = Tiling(of: PixelSize(width: 1920, height: 1080))

    /// From whatever frame on: nobody who is in sight for half a second is passed over, and hardly any work falls on one frame.
    @Test(arguments: [12.0, 24, 25, 29.97, 30, 50, 60])
    func theWholeAndEachPartComeRoundWithinTheirTime(frameRate: Double) {
        let plan = VideoLooks(frameRate: frameRate)
        for (index, region) in Self.tiling.regions.enumerated() {
            let seconds = index == 0 ? VideoLooks.wholeWithin : VideoLooks.partsWithin
            let frames = max(1, Int(seconds * frameRate))
            for start in 0..<120 {
                let looks = (start..<start + frames).filter {
                    plan.regions(of: Self.tiling, in: $0).contains(region)
                }
                #expect(!looks.isEmpty, "region \(index) from frame \(start)")
            }
        }
        let counts = (0..<1200).map { plan.regions(of: Self.tiling, in: $0).count }
        #expect(frameRate < 24 || counts.max() == 1)
        #expect(frameRate < 25 || counts.reduce(0, +) <= 1200 * 7 / 10)
    }
    @Test func ofAVideoOfFewFramesAllIsLookedAt() {
        for plan in [VideoLooks(frameRate: 2), .all] {
            for frame in 0..<10 { #expect(plan.regions(of: Self.tiling, in: frame) == Self.tiling.regions) }
        }
    }
    /// What says nothing of its rate is taken for a usual one, and what says nonsense too.
    @Test func aRateThatIsNoneIsTheUsualOne() {
        for rate in [nil, 0, -3, .nan, .infinity] as [Double?] {
            let plan = VideoLooks(frameRate: rate), usual = VideoLooks(frameRate: 25)
            #expect(plan.whole == usual.whole && plan.parts == usual.parts)
        }
    }
}
