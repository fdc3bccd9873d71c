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
}
