public import Frames
public import Records
public import Scene

/// Says of which of its classes a picture is. One serves all who ask.
public protocol Classifier: Sendable {
    /// - Parameters:
    ///   - region: the part of the frame to look at, in pixels; all of it is scaled to the model's input.
    ///   - urgency: who goes first while others wait too.
    /// - Returns: the probability of each class, in their order; together they are 1.
    func classify(_ frame: Frame, region: PixelRect, urgency: Urgency) async throws -> [Float]
}

/// A model that classifies, with what its classes are called. Freed like `LoadedModel`, with its last holder.
public final class LoadedClassifier: Sendable {
    public let classifier: any Classifier
    public let taxonomy: Taxonomy
    /// `nil` for one that comes from no file.
    public let identity: ModelIdentity?
    public init(classifier: any Classifier, taxonomy: Taxonomy, identity: ModelIdentity? = nil) {
        (self.classifier, self.taxonomy, self.identity) = (classifier, taxonomy, identity)
    }
}

/// Gives out the model that classifies whole pictures.
public protocol ClassifierShelf: Sendable {
    /// The same object for as long as somebody holds it. May take seconds the first time.
    /// - Throws: as `ModelShelf.model`.
    func classifier() async throws -> LoadedClassifier
}
