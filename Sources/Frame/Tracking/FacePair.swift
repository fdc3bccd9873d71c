public import Scene

/// A face and a body of one person, by their numbers among those that a picture shows.
public struct FacePair: Hashable, Sendable {
    public let face, body: Int
    public init(face: Int, body: Int) { (self.face, self.body) = (face, body) }

    /// Whose faces are whose, best pair first.
    ///
    /// A face may be of whoever's upper part it is centred in. Of all such pairs the one whose face lies most within that part goes first,
    /// of equals the one whose face is nearer to its middle. Nobody has two faces, and no face is two people's.
    /// - Parameter isPossible: whether a face may be of a body at all, by their numbers.
    public static func pairs(
        faces: [BoundingBox], bodies: [BoundingBox],
        where isPossible: (_ face: Int, _ body: Int) -> Bool = { _, _ in true }
    ) -> [FacePair] {
        var candidates: [Candidate] = []
        for (body, box) in bodies.enumerated() {
            let part = upperPart(of: box)
            for (face, faceBox) in faces.enumerated() where isPossible(face, body) {
                let pair = FacePair(face: face, body: body)
                if let candidate = Candidate(pair, faceBox, part) { candidates.append(candidate) }
            }
        }
        var faces = Set<Int>(), bodies = Set<Int>()
        return candidates.sorted().map(\.pair).filter { pair in
            guard !faces.contains(pair.face), !bodies.contains(pair.body) else { return false }
            faces.insert(pair.face)
            bodies.insert(pair.body)
            return true
        }
    }

    /// Where the middle of a body's face may be. Of a body that is wider than half its height only the upper part is seen.
    private static func upperPart(of body: BoundingBox) -> BoundingBox {
        BoundingBox(
            minX: body.minX, minY: FaceJoin.headAndShoulders(of: body).minY, maxX: body.maxX,
            maxY: body.minY + min(body.height, max(body.width, body.height / 2)))
    }

    private struct Candidate: Comparable {
        let pair: FacePair
        /// Of the face, how much lies in the part; and how far its middle is from that of the part, in widths of the part.
        let share, distance: Float

        init?(_ pair: FacePair, _ face: BoundingBox, _ part: BoundingBox) {
            let middle = face.center
            guard face.area > 0, part.area > 0, (part.minX...part.maxX).contains(middle.x),
                (part.minY...part.maxY).contains(middle.y)
            else { return nil }
            self.pair = pair
            share = part.intersection(face).area / face.area
            distance = abs(middle.x - part.center.x) / part.width
        }
        /// Of equals those that were named first.
        static func < (a: Self, b: Self) -> Bool {
            (-a.share, a.distance, a.pair.face, a.pair.body) < (-b.share, b.distance, b.pair.face, b.pair.body)
        }
    }
}
