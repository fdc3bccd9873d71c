public import Records
public import Scene

/// A model that finds people or faces, with what must be known of its scores to use it. One object for each loaded model: analytics that
/// hold the same one share its detections, and when nobody holds it any more the model may be freed.
public final class LoadedModel: Sendable {
    public let finder: any ObjectFinder
    /// `nil` for a model that looks at frames as they are.
    public let squares: (any SquareFinder)?
    public let thresholds: ModelCard.Thresholds
    /// `nil`: whom the model is sure of are counted, and nobody else.
    public let counting: CountCalibration?
    /// `nil` for one that comes from no file.
    public let identity: ModelIdentity?
    /// How large parts of a frame are that it looks at beside the whole; `nil`: at the whole alone. `TiledLook` does it.
    public let tile: PixelSize?
    /// The same model for looks at the whole alone: who asks for that gets this one, and no second network.
    private let whole: LoadedModel?
    public init(
        finder: any ObjectFinder, squares: (any SquareFinder)? = nil, thresholds: ModelCard.Thresholds,
        counting: CountCalibration? = nil, identity: ModelIdentity? = nil
    ) {
        (self.finder, self.squares, self.thresholds) = (finder, squares, thresholds)
        (self.counting, self.identity) = (counting, identity)
        (tile, whole) = (nil, nil)
    }
    /// The same model for looks in tiles.
    /// - Parameter tile: the size of the network's input, so that nothing is made smaller.
    public init(_ model: LoadedModel, tile: PixelSize) {
        (finder, squares, thresholds) = (model.finder, model.squares, model.thresholds)
        (counting, identity) = (model.counting, model.identity)
        (self.tile, whole) = (tile, model)
    }
}

/// Gives out the models that streams ask for.
public protocol ModelShelf: Sendable {
    /// The same object for the same model for as long as somebody holds it. May take seconds the first time.
    /// - Throws: an error whose description says what is wrong with the model's files; `CancellationError` as soon as the calling
    ///   task is cancelled.
    func model(_ choice: ModelChoice) async throws -> LoadedModel
}
