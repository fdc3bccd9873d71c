import Scene
import Testing
import Tracking

struct FacePairTests {
    private static func box(_ x: Float, _ y: Float, _ width: Float, _ height: Float) -> BoundingBox {
        BoundingBox(minX: x, minY: y, maxX: x + width, maxY: y + height)
    }
    /// A face 30×40 pixels large around a point.
    private static func face(_ x: Float, _ y: Float) -> BoundingBox { box(x - 15, y - 20, 30, 40) }
    private static let standing = box(0, 0, 100, 300)

    @Test(arguments: [
        (Float(50), Float(30), true),
        (50, 149, true),  // at the end of the upper half
        (50, 151, false), (50, 220, false),
        (1, 30, true), (-1, 30, false), (101, 30, false),  // beside
        (50, -17, true), (50, -19, false),  // boxes cut heads off, but not so much
    ])
    func aFaceIsCentredInTheUpperPart(x: Float, y: Float, isPair: Bool) {
        let pairs = FacePair.pairs(faces: [Self.face(x, y)], bodies: [Self.standing])
        #expect(pairs == (isPair ? [FacePair(face: 0, body: 0)] : []))
    }
    @Test func ofWhoIsWiderThanHalfTheHeightTheUpperPartIsAsHighAsWide() {
        let sitting = Self.box(0, 0, 220, 300)
        #expect(FacePair.pairs(faces: [Self.face(110, 210)], bodies: [sitting]).count == 1)
        #expect(FacePair.pairs(faces: [Self.face(110, 230)], bodies: [sitting]).isEmpty)
    }

    @Test func theFaceThatLiesMostWithinGoesFirst() {
        // A third of the first hangs over the edge; the second is further from the middle than the third.
        let faces = [Self.face(95, 30), Self.face(30, 30), Self.face(60, 30)]
        #expect(FacePair.pairs(faces: faces, bodies: [Self.standing]) == [FacePair(face: 2, body: 0)])
        #expect(FacePair.pairs(faces: Array(faces.prefix(2)), bodies: [Self.standing]) == [FacePair(face: 1, body: 0)])
    }
    @Test func nobodyHasTwoFacesAndNoFaceIsTwoPeoples() {
        let bodies = [Self.standing, Self.box(60, 20, 100, 300)]
        // In both bodies, and nearer to the middle of the second; one more in the first alone.
        let faces = [Self.face(85, 50), Self.face(30, 30)]
        #expect(
            Set(FacePair.pairs(faces: faces, bodies: bodies)) == [
                FacePair(face: 0, body: 1), FacePair(face: 1, body: 0),
            ])
        #expect(FacePair.pairs(faces: [faces[0]], bodies: bodies) == [FacePair(face: 0, body: 1)])
        // Whoever loses a face to another may have the next best.
        let close = [Self.face(110, 60), Self.face(86, 60)]
        #expect(
            FacePair.pairs(faces: close, bodies: bodies) == [FacePair(face: 0, body: 1), FacePair(face: 1, body: 0)])
    }
    @Test func ofEqualsTheFirstGoFirst() {
        let bodies = [Self.standing, Self.standing], faces = [Self.face(50, 30), Self.face(50, 30)]
        #expect(
            FacePair.pairs(faces: faces, bodies: bodies) == [FacePair(face: 0, body: 0), FacePair(face: 1, body: 1)])
    }
    @Test func whatCannotBeIsNoPair() {
        let bodies = [Self.standing, Self.box(60, 20, 100, 300)]
        let pairs = FacePair.pairs(faces: [Self.face(85, 50)], bodies: bodies) { _, body in body == 0 }
        #expect(pairs == [FacePair(face: 0, body: 0)])
    }
    @Test(arguments: [box(0, 0, 0, 0), box(50, 30, -1, 5), BoundingBox(minX: .nan, minY: 0, maxX: 9, maxY: 9)])
    func boxesWithoutAreaAreNobodys(box: BoundingBox) {
        #expect(FacePair.pairs(faces: [box], bodies: [Self.standing]).isEmpty)
        #expect(FacePair.pairs(faces: [Self.face(0, 0)], bodies: [box]).isEmpty)
    }
}
