import Inference
import Scene
import Testing

struct NonMaximumSuppressionTests {
    private static func detection(x: Float, _ confidence: Float) -> Detection {
        Detection(box: BoundingBox(minX: x, minY: 0, maxX: x + 100, maxY: 100), confidence: confidence)
    }

    @Test func ofBoxesThatOverlapTheSurestStays() {
        let kept = nms(
            [Self.detection(x: 5, 0.4), Self.detection(x: 0, 0.9), Self.detection(x: 300, 0.3)], maximumIoU: 0.6)
        #expect(kept.map(\.confidence) == [0.9, 0.3])
    }

    @Test func overlapUpToTheLimitIsKept() {
        // 100×100 boxes 50 apart share a third of their union.
        let pair = [Self.detection(x: 0, 0.9), Self.detection(x: 50, 0.8)]
        #expect(nms(pair, maximumIoU: 0.34).count == 2)
        #expect(nms(pair, maximumIoU: 0.33).count == 1)
    }

    @Test func aDroppedBoxDropsNobodyElse() {
        // 0 drops 40 (IoU 0.43), but 80 overlaps only 40 that much.
        let chain = [Self.detection(x: 0, 0.9), Self.detection(x: 40, 0.8), Self.detection(x: 80, 0.7)]
        #expect(nms(chain, maximumIoU: 0.4).map(\.confidence) == [0.9, 0.7])
    }

    @Test func atMostLimitCandidatesAreLookedAt() {
        let many = (0..<20).map { Self.detection(x: Float($0) * 200, Float($0) / 20) }
        #expect(nms(many, maximumIoU: 0.5, limit: 5).count == 5)
        #expect(nms([], maximumIoU: 0.5).isEmpty)
    }
}
