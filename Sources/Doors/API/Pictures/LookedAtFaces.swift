import Analytics
import Foundation
import JSON
import Media
import Recognition
import Scene

/// The faces of a picture as a query wants them.
struct LookedAtFaces: Sendable {
    let kept: [FoundFace]
    let rejected: [(face: FoundFace, reasons: [FaceQuery.Reason])]

    /// - Throws: `APIError.severalFaces`.
    init(_ found: [FoundFace], _ query: FaceQuery) throws(APIError) {
        let judged = try query.policy.choose(from: found).map { face throws(APIError) in
            (face: face, reasons: query.reasons(face.pose, score: Double(face.detection.confidence)))
        }
        kept = judged.filter(\.reasons.isEmpty).map(\.face)
        rejected = judged.filter { !$0.reasons.isEmpty }
    }
}

extension FaceQuery.Policy {
    /// - Throws: `APIError.severalFaces`.
    func choose(from found: [FoundFace]) throws(APIError) -> [FoundFace] {
        switch self {
        case .refuse where found.count > 1: throw .severalFaces
        case .best: found.max { Self.merit($0) < Self.merit($1) }.map { [$0] } ?? []
        case .refuse, .all: found
        }
    }
    /// The best face is a large one that is surely one.
    private static func merit(_ face: FoundFace) -> Float { face.detection.box.area * face.detection.confidence }
}

extension FoundFace {
    /// - Parameters:
    ///   - members: what was estimated of it.
    ///   - showsPoints: whether its five points are told.
    func wire(_ members: [String: JSONValue], showsPoints: Bool) -> [String: JSONValue] {
        var members = members
        if showsPoints { members["landmarks5"] = detection.landmarks.map { .coordinates($0.points) } ?? .null }
        return members
    }
}

extension JudgedFace {
    /// The members of a detection beside its place.
    var wire: [String: JSONValue] {
        var members = estimates.wire
        if let portrait { members["face_quality"] = portrait.wire }
        return members
    }
}
