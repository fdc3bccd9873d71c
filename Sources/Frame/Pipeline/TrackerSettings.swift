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
    /// - Parameter confidence: how sure the model is to be of somebody instead; what the operator set moves with it.
    public func configuration(
        for thresholds: ModelCard.Thresholds, confidence: Float? = nil
    ) -> TrackerConfiguration {
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
        guard let confidence else { return result }
        for path in [\TrackerConfiguration.highConfidence, \.lowConfidence, \.birthConfidence, \.stillConfidence] {
            result[keyPath: path] = thresholds.move(result[keyPath: path], to: confidence)
        }
        return result
    }
}
