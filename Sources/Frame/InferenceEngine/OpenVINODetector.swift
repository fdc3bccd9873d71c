public import Foundation
public import Frames
public import Inference
public import Scene

/// A person detector on OpenVINO: one compiled model, shared by all streams, with a pool of infer requests.
///
/// A frame's region is scaled straight from the decoder's planes into a request's input tensor; no other copy is made.
public final class OpenVINODetector: Detector {
    public struct Configuration: Hashable, Sendable {
        /// Folder of the OpenVINO libraries.
        public var engineFolder: URL
        /// Inferences at once, one thread each. At least 1.
        public var parallelism: Int
        public init(engineFolder: URL, parallelism: Int) {
            (self.engineFolder, self.parallelism) = (engineFolder, parallelism)
        }
    }

    public let card: ModelCard
    private let engine: Engine
    private let pool: RequestPool
    private let decoder: HeadDecoder
    private let inputSize: PixelSize

    /// Loads the engine and compiles the model: half a second to some seconds; blocks.
    /// - Throws: `EngineError`; `ModelError` when the file's hash is not the card's.
    public init(card: ModelCard, configuration: Configuration) throws {
        self.card = card
        try card.verifyFile()
        let engine = try Engine(folder: configuration.engineFolder)
        self.engine = engine
        inputSize = PixelSize(width: card.input.width, height: card.input.height)
        decoder = HeadDecoder(card: card)
        let compiled = try engine.compile(
            path: card.file.path, mean: card.input.mean, scale: card.input.scale,
            threads: configuration.parallelism, parallelism: configuration.parallelism)
        // One request more than run at once, so that the next picture is drawn while the engine is busy.
        let requests = try (0...configuration.parallelism).map { _ in
            try InferRequest(engine: engine, compiled: compiled, outputNames: card.outputs)
        }
        pool = RequestPool(requests)
        try check(requests[0])
    }

    /// Such as `OpenVINO 2026.4.1-…`.
    public var engineVersion: String { "OpenVINO \(engine.version)" }

    public func detect(in frame: Frame, region: PixelRect) async throws -> [Detection] {
        let letterbox = Letterbox(region: region, input: inputSize, alignment: card.input.letterboxAlignment)
        return try await pool.with { request in
            try draw(frame, letterbox, into: request)
            try await request.run()
            try request.withOutputs { (outputs) throws(EngineError) in
                decoder.decode(outputs, into: &request.candidates)
            }
            return nms(request.candidates, maximumIoU: card.thresholds.nmsIoU).compactMap { detection in
                let box = letterbox.boxInFrame(detection.box)
                return box.area > 0 ? Detection(box: box, confidence: detection.confidence) : nil
            }
        }
    }

    /// One inference on whatever is in the input, for measuring the engine alone.
    public func runEmpty() async throws {
        try await pool.with { try await $0.run() }
    }

    private func draw(_ frame: Frame, _ letterbox: Letterbox, into request: InferRequest) throws {
        let bytesPerRow = inputSize.width * 3
        if request.content != letterbox.content {
            request.input.update(repeating: card.input.letterboxFill, count: bytesPerRow * inputSize.height)
            request.content = letterbox.content
        }
        let content = letterbox.content
        try frame.picture.draw(
            letterbox.region,
            to: PixelTarget(
                base: request.input + content.y * bytesPerRow + content.x * 3, bytesPerRow: bytesPerRow,
                size: PixelSize(width: content.width, height: content.height),
                order: card.input.color == .bgr ? .bgr : .rgb))
    }

    /// Holds the model against its card before the first frame does.
    private func check(_ request: InferRequest) throws(EngineError) {
        func text(_ size: PixelSize) -> String { "an input of \(size.width)×\(size.height)" }
        guard request.inputSize == inputSize else {
            throw .cardMismatch(path: card.file.path, expected: text(inputSize), found: text(request.inputSize))
        }
        let shapes: [[Int]]
        do {
            shapes = try request.withOutputs { (outputs) throws(EngineError) in outputs.map(\.shape) }
        } catch .inferenceFailed(let reason) {
            throw .unusableModel(path: card.file.path, reason: reason)
        }
        guard decoder.accepts(shapes) else {
            throw .cardMismatch(
                path: card.file.path,
                expected: "outputs of shape \(decoder.expectedShapes) for the head '\(card.head.rawValue)'",
                found: shapes.map { "\($0)" }.joined(separator: " and "))
        }
    }
}
