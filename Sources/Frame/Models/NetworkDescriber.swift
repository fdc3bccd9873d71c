import Frames
import Inference
import InferenceEngine
import Records
import Scene

/// Says what faces look like on the network compiled from a card.
final class NetworkDescriber: FaceDescriber {
    private let card: DescriptorCard
    private let network: Network
    private let watch: InferenceWatch

    /// - Parameter watch: told how each inference went.
    /// - Throws: `EngineError` when the network is not what its card says.
    init(card: DescriptorCard, network: Network, watch: InferenceWatch) throws(EngineError) {
        (self.card, self.network, self.watch) = (card, network, watch)
        let shape = [1, Descriptor.count]
        try network.check(card, "an output of shape \(shape)") { $0 == [shape] }
    }

    func describe(_ frame: Frame, region: PixelRect, urgency: Urgency) async throws -> Descriptor? {
        let letterbox = Letterbox(
            region: region, input: network.inputSize, alignment: card.input.letterboxAlignment)
        do {
            let values = try await network.infer(
                urgency, draw: { try $0.draw(frame, letterbox, card.input) },
                read: { _, outputs in Array(outputs[0].values) })
            watch.succeeded()
            return Descriptor(values)
        } catch {
            watch.failed(error)
            throw error
        }
    }
}
