import Analytics
public import JSON
public import Media
public import Records
public import Scene

/// What was estimated of a face, and how it fares as a portrait.
public struct JudgedFace: Hashable, Sendable {
    public var estimates: FaceEstimates
    /// `nil` where no check was wanted.
    public let portrait: PortraitVerdict?

    fileprivate init(
        _ estimates: FaceEstimates, _ wanted: FaceEstimateSet, _ checks: FaceQualityPolicy,
        _ facts: (FaceEstimates) throws -> PortraitFacts
    ) rethrows {
        portrait = checks.made.isEmpty ? nil : checks.judge(try facts(estimates))
        var told = estimates
        // What only checks asked for is told by them alone.
        told.wanted = estimates.wanted.intersection(wanted)
        self.estimates = told
    }
}

extension PictureLooker {
    /// What there is to tell of faces, and how they fare as portraits, in their order.
    /// - Parameters:
    ///   - wanted: to be told beside the checks.
    ///   - faces: found in this picture.
    ///   - bytes: of the file that the picture came in.
    public func judge(
        _ faces: [FoundFace], _ wanted: FaceEstimateSet, _ checks: FaceQualityPolicy, in still: StillPicture,
        _ bytes: [UInt8]
    ) async throws -> [JudgedFace] {
        let estimates = try await estimates(wanted.union(checks.wanted), of: faces, in: still)
        return try zip(faces, estimates).map { face, estimates in
            try JudgedFace(estimates, wanted, checks) { try PortraitFacts(of: face, $0, in: still, bytes) }
        }
    }
    /// The same of a picture that is an aligned face itself.
    public func judge(
        warp still: StillPicture, _ wanted: FaceEstimateSet, _ checks: FaceQualityPolicy, _ bytes: [UInt8]
    ) async throws -> JudgedFace {
        let estimates = try await estimates(wanted.union(checks.wanted), ofWarp: still)
        return try JudgedFace(estimates, wanted, checks) { try PortraitFacts(ofWarp: still, $0, bytes) }
    }
}

extension JudgedFace {
    /// - Parameter told: what of the estimates is told in the detection; age and gender stand elsewhere.
    public func told(_ told: FaceEstimateSet, points: Landmarks5? = nil) -> [String: JSONValue] {
        var shown = estimates
        shown.wanted = estimates.wanted.intersection(told)
        var members = shown.wire
        if let portrait { members["face_quality"] = portrait.wire }
        if let points { members["landmarks5"] = .coordinates(points.points) }
        return members
    }
}

extension FaceQualityPolicy {
    /// What a face has failed, as answers tell it; `nil` where it passes.
    public func failed(_ judged: JudgedFace) -> [JSONValue]? {
        guard filters, let portrait = judged.portrait, !portrait.passes else { return nil }
        return portrait.failed.map(\.reason)
    }
}
