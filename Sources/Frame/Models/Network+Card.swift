import Foundation
import Frames
import Inference
import InferenceEngine
import Scene

extension Network {
    /// - Parameters:
    ///   - outputs: what is wanted of their shapes, in words.
    ///   - accepts: whether these shapes will do.
    /// - Throws: `EngineError` when the network is not what its card says.
    func check(
        _ card: any NetworkCard, _ outputs: String, accepts: ([[Int]]) -> Bool
    ) throws(EngineError) {
        let wanted = PixelSize(width: card.input.width, height: card.input.height)
        func text(_ size: PixelSize) -> String { "an input of \(size.width)×\(size.height)" }
        guard inputSize == wanted else {
            throw .cardMismatch(path: card.file.path, expected: text(wanted), found: text(inputSize))
        }
        guard accepts(outputShapes) else {
            throw .cardMismatch(
                path: card.file.path, expected: outputs,
                found: outputShapes.map { "\($0)" }.joined(separator: " and "))
        }
    }
}

extension InferRequest {
    /// Scales a region straight from the decoder's planes into the input.
    func draw(_ frame: Frame, _ letterbox: Letterbox, _ card: ModelCard.Input) throws {
        let bytesPerRow = inputSize.width * 3
        if content != letterbox.content {
            input.update(repeating: card.letterboxFill, count: bytesPerRow * inputSize.height)
            content = letterbox.content
        }
        let content = letterbox.content
        try frame.picture.draw(
            letterbox.region,
            to: PixelTarget(
                base: input + content.y * bytesPerRow + content.x * 3, bytesPerRow: bytesPerRow,
                size: PixelSize(width: content.width, height: content.height),
                order: card.color == .bgr ? .bgr : .rgb))
    }
}
