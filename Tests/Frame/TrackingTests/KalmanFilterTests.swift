import Scene
import Testing

@testable import Tracking

struct KalmanFilterTests {
    private static func box(x: Float, height: Float = 100) -> BoundingBox {
        BoundingBox(minX: x - 20, minY: 50, maxX: x + 20, maxY: 50 + height)
    }

    @Test func learnsTheSpeedOfASteadyWalker() {
        var filter = KalmanFilter(Self.box(x: 100), configuration: TrackerConfiguration())
        for step in 1...30 {
            filter.predict(by: .milliseconds(100))
            filter.update(with: Self.box(x: 100 + 6 * Float(step)), trust: 1)
        }
        #expect(abs(filter.x.rate - 60) < 1)
        filter.predict(by: .seconds(1))
        #expect(abs(filter.box.center.x - (100 + 180 + 60)) < 3)
    }

    @Test func predictingInOneStepOrInMoreGivesTheSame() {
        var once = KalmanFilter(Self.box(x: 100), configuration: TrackerConfiguration())
        once.predict(by: .milliseconds(100))
        once.update(with: Self.box(x: 110), trust: 1)
        var often = once
        once.predict(by: .milliseconds(500))
        for _ in 0..<5 { often.predict(by: .milliseconds(100)) }
        #expect(abs(once.x.value - often.x.value) < 1e-3)
        #expect(abs(once.x.valueVariance - often.x.valueVariance) / once.x.valueVariance < 1e-3)
        #expect(abs(once.x.rateVariance - often.x.rateVariance) / once.x.rateVariance < 1e-3)
    }

    @Test func anUnsureMeasurementMovesTheStateLess() {
        var sure = KalmanFilter(Self.box(x: 100), configuration: TrackerConfiguration())
        sure.predict(by: .milliseconds(100))
        var unsure = sure
        sure.update(with: Self.box(x: 120), trust: 1)
        unsure.update(with: Self.box(x: 120), trust: 0.3)
        #expect(sure.box.center.x > unsure.box.center.x)
        #expect(unsure.box.center.x > 100)
    }

    @Test func aShrinkingBoxIsNeverInverted() {
        var filter = KalmanFilter(Self.box(x: 100, height: 40), configuration: TrackerConfiguration())
        for height in stride(from: Float(40), to: 2, by: -6) {
            filter.predict(by: .milliseconds(100))
            filter.update(with: Self.box(x: 100, height: height), trust: 1)
        }
        for _ in 0..<20 { filter.predict(by: .seconds(1)) }
        #expect(filter.box.width >= 1 && filter.box.height >= 1)
    }
}
