import Analytics
import Foundation
import JSON
import Media
import Recognition
import Records
import Scene

/// The faces of a picture as a query wants them.
struct LookedAtFaces: Sendable {
    let kept: [FoundFace]
    let rejected: [(face: FoundFace, reasons: [FilterReason])]

    /// - Throws: `APIError.severalFaces`.
    init(_ found: [FoundFace], _ query: FaceQuery) throws(APIError) {
        let judged = try query.policy.choose(from: found).map { face throws(APIError) in
            (face: face, reasons: query.gate.reasons(face))
        }
        kept = judged.filter(\.reasons.isEmpty).map(\.face)
        rejected = judged.filter { !$0.reasons.isEmpty }
    }
}

extension FaceQuery.Policy {
    /// - Throws: `APIError.severalFaces`.
    func choose(from found: [FoundFace]) throws(APIError) -> [FoundFace] {
        guard let chosen = chosen(from: found) else { throw .severalFaces }
        return chosen
    }
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
