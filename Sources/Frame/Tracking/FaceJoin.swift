public import Scene

/// Gives faces to the people whose bodies are followed, one to each at most.
///
/// A face may be of whoever's upper part it is centred in. Of all such pairs the one whose face lies most within that part goes first,
/// of equals the one whose face is nearer to its middle. The back of a head is now and then taken for a face, so that nobody has a face before
/// the second look that found one there.
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

    /// Where the middle of a body's face may be. Of a body that is wider than half its height only the upper part is seen.
    private static func upperPart(of body: BoundingBox) -> BoundingBox {
        BoundingBox(
            minX: body.minX, minY: headAndShoulders(of: body).minY, maxX: body.maxX,
            maxY: body.minY + min(body.height, max(body.width, body.height / 2)))
    }

    /// Takes what a look at the upper parts of all tracks that the frame shows has found.
    public mutating func join(_ faces: [Detection], to tracks: inout [Track]) {
        let faces = faces.filter { $0.confidence >= low }
        var pairs: [Pair] = []
        for (index, track) in tracks.enumerated() where track.confidence != nil {
            let part = Self.upperPart(of: track.box), isKnown = found[track.id]?.isLatest ?? false
            for (number, face) in faces.enumerated() where isKnown || face.confidence >= high {
                if let pair = Pair(track: index, face: number, box: face.box, part) { pairs.append(pair) }
            }
        }
        var current: [Track.ID: (count: Int, isLatest: Bool)] = [:]
        for track in tracks { current[track.id] = found[track.id].map { (count: $0.count, isLatest: false) } }
        var isTaken = Set<Int>()
        for pair in pairs.sorted() where !isTaken.contains(pair.face) {
            let id = tracks[pair.track].id
            guard current[id]?.isLatest != true else { continue }
            isTaken.insert(pair.face)
            let count = (current[id]?.count ?? 0) + 1
            current[id] = (count, true)
            if count >= Self.looks { tracks[pair.track].face = faces[pair.face] }
        }
        found = current
    }

    /// A face that is centred in somebody's upper part.
    private struct Pair: Comparable {
        let track, face: Int
        /// Of the face, how much lies in the part; and how far its middle is from that of the part, in widths of the part.
        let share, distance: Float

        init?(track: Int, face: Int, box: BoundingBox, _ part: BoundingBox) {
            let middle = box.center
            guard middle.x >= part.minX, middle.x <= part.maxX, middle.y >= part.minY, middle.y <= part.maxY else {
                return nil
            }
            (self.track, self.face) = (track, face)
            share = part.intersection(box).area / box.area
            distance = abs(middle.x - part.center.x) / part.width
        }
        static func < (a: Self, b: Self) -> Bool {
            a.share == b.share ? a.distance < b.distance : a.share > b.share
        }
    }
}
