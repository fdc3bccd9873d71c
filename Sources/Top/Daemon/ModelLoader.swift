import Foundation
import Inference
import InferenceEngine
import Pipeline
import Scene
import Synchronization

/// Loads models, each once: the one of the settings at the start, a bundled one when the first stream asks for it.
actor ModelLoader: ModelShelf {
    struct Loaded: Sendable {
        let detector: OpenVINODetector
        let model: PersonModel
        /// For the log: model and engine.
        var description: String { "\(detector.card.name) on \(detector.engineVersion)" }
    }

    private let settings: Settings
    private let watch: @Sendable (OpenVINODetector) -> any Detector
    private var loaded: [URL: Task<Loaded, any Error>] = [:]

    /// - Parameter watch: what is put between a model's detector and the streams.
    init(_ settings: Settings, watch: @escaping @Sendable (OpenVINODetector) -> any Detector = { $0 }) {
        (self.settings, self.watch) = (settings, watch)
    }

    func model(_ name: DetectorModel?) async throws -> PersonModel { try await load(name).model }

    /// - Throws: `ModelError`, `EngineError`.
    func load(_ name: DetectorModel? = nil) async throws -> Loaded {
        let card = (name.map(settings.bundledModel) ?? settings.modelCard).standardizedFileURL
        let task = loaded[card] ?? Task.detached { [settings, watch] in try Self.load(card, settings, watch) }
        loaded[card] = task
        do {
            return try await task.value
        } catch {
            // What was wrong may be right at the next try.
            loaded[card] = nil
            throw error
        }
    }

    /// Blocks while the model is compiled.
    private static func load(
        _ file: URL, _ settings: Settings, _ watch: @Sendable (OpenVINODetector) -> any Detector
    ) throws -> Loaded {
        let card = try ModelCard(contentsOf: file)
        let detector = try OpenVINODetector(
            card: card,
            configuration: OpenVINODetector.Configuration(
                engineFolder: settings.engineFolder, parallelism: settings.parallelism))
        return Loaded(
            detector: detector,
            model: PersonModel(
                detector: watch(detector), confidence: card.thresholds.confidence,
                tracking: settings.tracking(for: card)))
    }
}
