import Foundation
import Inference
import InferenceEngine
import Tracking

/// The model an operator chose, ready to use. Blocks while the model is compiled.
struct DetectorParts {
    let detector: OpenVINODetector
    let card: ModelCard
    let tracking: TrackerConfiguration
    /// Detections at least this sure are people; others are for trackers only.
    var confidence: Float { card.thresholds.confidence }
    /// For the log: model and engine.
    var description: String { "\(card.name) on \(detector.engineVersion)" }

    init(_ settings: Settings) throws {
        card = try ModelCard(contentsOf: settings.modelCard)
        detector = try OpenVINODetector(
            card: card,
            configuration: OpenVINODetector.Configuration(
                engineFolder: settings.engineFolder, parallelism: settings.parallelism))
        tracking = settings.tracking(for: card)
    }
}
