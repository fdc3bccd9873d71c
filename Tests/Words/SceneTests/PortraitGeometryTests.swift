import Scene
import Testing

struct PortraitGeometryTests {
    @Test func aHeadIsAsLargeAsTheMeanOneWithTheseEyesAndThisMouth() {
        let face = Landmarks5(
            leftEye: Point(x: 137, y: 200), rightEye: Point(x: 263, y: 200), nose: Point(x: 200, y: 280),
            leftMouth: Point(x: 150, y: 334), rightMouth: Point(x: 250, y: 334))
        let head = PortraitGeometry(face)
        #expect(head.center == Point(x: 200, y: 200) && head.eyeDistance == 126)
        // 63 and 67 mm are 126 and 134 pixels.
        #expect(abs(head.headWidth - 280) < 1e-3 && abs(head.headHeight - 456) < 1e-3)
    }

    @Test func aTiltChangesNothing() {
        func turned(_ x: Float, _ y: Float) -> Point { Point(x: 0.6 * x - 0.8 * y, y: 0.8 * x + 0.6 * y) }
        func face(_ place: (Float, Float) -> Point) -> PortraitGeometry {
            PortraitGeometry(
                Landmarks5(
                    leftEye: place(-30, 0), rightEye: place(30, 0), nose: place(0, 40), leftMouth: place(-25, 65),
                    rightMouth: place(25, 65)))
        }
        let (upright, tilted) = (face { Point(x: $0, y: $1) }, face(turned))
        #expect(abs(upright.headWidth - tilted.headWidth) < 1e-3 && abs(upright.headHeight - tilted.headHeight) < 1e-3)
    }
}
