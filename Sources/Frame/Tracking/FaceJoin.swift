public import Scene

/// Gives faces to the people whose bodies are followed, one to each at most.
///
/// `FacePair` says whose face may be whose. The back of a head is now and then taken for a face, so that nobody has a face before the second look
/// that found one there.
public struct FaceJoin: Sendable {
    /// Looks that must find somebody's face before it is one.
    static let looks = 2
    private let high, low: Float
    /// Looks that found the face of each person so far, and whether the latest did.
    private var found: [Track.ID: (count: Int, isLatest: Bool)] = [:]

    /// - Parameters:
    ///   - high: least confidence of a face.
    ///   - low: the same of one that the look before has found, too.
    public init(high: Float, low: Float) { (self.high, self.low) = (high, low) }

    /// The square around the head and shoulders of a body. May reach beyond the frame.
    public static func headAndShoulders(of body: BoundingBox) -> BoundingBox {
        let side = min(max(1.2 * body.width, 0.5 * body.height), 1.2 * body.height)
        let left = body.center.x - side / 2, top = body.minY - above * side
        return BoundingBox(minX: left, minY: top, maxX: left + side, maxY: top + side)
    }
    /// By which share of the square it begins above the body: boxes of bodies cut heads off.
    private static let above: Float = 0.12

    /// Takes what a look at the upper parts of all tracks that the frame shows has found.
    public mutating func join(_ faces: [Detection], to tracks: inout [Track]) {
        let faces = faces.filter { $0.confidence >= low }
        let seen = tracks.indices.filter { tracks[$0].confidence != nil }
        let ids = seen.map { tracks[$0].id }
        let pairs = FacePair.pairs(faces: faces.map(\.box), bodies: seen.map { tracks[$0].box }) { face, body in
            faces[face].confidence >= high || found[ids[body]]?.isLatest ?? false
        }
        var current: [Track.ID: (count: Int, isLatest: Bool)] = [:]
        for track in tracks { current[track.id] = found[track.id].map { (count: $0.count, isLatest: false) } }
        for pair in pairs {
            let count = (current[ids[pair.body]]?.count ?? 0) + 1
            current[ids[pair.body]] = (count, true)
            if count >= Self.looks { tracks[seen[pair.body]].face = faces[pair.face] }
        }
        found = current
    }
}
