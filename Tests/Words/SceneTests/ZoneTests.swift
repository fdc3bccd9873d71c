import Scene
import Testing

struct ZoneTests {
    /// A triangle with its corners at (100, 100), (300, 100) and (100, 300), and a strip far right of it.
    private static let zone = Zone(polygons: [
        Polygon(vertices: [Point(x: 100, y: 100), Point(x: 300, y: 100), Point(x: 100, y: 300)]),
        Polygon(vertices: [
            Point(x: 500, y: 0), Point(x: 510, y: 0), Point(x: 510, y: 400), Point(x: 500, y: 400),
        ]),
    ])

    @Test(arguments: [
        (PixelRect(x: 0, y: 0, width: 1000, height: 1000), true),  // around all
        (PixelRect(x: 110, y: 110, width: 20, height: 20), true),  // inside
        (PixelRect(x: 0, y: 0, width: 101, height: 101), true),  // a corner of the triangle
        (PixelRect(x: 190, y: 190, width: 50, height: 50), true),  // across its long side
        (PixelRect(x: 0, y: 150, width: 400, height: 10), true),  // across all of it, none of its corners inside
        (PixelRect(x: 450, y: 100, width: 100, height: 20), true),  // the middle of the strip
        (PixelRect(x: 220, y: 220, width: 80, height: 80), false),  // in the box around the triangle, not in it
        (PixelRect(x: 0, y: 0, width: 99, height: 400), false),
        (PixelRect(x: 310, y: 0, width: 180, height: 400), false),
        (PixelRect(x: 511, y: 0, width: 100, height: 400), false),
    ])
    func aRectangleThatSharesAnythingWithAZoneTouchesIt(rect: PixelRect, touches: Bool) {
        #expect(Self.zone.touches(rect) == touches)
    }
}
