public import Scene
import Tracking

/// Which face and which body in a picture are one person's; one of them may be missing.
public struct PersonParts: Hashable, Sendable {
    /// Their numbers among the faces and the bodies.
    public let face, body: Int?
    public init(face: Int?, body: Int?) { (self.face, self.body) = (face, body) }

    /// Everybody whom a picture shows, joined as those are who are followed (`FacePair`): who has a face in the order of the faces, then bodies
    /// without one in theirs.
    public static func join(faces: [BoundingBox], bodies: [BoundingBox]) -> [PersonParts] {
        let pairs = FacePair.pairs(faces: faces, bodies: bodies)
        let bodyOfFace = Dictionary(uniqueKeysWithValues: pairs.map { ($0.face, $0.body) })
        let taken = Set(bodyOfFace.values)
        return faces.indices.map { PersonParts(face: $0, body: bodyOfFace[$0]) }
            + bodies.indices.filter { !taken.contains($0) }.map { PersonParts(face: nil, body: $0) }
    }
}
