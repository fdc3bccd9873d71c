import Foundation
import Frames
import Scene
import Testing

struct FrameSamplerTests {
    /// Which of `pts` a sampler wants.
    static func wanted(_ rate: Rate, _ pts: [Double]) -> [Int] {
        var sampler = FrameSampler(rate)
        return pts.indices.filter { index in
            let time = FrameTime(index: index, pts: MediaTime(seconds: pts[index]), wallClock: .distantPast)
            return sampler.wants(time)
        }
    }

    @Test(arguments: [(1, [0, 1, 2, 3, 4, 5, 6]), (2, [0, 2, 4, 6]), (3, [0, 3, 6]), (7, [0])])
    func aFrameRateTakesEveryNthFrameFromTheFirst(period: Int, expected: [Int]) {
        #expect(Self.wanted(.frames(period), [0, 1, 2, 3, 4, 5, 6]) == expected)
    }

    @Test func zeroSecondsTakeEveryFrame() {
        #expect(Self.wanted(.seconds(0), [0, 0.04, 0.08]) == [0, 1, 2])
    }

    @Test func secondsKeepToTheGridOfTheFirstFrame() {
        // 25 fps, a frame per 0.1 s: the grid 0, 0.1, 0.2 … is met by the first frame at or after each point.
        let pts = (0..<13).map { Double($0) * 0.04 }
        #expect(Self.wanted(.seconds(0.1), pts) == [0, 3, 5, 8, 10])
    }

    @Test func aLateFrameDoesNotPushLaterOnesBack() {
        #expect(Self.wanted(.seconds(1), [0, 0.5, 1.4, 2.0, 2.9, 3.0]) == [0, 2, 3, 5])
    }

    @Test func countingStartsAnewAfterAGap() {
        #expect(Self.wanted(.seconds(1), [0, 10.7, 11.0, 11.6, 11.7]) == [0, 1, 4])
    }

    @Test func countingStartsAnewWhenTheClockJumpsBack() {
        #expect(Self.wanted(.seconds(1), [100, 101, 5, 5.5, 6]) == [0, 1, 2, 4])
    }

    @Test func roundedTimeStampsOfAMillisecondGridAreNotLate() {
        #expect(Self.wanted(.seconds(1.0 / 30), [0, 0.033, 0.067, 0.1]) == [0, 1, 2, 3])
    }
}
