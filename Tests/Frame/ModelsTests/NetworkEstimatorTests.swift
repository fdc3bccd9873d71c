import Foundation
import Frames
import Inference
import InferenceEngine
import Scene
import Testing

@testable import Models

/// The models of faces that `scripts/setup` unpacks, on the real engine.
struct NetworkEstimatorTests {
    private static let home = URL(fileURLWithPath: #filePath).appending(path: "../../../..").standardizedFileURL
    private static let isThere = FileManager.default.fileExists(
        atPath: home.appending(path: ".deps/models/iris.tflite").path)
    private static let names: [EstimatorCard.Head: String] = [
        .emotions: "emotions", .age: "age", .gender: "gender", .faceMesh: "mesh", .iris: "iris",
    ]
    private static func library(_ cards: [EstimatorCard.Head: URL]? = nil) -> ModelLibrary {
        let models = home.appending(path: "analytics/models")
        return ModelLibrary(
            ModelLibrary.Configuration(
                engineFolder: home.appending(path: ".deps/openvino"), parallelism: 2,
                defaultCard: models.appending(path: "person-fast.json"),
                bundledCard: { models.appending(path: "person-\($0.rawValue).json") },
                faceCard: models.appending(path: "face.json"), thingCard: models.appending(path: "things.json"),
                facePointsCard: models.appending(path: "face-points.json"),
                facesAgainCard: models.appending(path: "face-again.json"),
                estimatorCards: cards ?? names.mapValues { models.appending(path: "face-\($0).json") }))
    }

    /// A drawn face, 250 pixels a side, that may be seen in a mirror.
    private final class DrawnFace: Picture {
        let size = PixelSize(width: FaceWarp.side, height: FaceWarp.side)
        let isMirrored: Bool
        init(isMirrored: Bool = false) { self.isMirrored = isMirrored }

        func draw(_ region: PixelRect, to target: PixelTarget) {
            for row in 0..<target.size.height {
                for column in 0..<target.size.width {
                    let x = Float(region.x) + (Float(column) + 0.5) * Float(region.width) / Float(target.size.width)
                    let y = Float(region.y) + (Float(row) + 0.5) * Float(region.height) / Float(target.size.height)
                    let pixel = target.base + row * target.bytesPerRow + column * 3
                    let (red, green, blue) = color(isMirrored ? Float(size.width) - x : x, y)
                    (pixel[0], pixel[1], pixel[2]) = target.order == .rgb ? (red, green, blue) : (blue, green, red)
                }
            }
        }
        private func color(_ x: Float, _ y: Float) -> (UInt8, UInt8, UInt8) {
            func isIn(_ centerX: Float, _ centerY: Float, _ width: Float, _ height: Float) -> Bool {
                let (a, b) = ((x - centerX) / width, (y - centerY) / height)
                return a * a + b * b < 1
            }
            if isIn(90, 117, 6, 6) || isIn(158, 117, 6, 6) { return (40, 30, 20) }
            if isIn(94, 117, 13, 7) || isIn(156, 117, 13, 7) { return (240, 240, 240) }
            if isIn(94, 98, 18, 3) || isIn(156, 98, 18, 3) { return (60, 40, 30) }
            if isIn(125, 188, 26, 8) { return (150, 60, 60) }
            if isIn(125, 152, 8, 14) { return (180, 120, 100) }
            return isIn(125, 140, 75, 100) ? (205, 150, 120) : (20, 20, 30)
        }
        func snapshot(
            _ policy: SnapshotPolicy, of region: PixelRect?, retouched: ((PixelTarget) -> Void)?
        ) -> Snapshot { Snapshot(mediaType: policy.mediaType, bytes: []) }
        func snapshot(_ policy: SnapshotPolicy, aligned warp: FaceWarp, of shown: any Picture) -> Snapshot {
            Snapshot(mediaType: policy.mediaType, bytes: [])
        }
    }
    private static func crop(_ card: EstimatorCard) -> FaceCrop {
        FaceCrop(
            SimilarityTransform.identity.cut((card.crop.x, card.crop.y, card.crop.side), to: card.input.width))
    }

    @Test(.enabled(if: isThere)) func theNetworksAreWhatTheirCardsSay() async throws {
        let library = Self.library()
        #expect(library.estimators == Set(EstimatorCard.Head.allCases))
        for head in [EstimatorCard.Head.emotions, .age, .gender] {
            let model = try await library.estimator(head)
            let outputs = try await model.estimator.estimate(
                [Self.crop(model.card)], of: DrawnFace(), urgency: .batch)
            #expect(abs(outputs[0][0].reduce(0, +) - 1) < 1e-3, "\(head): probabilities are 1 together")
        }
        let mesh = try await library.estimator(.faceMesh)
        let points = try await mesh.estimator.estimate([Self.crop(mesh.card)], of: DrawnFace(), urgency: .batch)[0]
        // A face is there, with its eyes where they were drawn: 94 and 156 by 117.
        #expect(points[1][0] > 0)
        let factor = Float(mesh.card.crop.side) / Float(mesh.card.input.width)
        func place(_ number: Int) -> Point {
            Point(
                x: points[0][3 * number] * factor + Float(mesh.card.crop.x),
                y: points[0][3 * number + 1] * factor + Float(mesh.card.crop.y))
        }
        let (left, right) = (place(159), place(386))
        #expect(abs(left.x - 94) < 15 && abs(left.y - 117) < 15, "\(left)")
        #expect(abs(right.x - 156) < 15 && abs(right.y - 117) < 15, "\(right)")
    }

    /// With weights of 8 bits one of ten loads gives nonsense when the network is compiled for several inferences at once.
    @Test(.enabled(if: isThere)) func howeverOftenItIsLoadedAModelSaysTheSame() async throws {
        let library = Self.library()
        var first: [Float]?
        for _ in 0..<12 {
            let model = try await library.estimator(.emotions)
            let crops = [FaceCrop](repeating: Self.crop(model.card), count: 3)
            for outputs in try await model.estimator.estimate(crops, of: DrawnFace(), urgency: .batch) {
                let shares = first ?? outputs[0]
                first = shares
                for (share, expected) in zip(outputs[0], shares) { #expect(abs(share - expected) < 1e-3) }
            }
        }
    }

    @Test(.enabled(if: isThere)) func severalFacesAreToldAsOneByOne() async throws {
        let model = try await Self.library().estimator(.gender)
        let crops = (0..<5).map { number in
            FaceCrop(SimilarityTransform.identity.cut((Double(number * 10), 60, 170), to: 32))
        }
        let together = try await model.estimator.estimate(crops, of: DrawnFace(), urgency: .batch)
        for (crop, outputs) in zip(crops, together) {
            #expect(try await model.estimator.estimate([crop], of: DrawnFace(), urgency: .live)[0] == outputs)
        }
        #expect(Set(together.map { $0[0][0] }).count > 1)
    }

    @Test(.enabled(if: isThere)) func aPictureInAMirrorIsTurnedOver() async throws {
        let model = try await Self.library().estimator(.iris)
        // The left eye, and where it is in the mirror.
        let eye = SimilarityTransform.identity.cut((62, 85, 64), to: 64)
        let mirrored = SimilarityTransform.identity.cut((250 - 62 - 64, 85, 64), to: 64)
        let plain = try await model.estimator.estimate([FaceCrop(eye)], of: DrawnFace(), urgency: .batch)[0]
        let turned = try await model.estimator.estimate(
            [FaceCrop(mirrored, isMirrored: true)], of: DrawnFace(isMirrored: true), urgency: .batch)[0]
        for (a, b) in zip(plain.joined(), turned.joined()) { #expect(abs(a - b) < 0.01) }
    }

    @Test(.enabled(if: isThere)) func aCardOfAnotherModelIsRefused() async throws {
        let text = try String(
            contentsOf: Self.home.appending(path: "analytics/models/face-gender.json"), encoding: .utf8)
        let file = FileManager.default.temporaryDirectory.appending(path: "card-\(UUID()).json")
        defer { try? FileManager.default.removeItem(at: file) }
        try text.replacing("../../.deps", with: Self.home.appending(path: ".deps").path)
            .replacing("\"width\": 32", with: "\"width\": 64").replacing("\"height\": 32", with: "\"height\": 64")
            .replacing("\"reshape\": true", with: "\"reshape\": false")
            .write(to: file, atomically: true, encoding: .utf8)
        let library = Self.library([.gender: file])
        await #expect(throws: EngineError.self) { _ = try await library.estimator(.gender) }
    }

    @Test func withoutFilesThereAreNone() {
        #expect(Self.library([.age: URL(fileURLWithPath: "/nowhere/face-age.json")]).estimators == [])
    }
}
