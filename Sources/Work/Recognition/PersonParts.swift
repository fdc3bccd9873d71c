public import Scene

/// Which face and which body in a picture are one person's; one of them may be missing.
public struct PersonParts: Hashable, Sendable {
    /// Their numbers among the faces and the bodies.
    public let face, body: Int?
    public init(face: Int?, body: Int?) { (self.face, self.body) = (face, body) }

    /// A face belongs to a body in whose upper half its middle lies; where several fit, those first that fit best. Then come faces without
    /// body and bodies without face, in their order.
    public static func join(faces: [BoundingBox], bodies: [BoundingBox]) -> [PersonParts] {
        var fits: [(face: Int, body: Int, merit: Float)] = []
        for (face, faceBox) in faces.enumerated() {
            for (body, bodyBox) in bodies.enumerated() {
                if let merit = merit(faceBox, bodyBox) { fits.append((face, body, merit)) }
            }
        }
        var bodyOfFace: [Int: Int] = [:], taken: Set<Int> = []
        for fit in fits.sorted(by: { $0.merit > $1.merit }) where bodyOfFace[fit.face] == nil {
            guard taken.insert(fit.body).inserted else { continue }
            bodyOfFace[fit.face] = fit.body
        }
        return faces.indices.map { PersonParts(face: $0, body: bodyOfFace[$0]) }
            + bodies.indices.filter { !taken.contains($0) }.map { PersonParts(face: nil, body: $0) }
    }

    /// The share of the face that lies in the body, less how far it is from where a head is: above the middle.
    private static func merit(_ face: BoundingBox, _ body: BoundingBox) -> Float? {
        let middle = face.center
        guard body.area > 0, face.area > 0, (body.minX...body.maxX).contains(middle.x),
            (body.minY...body.center.y).contains(middle.y)
        else { return nil }
        let aside = abs(middle.x - body.center.x) / body.width, below = (middle.y - body.minY) / body.height
        return face.intersection(body).area / face.area - aside - below
    }
}
