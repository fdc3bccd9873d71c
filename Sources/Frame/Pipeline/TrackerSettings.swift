public import Inference
public import Tracking

/// How people are followed, as far as the operator says so. Confidences are on a model's own scale, so those that he did not set
/// are for the model's card to say.
public struct TrackerSettings: Hashable, Sendable {
    public var configuration: TrackerConfiguration
    /// Which confidences the operator set.
    public var given: Set<TrackerConfiguration.Confidence>
    public init(
        configuration: TrackerConfiguration = TrackerConfiguration(), given: Set<TrackerConfiguration.Confidence> = []
    ) {
        (self.configuration, self.given) = (configuration, given)
    }

    /// The tracker for detections of a model with these thresholds.
    public func configuration(for thresholds: ModelCard.Thresholds) -> TrackerConfiguration {
        var result = configuration
        func take(
            _ value: Float?, _ confidence: TrackerConfiguration.Confidence,
            _ path: WritableKeyPath<TrackerConfiguration, Float>
        ) {
            if let value, !given.contains(confidence) { result[keyPath: path] = value }
        }
        take(thresholds.high, .high, \.highConfidence)
        take(thresholds.low, .low, \.lowConfidence)
        take(thresholds.birth, .birth, \.birthConfidence)
        take(thresholds.still, .still, \.stillConfidence)
        return result
    }
}
