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
        var faces = found
        switch query.policy {
        case .refuse where found.count > 1: throw .severalFaces
        case .best: faces = found.max { Self.merit($0) < Self.merit($1) }.map { [$0] } ?? []
        case .refuse, .all: break
        }
        let judged = faces.map { (face: $0, reasons: query.reasons($0.pose, score: Double($0.detection.confidence))) }
        kept = judged.filter(\.reasons.isEmpty).map(\.face)
        rejected = judged.filter { !$0.reasons.isEmpty }
    }
    /// The best face is a large one that is surely one.
    private static func merit(_ face: FoundFace) -> Float { face.detection.box.area * face.detection.confidence }
}

extension FoundFace {
    /// - Parameters:
    ///   - estimates: of this face.
    ///   - showsPoints: whether its five points are told.
    func wire(_ estimates: FaceEstimates, showsPoints: Bool) -> [String: JSONValue] {
        var members = estimates.wire
        if showsPoints { members["landmarks5"] = detection.landmarks.map { .coordinates($0.points) } ?? .null }
        return members
    }
}
