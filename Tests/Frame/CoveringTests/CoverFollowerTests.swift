import Covering
import Scene
import Testing
import Tracking

struct CoverFollowerTests {
    private static let size = PixelSize(width: 640, height: 360)
    private static func time(_ frame: Int) -> MediaTime { MediaTime(seconds: Double(frame) / 25) }
    /// A walker, five pixels a frame.
    private static func box(_ frame: Int) -> BoundingBox {
        let x = 100 + 5 * Float(frame)
        return BoundingBox(minX: x, minY: 100, maxX: x + 20, maxY: 124)
    }
    private static func follower() -> CoverFollower {
        CoverFollower(TrackerConfiguration(), sureFrom: 0.35) { ByteTracker(configuration: $0) }
    }
    private static func isCovered(_ box: BoundingBox, by places: [BoundingBox]) -> Bool {
        places.contains { $0.coverOfFace.intersection(box).area >= 0.999 * box.area }
    }

    @Test func whoIsMissedInSomeFramesStaysCoveredAndThenIsForgotten() {
        var follower = Self.follower()
        for frame in 0..<115 {
            let isSeen = frame < 20 || (26..<30).contains(frame)
            let detections = isSeen ? [Detection(box: Self.box(frame), confidence: 0.6)] : []
            let places = follower.places(of: detections, at: Self.time(frame), in: Self.size)
            if frame < 35 { #expect(Self.isCovered(Self.box(frame), by: places), "frame \(frame)") }
            if frame > 106 { #expect(places.isEmpty) }
        }
    }

    /// As who sits and turns away; and no wider than in the first second.
    @Test func whoStandsAndIsMissedStaysCoveredForThreeSeconds() {
        var follower = Self.follower()
        let box = Self.box(0)
        for frame in 0..<110 {
            let detections = frame < 20 ? [Detection(box: box, confidence: 0.6)] : []
            let places = follower.places(of: detections, at: Self.time(frame), in: Self.size)
            #expect(places.allSatisfy { $0.width < 2.3 * box.width }, "frame \(frame)")
            if frame < 93 { #expect(Self.isCovered(box, by: places), "frame \(frame)") }
            if frame > 96 { #expect(places.isEmpty, "frame \(frame)") }
        }
    }

    /// The model's own doubt is no reason to show somebody.
    @Test func whoIsFoundUnsurelyIsCoveredAtOnce() {
        var follower = Self.follower()
        let unsure = [Detection(box: Self.box(0), confidence: 0.23)]
        #expect(Self.isCovered(Self.box(0), by: follower.places(of: unsure, at: Self.time(0), in: Self.size)))
        var other = Self.follower()
        let clutter = [Detection(box: Self.box(0), confidence: 0.05)]
        #expect(other.places(of: clutter, at: Self.time(0), in: Self.size).isEmpty)
    }

    /// A card may say that a model's doubts are to be covered of which no event tells.
    @Test func fromTheThresholdOfCoversOnEverythingIsCovered() {
        func places(_ confidence: Float, from least: Float?) -> [BoundingBox] {
            var follower = CoverFollower(TrackerConfiguration(), sureFrom: 0.6, coveredFrom: least) {
                ByteTracker(configuration: $0)
            }
            let found = [Detection(box: Self.box(0), confidence: confidence)]
            return follower.places(of: found, at: Self.time(0), in: Self.size)
        }
        #expect(places(0.26, from: nil).isEmpty && places(0.24, from: 0.25).isEmpty)
        #expect(Self.isCovered(Self.box(0), by: places(0.26, from: 0.25)))
    }

    @Test func theHeadOfABodyIsItsUpperPart() {
        let standing = BoundingBox(minX: 100, minY: 100, maxX: 140, maxY: 220).coverOfHead
        #expect(standing.minY < 100 && (130...145).contains(standing.maxY) && standing.minX < 100)
        let seated = BoundingBox(minX: 100, minY: 100, maxX: 170, maxY: 180).coverOfHead
        #expect((155...165).contains(seated.maxY))
    }
}
