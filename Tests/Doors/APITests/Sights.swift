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
