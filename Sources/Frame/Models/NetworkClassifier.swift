import Frames
import Inference
import InferenceEngine
import Scene

/// Classifies what it is shown on the network compiled from a card. All of a region is shown, with bars beside it: what a picture is of need
/// not lie in its middle.
final class NetworkClassifier: Classifier {
    private let card: ClassifierCard
    private let network: Network
    private let watch: InferenceWatch

    /// - Parameter watch: told how each inference went.
    /// - Throws: `EngineError` when the network is not what its card says.
    init(card: ClassifierCard, network: Network, watch: InferenceWatch) throws(EngineError) {
        (self.card, self.network, self.watch) = (card, network, watch)
        let shape = [1, card.taxonomy.classCount]
        try network.check(card, "an output of shape \(shape)") { $0 == [shape] }
    }

    func classify(_ frame: Frame, region: PixelRect, urgency: Urgency) async throws -> [Float] {
        let letterbox = Letterbox(
            region: region, input: network.inputSize, alignment: card.input.letterboxAlignment)
        do {
            let probabilities = try await network.infer(
                urgency, draw: { try $0.draw(frame, letterbox, card.input) },
                // A network that is not what its card says may put out anything.
                read: { _, outputs in outputs[0].values.map { $0.isFinite ? min(max($0, 0), 1) : 0 } })
            watch.succeeded()
            return probabilities
        } catch {
            watch.failed(error)
            throw error
        }
    }
}
