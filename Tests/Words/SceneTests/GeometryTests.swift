import Scene
import Testing

struct BoundingBoxTests {
    static let unit = BoundingBox(minX: 0, minY: 0, maxX: 10, maxY: 10)

    @Test(arguments: [
        (BoundingBox(minX: 0, minY: 0, maxX: 10, maxY: 10), Float(1)),  // itself
        (BoundingBox(minX: 5, minY: 0, maxX: 15, maxY: 10), Float(1) / 3),  // half shared
        (BoundingBox(minX: 10, minY: 0, maxX: 20, maxY: 10), Float(0)),  // touching edges
        (BoundingBox(minX: 4, minY: 4, maxX: 4, maxY: 4), Float(0)),  // empty
        (BoundingBox(minX: 8, minY: 8, maxX: 2, maxY: 2), Float(0)),  // inverted
    ])
    func iouIsTheSharedFractionOfTheUnion(other: BoundingBox, expected: Float) {
        #expect(abs(Self.unit.iou(with: other) - expected) < 1e-6)
        #expect(Self.unit.iou(with: other) == other.iou(with: Self.unit))
    }
    @Test func twoEmptyBoxesShareNothing() {
        let empty = BoundingBox(minX: 1, minY: 1, maxX: 1, maxY: 1)
        #expect(empty.iou(with: empty) == 0)
    }
    @Test func theCenterAndTheSizeFollowFromTheEdges() {
        let box = BoundingBox(minX: 10, minY: 20, maxX: 30, maxY: 60)
        #expect(box.center == Point(x: 20, y: 40))
        #expect(box.width == 20 && box.height == 40 && box.area == 800)
    }
}

struct PolygonTests {
    static let square = Polygon(vertices: [
        .init(x: 0, y: 0), .init(x: 10, y: 0), .init(x: 10, y: 10), .init(x: 0, y: 10),
    ])
    /// A U: the notch between x 4 and 6 reaches down to y 6.
    static let notched = Polygon(vertices: [
        .init(x: 0, y: 0), .init(x: 4, y: 0), .init(x: 4, y: 6), .init(x: 6, y: 6), .init(x: 6, y: 0),
        .init(x: 10, y: 0),
        .init(x: 10, y: 10), .init(x: 0, y: 10),
    ])

    @Test(
        arguments: [
            (Point(x: 5, y: 5), true), (Point(x: 0, y: 5), true), (Point(x: 5, y: 0), true),
            (Point(x: 10, y: 5), false),
            (Point(x: 5, y: 10), false), (Point(x: -1, y: 5), false), (Point(x: 5, y: 11), false),
            (Point(x: .nan, y: 5), false),
        ] as [(Point, Bool)])
    func leftAndUpperEdgesAreInsideRightAndLowerOutside(point: Point, expected: Bool) {
        #expect(Self.square.contains(point) == expected)
        #expect(Polygon(vertices: Self.square.vertices.reversed()).contains(point) == expected)
    }
    @Test func aNotchIsOutside() {
        #expect(!Self.notched.contains(Point(x: 5, y: 3)))
        #expect(Self.notched.contains(Point(x: 5, y: 8)) && Self.notched.contains(Point(x: 2, y: 3)))
    }
    @Test func neighboursShareNoPointAndLeaveNoGap() {
        let right = Polygon(vertices: Self.square.vertices.map { Point(x: $0.x + 10, y: $0.y) })
        for x in stride(from: Float(0), to: 20, by: 0.5) {
            let point = Point(x: x, y: 5)
            #expect(Self.square.contains(point) != right.contains(point))
        }
    }
    @Test func whatHasNoAreaContainsNothing() {
        #expect(!Polygon(vertices: []).contains(Point(x: 0, y: 0)))
        #expect(!Polygon(vertices: Array(repeating: Point(x: 5, y: 5), count: 3)).contains(Point(x: 5, y: 5)))
    }
    @Test func aZoneIsTheUnionOfItsPolygons() {
        let far = Polygon(vertices: Self.square.vertices.map { Point(x: $0.x + 100, y: $0.y) })
        let zone = Zone(polygons: [Self.square, far])
        #expect(
            zone.contains(Point(x: 5, y: 5)) && zone.contains(Point(x: 105, y: 5)) && !zone.contains(Point(x: 50, y: 5))
        )
        #expect(!Zone(polygons: []).contains(Point(x: 5, y: 5)))
    }
}

struct RegionOfInterestTests {
    static let size = PixelSize(width: 640, height: 360)

    @Test(
        arguments: [
            (RegionOfInterest.pixels(PixelRect(x: 0, y: 0, width: 640, height: 360)), PixelRect(Self.size)),
            (.pixels(PixelRect(x: 639, y: 359, width: 1, height: 1)), PixelRect(x: 639, y: 359, width: 1, height: 1)),
            (.percent(x: 0, y: 0, width: 100, height: 100), PixelRect(Self.size)),
            (.percent(x: 25, y: 50, width: 50, height: 50), PixelRect(x: 160, y: 180, width: 320, height: 180)),
            (.percent(x: 33.3, y: 0, width: 66.7, height: 100), PixelRect(x: 213, y: 0, width: 427, height: 360)),
        ] as [(RegionOfInterest, PixelRect)])
    func aRegionInsideTheFrameIsResolvedToPixels(region: RegionOfInterest, expected: PixelRect) {
        #expect(region.resolved(in: Self.size) == expected)
    }
    @Test(
        arguments: [
            RegionOfInterest.pixels(PixelRect(x: 1, y: 0, width: 640, height: 360)),
            .pixels(PixelRect(x: 0, y: 0, width: 0, height: 10)),
            .pixels(PixelRect(x: -1, y: 0, width: 10, height: 10)), .percent(x: 60, y: 0, width: 50, height: 10),
            .percent(x: 0, y: 0, width: 0.00001, height: 100),
            .pixels(PixelRect(x: .max, y: 0, width: .max, height: 1)), .percent(x: 1e300, y: 0, width: 10, height: 10),
            .percent(x: .nan, y: 0, width: 10, height: 10),
        ] as [RegionOfInterest])
    func aRegionThatIsEmptyOrReachesBeyondTheFrameIsNone(region: RegionOfInterest) {
        #expect(region.resolved(in: Self.size) == nil)
    }
}
