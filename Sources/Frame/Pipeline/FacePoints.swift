import Scene

/// Where the points of faces are that are followed, beyond what the model that finds them tells: it hardly sees that a head is tilted.
///
/// A face is looked at closer by another model as soon as its track is confirmed, and then as often as a whole frame is looked at for faces;
/// what that look has told otherwise is told of the frames in between, too, for a head moves little meanwhile. So many looks in a frame and no
/// more, for each costs as much as looking at three known faces does: in a crowd everybody's turn comes later.
struct FacePoints: Sendable {
    struct Face: Sendable {
        let id: Track.ID
        let box: BoundingBox
    }
    /// Looks in one frame.
    static let limit = 2
    private struct Known: Sendable {
        let pts: MediaTime
        /// Frames since the look.
        var frames = 0
        /// What is to be added to the points that are found, in heights of the face; `nil`: the look has shown no such face.
        let shift: Landmarks5?
    }
    private var known: [Track.ID: Known] = [:]

    /// The faces that are to be looked at, those first that never were, then by how long ago that was. To be called for each frame.
    mutating func due(among tracks: [Track], at pts: MediaTime) -> [Face] {
        var kept: [Track.ID: Known] = [:]
        for track in tracks {
            guard var one = known[track.id] else { continue }
            one.frames += 1
            kept[track.id] = one
        }
        known = kept
        let due = tracks.filter { track in
            guard track.phase == .confirmed, track.seenFace?.landmarks != nil else { return false }
            guard let latest = known[track.id] else { return true }
            return latest.frames >= WholeLooks.step || pts < latest.pts || pts - latest.pts >= WholeLooks.patience
        }
        func wait(_ track: Track) -> Int { known[track.id]?.frames ?? .max }
        return due.sorted { (wait($0), $1.id) > (wait($1), $0.id) }.prefix(Self.limit).map {
            Face(id: $0.id, box: $0.seenFace!.box)
        }
    }

    /// Corrects the points of all faces.
    /// - Parameters:
    ///   - told: what looks at some of them have shown in this frame.
    ///   - lookedAt: who these were, also those of whom nothing was seen.
    mutating func correct(
        _ tracks: inout [Track], _ told: [Track.ID: Landmarks5], of lookedAt: [Track.ID], at pts: MediaTime
    ) {
        for index in tracks.indices {
            let id = tracks[index].id
            guard let face = tracks[index].seenFace, let points = face.landmarks, face.box.height > 0 else { continue }
            if lookedAt.contains(id) {
                let shift = told[id].map { $0.joined(points) { ($0 - $1) / face.box.height } }
                known[id] = Known(pts: pts, shift: shift)
            }
            guard let shift = known[id]?.shift else { continue }
            let corrected = told[id] ?? points.joined(shift) { $0 + $1 * face.box.height }
            if tracks[index].face != nil {
                tracks[index].face?.landmarks = corrected
            } else {
                tracks[index].landmarks = corrected
            }
        }
    }
}

extension Track {
    /// The face that this frame shows: of the body, or what is followed itself.
    var seenFace: Detection? {
        face ?? confidence.map { Detection(box: box, confidence: $0, landmarks: landmarks) }
    }
}

extension Landmarks5 {
    /// What becomes of the coordinates of each point and its namesake.
    fileprivate func joined(_ other: Landmarks5, _ join: (Float, Float) -> Float) -> Landmarks5 {
        func both(_ a: Point, _ b: Point) -> Point { Point(x: join(a.x, b.x), y: join(a.y, b.y)) }
        return Landmarks5(
            leftEye: both(leftEye, other.leftEye), rightEye: both(rightEye, other.rightEye),
            nose: both(nose, other.nose), leftMouth: both(leftMouth, other.leftMouth),
            rightMouth: both(rightMouth, other.rightMouth))
    }
}
