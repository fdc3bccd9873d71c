import Foundation
import Scene
import Testing

@testable import Inference

struct HeadDecoderTests {
    private static func card(_ head: ModelCard.Head, classes: [String] = ["person"], person: Int = 0) -> ModelCard {
        ModelCard(
            name: "test", description: "", file: URL(fileURLWithPath: "/nowhere"), sha256: nil,
            input: ModelCard.Input(
                width: 64, height: 32, color: .bgr, mean: [0, 0, 0], scale: [255, 255, 255], letterboxFill: 114,
                letterboxAlignment: .center),
            head: head, outputs: ["a"], classes: classes, personClass: person,
            thresholds: ModelCard.Thresholds(confidence: 0.4, candidate: 0.2, nmsIoU: 0.6))
    }
    private static func decode(_ card: ModelCard, _ tensors: [(values: [Float], shape: [Int])]) -> [Detection] {
        var candidates = [Detection(box: BoundingBox(minX: 0, minY: 0, maxX: 1, maxY: 1), confidence: 1)]
        let buffers = tensors.map { tensor in
            let copy = UnsafeMutableBufferPointer<Float>.allocate(capacity: tensor.values.count)
            _ = copy.initialize(from: tensor.values)
            return Tensor(values: UnsafeBufferPointer(copy), shape: tensor.shape)
        }
        defer { buffers.forEach { $0.values.deallocate() } }
        HeadDecoder(card: card).decode(buffers, into: &candidates)
        return candidates
    }

    @Test func boxesScoresTakesThePersonsColumn() {
        let card = Self.card(.boxesScores, classes: ["car", "person"], person: 1)
        let found = Self.decode(
            card, [([1, 2, 11, 22, 5, 5, 9, 9], [1, 2, 4]), ([0.9, 0.1, 0.0, 0.7], [1, 2, 2])])
        #expect(found == [Detection(box: BoundingBox(minX: 5, minY: 5, maxX: 9, maxY: 9), confidence: 0.7)])
    }

    @Test func yoloxDecodesOffsetsOnTheGridOfTheRow() {
        // 64×32: 8×4 cells of stride 8, then 4×2 of 16, then 2×1 of 32: 42 rows. Row 33 is cell (1, 0) of stride 16.
        var values = [Float](repeating: 0, count: 42 * 6)
        values.replaceSubrange(33 * 6..<34 * 6, with: [0.5, 0.25, 0, log(2), 0.8, 0.5])
        let found = Self.decode(Self.card(.yolox), [(values, [1, 42, 6])])
        #expect(found.count == 1)
        #expect(found[0].box == BoundingBox(minX: 16, minY: -12, maxX: 32, maxY: 20))
        #expect(abs(found[0].confidence - 0.4) < 1e-6)
    }

    @Test func yolov8ReadsColumns() {
        // Two candidates: centre (10, 20) size 4×6 at 0.9; the other below the threshold.
        let values: [Float] = [10, 1, 20, 1, 4, 1, 6, 1, 0.9, 0.1]
        let found = Self.decode(Self.card(.yolov8), [(values, [1, 5, 2])])
        #expect(found == [Detection(box: BoundingBox(minX: 8, minY: 17, maxX: 12, maxY: 23), confidence: 0.9)])
    }

    @Test func centerFaceTakesVerticalNumbersFirst() throws {
        // 64×32: 16×8 cells of stride 4. The face's cell is column 5, row 2.
        let count = 16 * 8, cell = 2 * 16 + 5
        func planes(_ values: [Float]) -> [Float] {
            values.flatMap { value in (0..<count).map { $0 == cell ? value : 0 } }
        }
        let found = Self.decode(
            Self.card(.centerface),
            [
                (planes([0.9]), [1, 1, 8, 16]), (planes([log(3), log(2)]), [1, 2, 8, 16]),
                (planes([0.25, -0.5]), [1, 2, 8, 16]),
                (planes([0.25, 0.25, 0.25, 0.75, 0.5, 0.5, 0.75, 0.25, 0.75, 0.75]), [1, 10, 8, 16]),
            ])
        // 8 wide and 12 high around x = (5 − 0.5 + 0.5) · 4 = 20 and y = (2 + 0.25 + 0.5) · 4 = 11.
        let face = try #require(found.first)
        #expect(found.count == 1 && face.confidence == 0.9)
        #expect(Self.isNear(face.box, BoundingBox(minX: 16, minY: 5, maxX: 24, maxY: 17)))
        let points = try #require(face.landmarks).points
        let wanted: [(Float, Float)] = [(18, 8), (22, 8), (20, 11), (18, 14), (22, 14)]
        #expect(zip(points, wanted).allSatisfy { abs($0.x - $1.0) < 1e-4 && abs($0.y - $1.1) < 1e-4 })
        let decoder = HeadDecoder(card: Self.card(.centerface))
        #expect(decoder.accepts([[1, 1, 8, 16], [1, 2, 8, 16], [1, 2, 8, 16], [1, 10, 8, 16]]))
        #expect(!decoder.accepts([[1, 1, 8, 16], [1, 2, 8, 16], [1, 10, 8, 16], [1, 2, 8, 16]]))
    }

    @Test func yuNetMultipliesTwoScoresAndCountsInCells() throws {
        // 64×32: 32 cells of stride 8, 8 of 16, 2 of 32. The face's cell is column 1, row 1 of stride 16.
        let counts = [32, 8, 2], row = 5
        func rows(_ level: Int, _ values: [Float]) -> (values: [Float], shape: [Int]) {
            let all = (0..<counts[level]).flatMap { cell in
                level == 1 && cell == row ? values : values.map { _ in Float(0) }
            }
            return (all, [1, counts[level], values.count])
        }
        let numbers: [[Float]] = [
            [0.81], [1], [0.5, 0.25, 0, log(2)], [0, 0, 1, 0, 0.5, 0.5, 0, 1, 1, 1],
        ]
        let found = Self.decode(Self.card(.yunet), numbers.flatMap { values in (0..<3).map { rows($0, values) } })
        let face = try #require(found.first)
        #expect(found.count == 1 && abs(face.confidence - 0.9) < 1e-6)
        #expect(Self.isNear(face.box, BoundingBox(minX: 16, minY: 4, maxX: 32, maxY: 36)))
        let points = try #require(face.landmarks).points
        #expect(points == [(16, 16), (32, 16), (24, 24), (16, 32), (32, 32)].map { Point(x: $0.0, y: $0.1) })
    }

    /// The first face of frame 0 of `intel_preview_classroom.mp4`, 480×270 in the top left of 480×288: what the network said of its cell, and
    /// what another decoder made of that.
    @Test func yuNetGivesTheFaceThatAnotherDecoderGives() throws {
        let counts = [2160, 540, 135], cell = 20 * 60 + 39
        let numbers: [[Float]] = [
            [0.7882], [0.9876], [0.6632, 0.4169, 0.8182, 1.1013],
            [0.1784, 0.1688, 1.304, 0.1848, 0.8088, 0.8264, 0.338, 1.148, 1.2112, 1.3007],
        ]
        let tensors = numbers.flatMap { values in
            counts.map { count in
                let rows = (0..<count).flatMap { count == 2160 && $0 == cell ? values : values.map { _ in Float(0) } }
                return (values: rows, shape: [1, count, values.count])
            }
        }
        let found = Self.decode(Self.card(.yunet).with(PixelSize(width: 480, height: 288)), tensors)
        let face = try #require(found.first)
        #expect(found.count == 1 && abs(face.confidence - 0.8823) < 1e-4)
        let box = face.box
        let measures = [box.minX, box.minY, box.width, box.height]
        #expect(zip(measures, [308.24, 151.30, 18.13, 24.06]).allSatisfy { abs($0 - $1) < 0.01 })
        let wanted: [(Float, Float)] = [
            (313.43, 161.35), (322.43, 161.48), (318.47, 166.61), (314.70, 169.18), (321.69, 170.41),
        ]
        let points = try #require(face.landmarks).points
        #expect(zip(points, wanted).allSatisfy { abs($0.x - $1.0) < 0.01 && abs($0.y - $1.1) < 0.01 })
    }

    @Test func eachPictureOfABatchHasItsPart() {
        let values: [Float] = [1, 2, 3, 4, 5, 6]
        values.withUnsafeBufferPointer { values in
            let second = Tensor(values: values, shape: [1, 6, 1]).picture(1, of: 2)
            #expect(Array(second.values) == [4, 5, 6] && second.shape == [1, 3, 1])
        }
    }

    private static func isNear(_ a: BoundingBox, _ b: BoundingBox) -> Bool {
        [a.minX - b.minX, a.minY - b.minY, a.maxX - b.maxX, a.maxY - b.maxY].allSatisfy { abs($0) < 1e-4 }
    }

    @Test func numbersThatAreNoBoxesAreLeftOut() {
        let boxes: [Float] = [.nan, 0, 5, 5, 0, 0, .infinity, 5, 9, 9, 5, 5, 0, 0, 5, 5]
        let found = Self.decode(
            Self.card(.boxesScores), [(boxes, [1, 4, 4]), ([0.9, 0.9, 0.9, 17], [1, 4, 1])])
        #expect(found.isEmpty)
    }

    @Test func shapesThatDoNotFitAreNotAccepted() {
        let boxes = HeadDecoder(card: Self.card(.boxesScores))
        #expect(boxes.accepts([[1, 100, 4], [1, 100, 1]]))
        #expect(!boxes.accepts([[1, 100, 4], [1, 99, 1]]))
        #expect(!boxes.accepts([[1, 100, 4], [1, 100, 80]]))
        #expect(!boxes.accepts([[1, 100, 4]]))
        #expect(HeadDecoder(card: Self.card(.yolox)).accepts([[1, 42, 6]]))
        #expect(!HeadDecoder(card: Self.card(.yolox)).accepts([[1, 41, 6]]))
        #expect(HeadDecoder(card: Self.card(.yolov8)).accepts([[1, 5, 7]]))
        #expect(!HeadDecoder(card: Self.card(.yolov8)).accepts([[1, 7, 5]]))
        let levels = [32, 8, 2], yunet = [1, 1, 4, 10].flatMap { width in levels.map { [1, $0, width] } }
        #expect(HeadDecoder(card: Self.card(.yunet)).accepts(yunet))
        #expect(!HeadDecoder(card: Self.card(.yunet)).accepts(Array(yunet.reversed())))
        let batch = HeadDecoder(card: Self.card(.yunet).with(PixelSize(width: 64, height: 32), batch: 4))
        #expect(batch.accepts(yunet.map { [1, 4 * $0[1], $0[2]] }) && !batch.accepts(yunet))
    }
}
