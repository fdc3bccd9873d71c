public import Media
public import Scene

extension PictureLooker {
    /// What there is to tell of faces, in their order.
    /// - Parameters:
    ///   - wanted: no more is estimated. What is not in `estimable` is `nil`, like what a face is too small for.
    ///   - faces: found in this picture.
    public func estimates(
        _ wanted: FaceEstimateSet, of faces: [FoundFace], in still: StillPicture
    ) async throws -> [FaceEstimates] {
        try faces.map { face in
            var told = FaceEstimates(wanted: wanted)
            if wanted.contains(.headPose) { told.headPose = face.pose }
            if wanted.contains(.quality) { told.quality = try face.quality(in: still) }
            return told
        }
    }

    /// The same of a picture that is an aligned face itself, of which some things cannot be told, see `FaceEstimateSet.ofFacesInPictures`.
    public func estimates(_ wanted: FaceEstimateSet, ofWarp still: StillPicture) async throws -> FaceEstimates {
        var told = FaceEstimates(wanted: wanted.subtracting(.ofFacesInPictures))
        if told.wanted.contains(.quality) { told.quality = try warpQuality(of: still) }
        return told
    }
}
