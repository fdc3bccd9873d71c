public import Scene

/// Turns a network's output tensors into candidate boxes of one class, in pixels of the input tensor.
public struct HeadDecoder: Sendable {
    /// One cell of a grid: its column and row, and the pixels of the input from one to the next.
    struct Cell {
        let x, y, stride: Float
    }
    private let head: ModelCard.Head
    private let classCount: Int
    private let personClass: Int
    let threshold: Float
    /// Of the grids of each stride, row by row, as the head orders its rows.
    let cells: [Cell]
    /// How many pictures the tensors hold.
    let batch: Int

    public init(card: ModelCard) {
        head = card.head
        classCount = card.classes.count
        personClass = card.personClass
        threshold = min(card.thresholds.candidate, card.thresholds.cover)
        cells = head.strides.flatMap { Self.grid(of: card.input, stride: $0) }
        batch = card.input.batch
    }

    /// The shapes that `decode` wants, in words for an error message.
    public var expectedShapes: String {
        switch head {
        case .boxesScores: "[1, A, 4] and [1, A, \(classCount)]"
        case .yolox: "[1, \(cells.count), \(5 + classCount)]"
        case .yolov8: "[1, \(4 + classCount), A]"
        case .yunet: yuNetShapes.map { "\($0)" }.joined(separator: ", ")
        case .centerface: centerFaceShapes.map { "\($0)" }.joined(separator: ", ")
        }
    }

    /// Whether tensors of these shapes can be decoded.
    public func accepts(_ shapes: [[Int]]) -> Bool {
        switch head {
        case .boxesScores:
            guard shapes.count == 2, shapes.allSatisfy({ $0.count == 3 && $0[0] == 1 }) else { return false }
            return shapes[0][1] == shapes[1][1] && shapes[0][2] == 4 && shapes[1][2] == classCount
        case .yolox: return shapes == [[1, cells.count, 5 + classCount]]
        case .yolov8: return shapes.count == 1 && shapes[0].count == 3 && shapes[0][1] == 4 + classCount
        case .yunet: return shapes == yuNetShapes
        case .centerface: return shapes == centerFaceShapes
        }
    }

    /// Candidates at least as sure as the lesser of the card's thresholds `candidate` and `cover`, in no order.
    /// - Parameters:
    ///   - outputs: of shapes that `accepts` agreed to; of one picture alone.
    ///   - candidates: emptied and filled, so that its memory is used again for the next frame.
    public func decode(_ outputs: [Tensor], into candidates: inout [Detection]) {
        candidates.removeAll(keepingCapacity: true)
        switch head {
        case .boxesScores: decodeBoxesScores(outputs[0], outputs[1], &candidates)
        case .yolox: decodeYOLOX(outputs[0], &candidates)
        case .yolov8: decodeYOLOv8(outputs[0], &candidates)
        case .yunet: decodeYuNet(outputs, &candidates)
        case .centerface: decodeCenterFace(outputs, &candidates)
        }
    }

    private func decodeBoxesScores(_ boxes: Tensor, _ scores: Tensor, _ candidates: inout [Detection]) {
        for row in 0..<boxes.shape[1] {
            let confidence = scores.values[row * classCount + personClass]
            guard confidence >= threshold else { continue }
            let at = row * 4
            let box = BoundingBox(
                minX: boxes.values[at], minY: boxes.values[at + 1], maxX: boxes.values[at + 2],
                maxY: boxes.values[at + 3])
            append(box, confidence, &candidates)
        }
    }

    /// Source: Ge et al., "YOLOX: Exceeding YOLO Series in 2021", §2.1: centres are offsets in cells, sizes logarithms.
    private func decodeYOLOX(_ output: Tensor, _ candidates: inout [Detection]) {
        let width = 5 + classCount
        for (row, cell) in cells.enumerated() {
            let at = row * width
            let confidence = output.values[at + 4] * output.values[at + 5 + personClass]
            guard confidence >= threshold else { continue }
            append(
                Self.box(
                    centerX: (output.values[at] + cell.x) * cell.stride,
                    centerY: (output.values[at + 1] + cell.y) * cell.stride,
                    width: exponential(output.values[at + 2]) * cell.stride,
                    height: exponential(output.values[at + 3]) * cell.stride),
                confidence, &candidates)
        }
    }

    private func decodeYOLOv8(_ output: Tensor, _ candidates: inout [Detection]) {
        let count = output.shape[2]
        let scores = (4 + personClass) * count
        for column in 0..<count {
            let confidence = output.values[scores + column]
            guard confidence >= threshold else { continue }
            append(
                Self.box(
                    centerX: output.values[column], centerY: output.values[count + column],
                    width: output.values[2 * count + column], height: output.values[3 * count + column]),
                confidence, &candidates)
        }
    }

    /// A network that is not what its card says may put out anything: only finite boxes with an area go on.
    func append(
        _ box: BoundingBox, _ confidence: Float, _ candidates: inout [Detection], landmarks: Landmarks5? = nil
    ) {
        guard box.area > 0, box.area.isFinite, confidence <= 1.001 else { return }
        candidates.append(Detection(box: box, confidence: min(1, confidence), landmarks: landmarks))
    }

    static func box(centerX: Float, centerY: Float, width: Float, height: Float) -> BoundingBox {
        BoundingBox(
            minX: centerX - width / 2, minY: centerY - height / 2, maxX: centerX + width / 2,
            maxY: centerY + height / 2)
    }

    private static func grid(of input: ModelCard.Input, stride: Int) -> [Cell] {
        (0..<input.height / stride).flatMap { y in
            (0..<input.width / stride).map { Cell(x: Float($0), y: Float(y), stride: Float(stride)) }
        }
    }
}
