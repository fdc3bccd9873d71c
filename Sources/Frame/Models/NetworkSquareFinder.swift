import Frames
import Inference
import InferenceEngine
import Scene

/// Looks at squares of frames with a small input: a batch at once as long as there are enough for one, the others one by one.
final class NetworkSquareFinder: SquareFinder {
    private let card: ModelCard
    private let single, batch: Network
    private let decoder: HeadDecoder
    private let batchCount: Int
    private let watch: InferenceWatch

    /// - Parameters:
    ///   - card: of the model, which says how large squares and batches are.
    ///   - watch: told how each inference went.
    /// - Throws: `EngineError` when the networks are not what the card says.
    init(card: ModelCard, square: ModelCard.Square, engine: Engine, watch: InferenceWatch) async throws {
        let size = PixelSize(width: square.side, height: square.side)
        let one = card.with(size), many = card.with(size, batch: square.batch)
        (self.card, self.watch, batchCount) = (one, watch, square.batch)
        single = try await engine.network(one)
        batch = try await engine.network(many)
        decoder = try HeadDecoder(card: one, network: single)
        _ = try HeadDecoder(card: many, network: batch)
    }

    func find(
        in frame: Frame, squares: [PixelRect], region: PixelRect, urgency: Urgency
    ) async throws -> [Detection] {
        let side = card.input.width
        var rest = squares.compactMap { Letterbox(square: $0, within: region, side: side) }[...]
        var found: [Detection] = []
        do {
            while !rest.isEmpty {
                let portion = rest.prefix(rest.count >= batchCount ? batchCount : 1)
                found += try await look(at: portion, in: frame, urgency)
                rest = rest.dropFirst(portion.count)
            }
            watch.succeeded()
        } catch {
            watch.failed(error)
            throw error
        }
        return nms(found, maximumIoU: card.thresholds.nmsIoU)
    }

    private func look(
        at letterboxes: ArraySlice<Letterbox>, in frame: Frame, _ urgency: Urgency
    ) async throws -> [Detection] {
        try await (letterboxes.count == 1 ? single : batch).infer(
            urgency,
            draw: { request in
                for (index, letterbox) in letterboxes.enumerated() {
                    try draw(frame, letterbox, to: request.input + index * card.input.width * card.input.height * 3)
                }
            },
            read: { request, outputs in
                letterboxes.enumerated().flatMap { index, letterbox in
                    let own = outputs.map { $0.picture(index, of: letterboxes.count) }
                    decoder.decode(own, into: &request.candidates)
                    return nms(request.candidates, maximumIoU: card.thresholds.nmsIoU).compactMap(letterbox.inFrame)
                }
            })
    }

    private func draw(_ frame: Frame, _ letterbox: Letterbox, to picture: UnsafeMutablePointer<UInt8>) throws {
        let (side, content) = (card.input.width, letterbox.content)
        if content.width < side || content.height < side {
            picture.update(repeating: card.input.letterboxFill, count: side * side * 3)
        }
        try frame.picture.draw(
            letterbox.region,
            to: PixelTarget(
                base: picture + (content.y * side + content.x) * 3, bytesPerRow: side * 3,
                size: PixelSize(width: content.width, height: content.height),
                order: card.input.color == .bgr ? .bgr : .rgb))
    }
}
