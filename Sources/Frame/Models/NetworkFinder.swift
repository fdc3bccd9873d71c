import Foundation
public import Frames
public import Inference
public import InferenceEngine
public import Scene

/// Finds what a model's card says on the network compiled from it.
///
/// A frame's region is scaled straight from the decoder's planes into a request's input tensor; no other copy is made.
public final class NetworkFinder: ObjectFinder {
    public let card: ModelCard
    public let network: Network
    private let decoder: HeadDecoder
    private let watch: InferenceWatch

    /// - Parameter watch: told how each inference went.
    /// - Throws: `EngineError` when the network is not what its card says.
    init(card: ModelCard, network: Network, watch: InferenceWatch) throws(EngineError) {
        (self.card, self.network, self.watch) = (card, network, watch)
        decoder = try HeadDecoder(card: card, network: network)
    }

    public func find(in frame: Frame, region: PixelRect, urgency: Urgency) async throws -> [Detection] {
        let letterbox = Letterbox(
            region: region, input: network.inputSize, alignment: card.input.letterboxAlignment)
        do {
            let detections = try await network.infer(
                urgency, draw: { try $0.draw(frame, letterbox, card.input) },
                read: { request, outputs in
                    decoder.decode(outputs, into: &request.candidates)
                    return nms(request.candidates, maximumIoU: card.thresholds.nmsIoU).compactMap(letterbox.inFrame)
                })
            watch.succeeded()
            return detections
        } catch {
            watch.failed(error)
            throw error
        }
    }

    /// One inference on whatever is in the input, for measuring the engine alone.
    public func runEmpty() async throws { try await network.infer(.live, draw: { _ in }, read: { _, _ in }) }
}

extension HeadDecoder {
    /// Of a network that is what its card says.
    init(card: ModelCard, network: Network) throws(EngineError) {
        self.init(card: card)
        try network.check(
            card, "outputs of shape \(expectedShapes) for the head '\(card.head.rawValue)'", accepts: accepts)
    }
}
