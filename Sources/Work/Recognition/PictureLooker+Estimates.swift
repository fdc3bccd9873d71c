import Inference
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
        let told = try await estimation(of: wanted, unless: faces.isEmpty)
            .estimates(wanted, of: faces.map(\.estimated), in: still.picture, urgency: .batch)
        return told.map { $0.inWhole(of: still) }
    }

    /// The same of a picture that is an aligned face itself, of which some things cannot be told, see `FaceEstimateSet.ofFacesInPictures`.
    public func estimates(_ wanted: FaceEstimateSet, ofWarp still: StillPicture) async throws -> FaceEstimates {
        let wanted = wanted.subtracting(.ofFacesInPictures)
        return try await estimation(of: wanted, unless: false)
            .estimates(wanted, of: [.aligned], in: still.picture, urgency: .batch)[0]
    }

    private func estimation(of wanted: FaceEstimateSet, unless isIdle: Bool) async throws -> FaceEstimation {
        var loaded: [LoadedEstimator] = []
        for head in isIdle ? [] : wanted.intersection(estimable).models {
            if let model = try await models.estimator(head) { loaded.append(model) }
        }
        return FaceEstimation(loaded)
    }
}

extension FaceEstimates {
    /// With points in pixels of the picture as it was sent.
    fileprivate func inWhole(of still: StillPicture) -> FaceEstimates {
        func moved(_ eye: EyeEstimate) -> EyeEstimate {
            EyeEstimate(state: eye.state, iris: eye.iris.map(still.pointInWhole))
        }
        var told = self
        told.landmarks68 = landmarks68?.map(still.pointInWhole)
        told.eyes = eyes.map { EyesEstimate(left: moved($0.left), right: moved($0.right)) }
        return told
    }
}
