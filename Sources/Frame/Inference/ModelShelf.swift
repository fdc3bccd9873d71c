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
    public init(
        finder: any ObjectFinder, squares: (any SquareFinder)? = nil, thresholds: ModelCard.Thresholds,
        counting: CountCalibration? = nil, identity: ModelIdentity? = nil
    ) {
        (self.finder, self.squares, self.thresholds) = (finder, squares, thresholds)
        (self.counting, self.identity) = (counting, identity)
    }
}

/// Gives out the models that streams ask for.
public protocol ModelShelf: Sendable {
    /// The same object for the same model for as long as somebody holds it. May take seconds the first time.
    /// - Throws: an error whose description says what is wrong with the model's files; `CancellationError` as soon as the calling
    ///   task is cancelled.
    func model(_ choice: ModelChoice) async throws -> LoadedModel
}
