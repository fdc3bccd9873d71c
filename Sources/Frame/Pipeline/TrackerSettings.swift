public import Inference
public import Tracking

/// How people are followed, as far as the operator says so. Confidences are on a model's own scale, so those that he did not set
/// are for the model's card to say.
public struct TrackerSettings: Hashable, Sendable {
    /// The confidences that a card may bring, by the keys that they have among the settings.
    public enum Confidence: String, Sendable, CaseIterable {
        case high = "tracker.high_confidence"
        case low = "tracker.low_confidence"
        case birth = "tracker.birth_confidence"
        case still = "tracker.still_confidence"
    }
    public var configuration: TrackerConfiguration
    /// Which of them the operator set.
    public var given: Set<Confidence>
    public init(configuration: TrackerConfiguration = TrackerConfiguration(), given: Set<Confidence> = []) {
        (self.configuration, self.given) = (configuration, given)
    }

    /// The tracker for detections of a model with these thresholds.
    public func configuration(for thresholds: ModelCard.Thresholds) -> TrackerConfiguration {
        var result = configuration
        func take(
            _ value: Float?, _ confidence: Confidence, _ path: WritableKeyPath<TrackerConfiguration, Float>
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
