import Scene
import Testing
import Tracking

struct FaceJoinTests {
    /// Somebody 40×120 pixels large whose left edge is at `x`.
    private static func body(_ id: UInt64, x: Float, confidence: Float? = 0.5) -> Track {
        Track(
            id: Track.ID(rawValue: id), phase: .confirmed,
            box: BoundingBox(minX: x, minY: 100, maxX: x + 40, maxY: 220), confidence: confidence,
            firstSeen: .zero, lastSeen: .zero, sightings: 3)
    }
    /// A face 12×16 pixels large around a point.
    private static func face(_ x: Float, _ y: Float, _ confidence: Float = 0.8) -> Detection {
        Detection(box: BoundingBox(minX: x - 6, minY: y - 8, maxX: x + 6, maxY: y + 8), confidence: confidence)
    }
    /// The middles of the faces that each has after each look.
    private static func run(_ looks: [(tracks: [Track], faces: [Detection])]) -> [[Float?]] {
        var join = FaceJoin(high: 0.5, low: 0.3)
        return looks.map { look in
            var tracks = look.tracks
            join.join(look.faces, to: &tracks)
            return tracks.map { $0.face?.box.center.x }
        }
    }

    @Test func aFaceIsSomebodysFromTheSecondLookOn() {
        let look = (tracks: [Self.body(1, x: 100)], faces: [Self.face(120, 112)])
        #expect(Self.run([look, look, look]) == [[nil], [120], [120]])
        // The look between need not have shown it.
        let nothing = (tracks: look.tracks, faces: [Detection]())
        #expect(Self.run([look, nothing, look, nothing]) == [[nil], [nil], [120], [nil]])
    }
    @Test func whoWasForgottenBeginsAnew() {
        let look = (tracks: [Self.body(1, x: 100)], faces: [Self.face(120, 112)])
        #expect(Self.run([look, ([], []), look, look]) == [[nil], [], [nil], [120]])
    }
    @Test(arguments: [
        (Float(90), Float(112)), (150, 112),  // beside the body
        (120, 180),  // on the legs
        (120, 85),  // above
    ])
    func aFaceElsewhereIsNobodys(x: Float, y: Float) {
        let look = (tracks: [Self.body(1, x: 100)], faces: [Self.face(x, y)])
        #expect(Self.run([look, look]) == [[nil], [nil]])
    }
    @Test func ofTwoWhoStandCloseEachHasTheOwnFace() {
        // Bodies from 100 to 140 and from 125 to 165: the face at 132 is in both upper parts, that at 120 in one.
        let tracks = [Self.body(1, x: 100), Self.body(2, x: 125)]
        let both = (tracks: tracks, faces: [Self.face(134, 112), Self.face(120, 112)])
        #expect(Self.run([both, both]).last == [120, 134])
        // One face is one person's only: of whom it is nearer to the middle.
        let one = (tracks: tracks, faces: [Self.face(133, 112)])
        #expect(Self.run([one, one]).last == [nil, 133])
    }
    @Test func theFaceThatLiesMostWithinGoesFirst() {
        // Both are centred in the upper part; a half of the one at the edge is outside.
        let look = (tracks: [Self.body(1, x: 100)], faces: [Self.face(139, 112, 0.9), Self.face(112, 112, 0.6)])
        #expect(Self.run([look, look]).last == [112])
    }
    @Test func whoIsNotSeenHasNoFace() {
        let seen = (tracks: [Self.body(1, x: 100)], faces: [Self.face(120, 112)])
        let predicted = (tracks: [Self.body(1, x: 100, confidence: nil)], faces: [Self.face(120, 112)])
        #expect(Self.run([seen, seen, predicted]) == [[nil], [120], [nil]])
    }
    @Test func aWeakFaceGoesOnAndBeginsNothing() {
        let body = [Self.body(1, x: 100)]
        let weak = (tracks: body, faces: [Self.face(120, 112, 0.35)]),
            sure = (tracks: body, faces: [Self.face(120, 112)])
        let none = (tracks: body, faces: [Self.face(120, 112, 0.25)])
        #expect(Self.run([weak, weak]) == [[nil], [nil]])
        #expect(Self.run([sure, weak, weak, none, weak]) == [[nil], [120], [120], [nil], [nil]])
    }
    @Test func whoIsSeenToTheChestAloneMayHaveTheFaceFurtherDown() {
        var track = Self.body(1, x: 100)
        track.box = BoundingBox(minX: 100, minY: 100, maxX: 220, maxY: 220)
        let look = (tracks: [track], faces: [Self.face(160, 180)])
        #expect(Self.run([look, look]).last == [160])
    }
    @Test func theSquareHoldsHeadAndShoulders() {
        let standing = FaceJoin.headAndShoulders(of: BoundingBox(minX: 100, minY: 100, maxX: 140, maxY: 220))
        #expect(standing.width == 60 && standing.height == 60 && standing.center.x == 120)
        #expect(abs(standing.minY - 92.8) < 1e-3)
        let close = FaceJoin.headAndShoulders(of: BoundingBox(minX: 0, minY: 0, maxX: 400, maxY: 100))
        #expect(abs(close.width - 120) < 1e-3)
    }
}
