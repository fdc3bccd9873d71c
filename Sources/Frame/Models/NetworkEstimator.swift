import Frames
import Inference
import InferenceEngine
import Scene
import Synchronization

/// Estimates something of faces on the network compiled from a card. The crops of a frame run side by side, as far as there are threads.
final class NetworkEstimator: FaceEstimator {
    private let card: EstimatorCard
    private let network: Network
    private let watch: InferenceWatch
    private let scratch = Mutex<[WarpScratch]>([])

    /// - Parameter watch: told how each inference went.
    /// - Throws: `EngineError` when the network is not what its card says.
    init(card: EstimatorCard, network: Network, watch: InferenceWatch) throws(EngineError) {
        (self.card, self.network, self.watch) = (card, network, watch)
        let counts = card.head.counts
        let wanted = counts.map { $0.map { "\($0) numbers" } ?? "numbers" }.joined(separator: " and ")
        try network.check(card, "outputs of \(wanted)") { shapes in
            shapes.count == counts.count
                && zip(shapes, counts).allSatisfy { shape, count in
                    let found = shape.reduce(1, *)
                    return found > 0 && found == count ?? found
                }
        }
    }

    func estimate(_ crops: [FaceCrop], of picture: any Picture, urgency: Urgency) async throws -> [[[Float]]] {
        do {
            var outputs = [[[Float]]](repeating: [], count: crops.count)
            try await withThrowingTaskGroup(of: (Int, [[Float]]).self) { group in
                for (index, crop) in crops.enumerated() {
                    group.addTask { (index, try await self.look(at: crop, of: picture, urgency)) }
                }
                for try await (index, found) in group { outputs[index] = found }
            }
            watch.succeeded()
            return outputs
        } catch {
            watch.failed(error)
            throw error
        }
    }

    private func look(at crop: FaceCrop, of picture: any Picture, _ urgency: Urgency) async throws -> [[Float]] {
        try await network.infer(
            urgency, draw: { try draw(crop, of: picture, into: $0) },
            read: { _, outputs in outputs.map { Array($0.values) } })
    }

    private func draw(_ crop: FaceCrop, of picture: any Picture, into request: InferRequest) throws {
        let size = request.inputSize
        let target = PixelTarget(
            base: request.input, bytesPerRow: size.width * 3, size: size,
            order: card.input.color == .bgr ? .bgr : .rgb)
        var memory = scratch.withLock { $0.popLast() } ?? WarpScratch()
        defer { scratch.withLock { $0.append(memory) } }
        try crop.transform.draw(picture, to: target, using: &memory)
        if crop.isMirrored { target.mirror() }
    }
}

extension PixelTarget {
    /// Turns each row over.
    fileprivate func mirror() {
        for row in 0..<size.height {
            let line = base + row * bytesPerRow
            for left in 0..<size.width / 2 {
                let right = size.width - 1 - left
                for channel in 0..<3 {
                    (line[3 * left + channel], line[3 * right + channel]) = (
                        line[3 * right + channel], line[3 * left + channel]
                    )
                }
            }
        }
    }
}
