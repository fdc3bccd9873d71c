import Inference
import Scene
import Testing

struct LetterboxTests {
    private static let input = PixelSize(width: 640, height: 384)

    @Test func aWideFrameGetsBarsAboveAndBelow() {
        let letterbox = Letterbox(
            region: PixelRect(x: 0, y: 0, width: 1920, height: 1080), input: Self.input, alignment: .center)
        #expect(letterbox.content == PixelRect(x: 0, y: 12, width: 640, height: 360))
    }

    @Test func aNarrowFrameGetsBarsAtItsSides() {
        let letterbox = Letterbox(
            region: PixelRect(x: 0, y: 0, width: 480, height: 360), input: Self.input, alignment: .center)
        #expect(letterbox.content == PixelRect(x: 64, y: 0, width: 512, height: 384))
        let corner = Letterbox(
            region: PixelRect(x: 0, y: 0, width: 480, height: 360), input: Self.input, alignment: .topLeft)
        #expect(corner.content == PixelRect(x: 0, y: 0, width: 512, height: 384))
    }

    @Test func aBoxComesBackToWhereItWasInTheFrame() {
        let letterbox = Letterbox(
            region: PixelRect(x: 200, y: 100, width: 960, height: 540), input: Self.input, alignment: .center)
        // The content is 640×360 at (0, 12): 1.5 frame pixels a tensor pixel.
        let box = letterbox.boxInFrame(BoundingBox(minX: 100, minY: 112, maxX: 200, maxY: 212))
        #expect(box == BoundingBox(minX: 350, minY: 250, maxX: 500, maxY: 400))
    }

    @Test func whatReachesIntoTheBarsIsClippedToTheRegion() {
        let letterbox = Letterbox(
            region: PixelRect(x: 10, y: 20, width: 640, height: 360), input: Self.input, alignment: .center)
        let box = letterbox.boxInFrame(BoundingBox(minX: -50, minY: 0, maxX: 700, maxY: 384))
        #expect(box == BoundingBox(minX: 10, minY: 20, maxX: 650, maxY: 380))
    }

    @Test(arguments: [
        PixelSize(width: 1, height: 5000), PixelSize(width: 5000, height: 1), PixelSize(width: 1, height: 1),
    ])
    func noShapeOfRegionIsScaledToNothing(region: PixelSize) {
        let content = Letterbox(region: PixelRect(region), input: Self.input, alignment: .center).content
        #expect(content.width >= 1 && content.height >= 1)
        #expect(content.x >= 0 && content.x + content.width <= 640)
        #expect(content.y >= 0 && content.y + content.height <= 384)
    }

    @Test func aSquareFillsTheInputAndWhatReachesBeyondKeepsItsPlace() throws {
        let frame = PixelRect(x: 0, y: 0, width: 640, height: 360)
        let inside = try #require(
            Letterbox(square: PixelRect(x: 100, y: 50, width: 64, height: 64), within: frame, side: 128))
        #expect(inside.content == PixelRect(x: 0, y: 0, width: 128, height: 128))
        #expect(inside.pointInFrame(Point(x: 64, y: 32)) == Point(x: 132, y: 66))
        let corner = try #require(
            Letterbox(square: PixelRect(x: -16, y: 328, width: 64, height: 64), within: frame, side: 128))
        #expect(corner.region == PixelRect(x: 0, y: 328, width: 48, height: 32))
        #expect(corner.content == PixelRect(x: 32, y: 0, width: 96, height: 64))
        #expect(corner.pointInFrame(Point(x: 32, y: 0)) == Point(x: 0, y: 328))
        let beyond = Detection(box: BoundingBox(minX: 0, minY: 70, maxX: 20, maxY: 90), confidence: 0.9)
        #expect(corner.inFrame(beyond) == nil)
    }
    @Test func aSquareOutsideIsNotLookedAt() {
        let frame = PixelRect(x: 0, y: 0, width: 640, height: 360)
        #expect(Letterbox(square: PixelRect(x: 640, y: 0, width: 64, height: 64), within: frame, side: 128) == nil)
        #expect(Letterbox(square: PixelRect(x: -64, y: 0, width: 64, height: 64), within: frame, side: 128) == nil)
    }
}
