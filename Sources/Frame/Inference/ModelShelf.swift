public import Inference
public import Scene
public import Tracking

/// A person detector, with what must be known of its scores to use it. One object for each loaded model: analytics that hold
/// the same one share its detections.
public final class PersonModel: Sendable {
    public let detector: any Detector
    /// Detections less sure are for trackers only. `0...1`.
    public let confidence: Float
    public let tracking: TrackerConfiguration
    public init(detector: any Detector, confidence: Float, tracking: TrackerConfiguration) {
        (self.detector, self.confidence, self.tracking) = (detector, confidence, tracking)
    }
}

/// Gives out the models that streams ask for.
public protocol ModelShelf: Sendable {
    /// The model of that name, with `nil` the one of the settings; always the same object for the same model. May take a second
    /// the first time.
    /// - Throws: an error whose description says what is wrong with the model's files.
    func model(_ name: DetectorModel?) async throws -> PersonModel
}
