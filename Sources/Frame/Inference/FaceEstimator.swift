public import Frames
public import Scene

/// A square of a picture that a model is shown: a face or an eye, moved, turned and scaled into the model's input.
public struct FaceCrop: Hashable, Sendable {
    /// From the picture to the input.
    public let transform: SimilarityTransform
    /// Whether the input is turned over after that, left for right: models of eyes know one side.
    public let isMirrored: Bool
    public init(_ transform: SimilarityTransform, isMirrored: Bool = false) {
        (self.transform, self.isMirrored) = (transform, isMirrored)
    }

    /// Where a point of the input lies in the picture.
    /// - Parameter side: of the input.
    func pointInPicture(_ point: Point, side: Int) -> Point {
        transform.revert(isMirrored ? Point(x: Float(side) - point.x, y: point.y) : point)
    }
}

/// Estimates something of faces. One serves all who ask.
public protocol FaceEstimator: Sendable {
    /// - Parameter urgency: who goes first while others wait too.
    /// - Returns: for each crop the network's outputs in the order of the card, each row-major.
    func estimate(_ crops: [FaceCrop], of picture: any Picture, urgency: Urgency) async throws -> [[[Float]]]
}

/// A model that estimates something of faces. Freed like `LoadedModel`, with its last holder.
public final class LoadedEstimator: Sendable {
    public let card: EstimatorCard
    public let estimator: any FaceEstimator
    public init(card: EstimatorCard, estimator: any FaceEstimator) {
        (self.card, self.estimator) = (card, estimator)
    }
}

/// Gives out the models that estimate something of faces.
public protocol EstimatorShelf: Sendable {
    /// Those that there are.
    var estimators: Set<EstimatorCard.Head> { get }
    /// The same object for as long as somebody holds it. May take seconds the first time.
    /// - Throws: as `ModelShelf.model`.
    func estimator(_ head: EstimatorCard.Head) async throws -> LoadedEstimator
}

extension FaceEstimateSet {
    /// What can be told with these models.
    public init(of models: Set<EstimatorCard.Head>) {
        self = .withoutModel
        for estimate in [.emotions, .basicAttributes, .mouth, .landmarks68, .eyes, .gaze] as [FaceEstimateSet]
        where estimate.models.isSubset(of: models) { insert(estimate) }
    }
    /// Those that all of it needs.
    public var models: Set<EstimatorCard.Head> {
        var models: Set<EstimatorCard.Head> = []
        if contains(.emotions) { models.insert(.emotions) }
        if contains(.basicAttributes) { models.formUnion([.age, .gender]) }
        if !isDisjoint(with: [.mouth, .landmarks68]) { models.insert(.faceMesh) }
        if !isDisjoint(with: [.eyes, .gaze]) { models.formUnion([.faceMesh, .iris]) }
        return models
    }
}
