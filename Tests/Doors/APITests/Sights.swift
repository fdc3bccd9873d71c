import Foundation
import Frames
import Inference
import Records
import Scene
import TestSupport

/// Models that find what a test says is in every picture.
struct Sights: ModelShelf {
    var faces: [Detection] = []
    var people: [Detection] = []

    func model(_ choice: ModelChoice) async throws -> LoadedModel {
        let found = choice == .faces ? faces : people
        return LoadedModel(
            finder: ScriptedFinder { _ in found },
            thresholds: ModelCard.Thresholds(confidence: 0.5, candidate: 0.2, nmsIoU: 0.3, birth: 0.5))
    }

    /// Models by which everybody is a happy woman of 40, who smiles, and looks ahead.
    /// - Parameter gate: lets all faces pass.
    static func estimators(
        gate: EstimatorCard.Gate = EstimatorCard.Gate(height: 0, sharpness: 0, yaw: 180, pitch: 180)
    ) throws -> ScriptedEstimators {
        var years = [Float](repeating: 0, count: 81)
        years[40] = 1
        // Of the mesh: eyes, and a mouth that is wide and shut.
        var mesh = [Float](repeating: 100, count: 1404)
        for (number, x, y) in [
            (33, 60, 80), (133, 80, 80), (362, 110, 80), (263, 130, 80), (61, 68, 130), (291, 122, 130), (13, 95, 130),
            (14, 95, 130), (78, 70, 130), (308, 120, 130),
        ] as [(Int, Float, Float)] { (mesh[3 * number], mesh[3 * number + 1]) = (x, y) }
        var contour = [Float](repeating: 32, count: 213)
        for number in 0..<9 { (contour[3 * number], contour[3 * number + 1]) = (20 + 3 * Float(number), 36) }
        for number in 9..<16 { (contour[3 * number], contour[3 * number + 1]) = (20 + 3 * Float(number - 8), 28) }
        let iris: [Float] = [32, 30, 0, 38, 30, 0, 32, 24, 0, 26, 30, 0, 32, 36, 0]
        return try ScriptedEstimators(
            cards: URL(fileURLWithPath: #filePath).appending(path: "../../../../analytics/models").standardizedFileURL,
            [
                .emotions: [[0.05, 0, 0, 0.9, 0.05, 0, 0]], .age: [years], .gender: [[0.75, 0.25]],
                .faceMesh: [mesh, [3]], .iris: [contour, iris],
            ], gate: gate)
    }

    /// An upright face whose box begins there and has that side.
    static func face(
        _ x: Float, _ y: Float, side: Float = 50, confidence: Float = 0.9, turned: Float = 0
    ) -> Detection {
        let scale = side / 125
        var landmarks = FaceWarp.reference.map { Point(x: x + ($0.x - 62) * scale, y: y + ($0.y - 70) * scale) }
        landmarks.nose.x += turned * side
        let box = BoundingBox(minX: x, minY: y, maxX: x + side, maxY: y + side)
        return Detection(box: box, confidence: confidence, landmarks: landmarks)
    }
    static func body(_ x: Float, _ y: Float, confidence: Float = 0.8) -> Detection {
        Detection(box: BoundingBox(minX: x, minY: y, maxX: x + 80, maxY: y + 180), confidence: confidence)
    }
}
