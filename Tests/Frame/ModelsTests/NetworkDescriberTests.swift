import Foundation
import Frames
import Inference
import InferenceEngine
import Records
import Scene
import Synchronization
import TestSupport
import Testing

@testable import Models

/// The model that `scripts/setup` unpacks, on the real engine.
struct NetworkDescriberTests {
    private static let home = URL(fileURLWithPath: #filePath).appending(path: "../../../..").standardizedFileURL
    private static let isThere = FileManager.default.fileExists(
        atPath: home.appending(path: ".deps/models/sface.onnx").path)
    private static func library(_ card: URL? = nil) -> ModelLibrary {
        let models = home.appending(path: "analytics/models")
        return ModelLibrary(
            ModelLibrary.Configuration(
                engineFolder: home.appending(path: ".deps/openvino"), parallelism: 2,
                defaultCard: models.appending(path: "person-fast.json"),
                bundledCard: { models.appending(path: "person-\($0.rawValue).json") },
                faceCard: models.appending(path: "face.json"), thingCard: models.appending(path: "things.json"),
                facePointsCard: models.appending(path: "face-points.json"),
                facesAgainCard: models.appending(path: "face-again.json"),
                descriptorCard: card ?? models.appending(path: "face-descriptor.json")))
    }

    /// An aligned face, drawn from a few ellipses: light skin on a dark ground, eyes, a mouth.
    private final class DrawnFace: Picture {
        let size = PixelSize(width: FaceWarp.side, height: FaceWarp.side)
        let skin: UInt8, gap: Float
        let calls = Mutex<[(region: PixelRect, size: PixelSize, order: PixelTarget.Order)]>([])
        init(skin: UInt8, gap: Float = 1) { (self.skin, self.gap) = (skin, gap) }

        func draw(_ region: PixelRect, to target: PixelTarget) {
            calls.withLock { $0.append((region, target.size, target.order)) }
            for row in 0..<target.size.height {
                for column in 0..<target.size.width {
                    let x = Float(region.x) + (Float(column) + 0.5) * Float(region.width) / Float(target.size.width)
                    let y = Float(region.y) + (Float(row) + 0.5) * Float(region.height) / Float(target.size.height)
                    let pixel = target.base + row * target.bytesPerRow + column * 3
                    let (red, green, blue) = color(x, y)
                    (pixel[0], pixel[1], pixel[2]) = (red, green, blue)
                }
            }
        }
        private func color(_ x: Float, _ y: Float) -> (UInt8, UInt8, UInt8) {
            func isIn(_ centerX: Float, _ centerY: Float, _ width: Float, _ height: Float) -> Bool {
                let (a, b) = ((x - centerX) / width, (y - centerY) / height)
                return a * a + b * b < 1
            }
            let eye = 31 * gap
            if isIn(125 - eye, 117, 11, 6) || isIn(125 + eye, 117, 11, 6) { return (30, 25, 20) }
            if isIn(125, 188, 26, 7) { return (150, 60, 60) }
            if isIn(125, 152, 8, 12) { return (skin - 20, skin / 2 + 20, skin / 2) }
            return isIn(125, 140, 75, 100) ? (skin, UInt8(Int(skin) * 3 / 4), skin / 2 + 20) : (20, 20, 30)
        }
        func snapshot(
            _ policy: SnapshotPolicy, of region: PixelRect?, retouched: ((PixelTarget) -> Void)?
        ) -> Snapshot {
            Snapshot(mediaType: policy.mediaType, bytes: [])
        }
        func snapshot(_ policy: SnapshotPolicy, aligned warp: FaceWarp, of shown: any Picture) -> Snapshot {
            Snapshot(mediaType: policy.mediaType, bytes: [])
        }
    }
    private static func descriptor(_ picture: DrawnFace, _ model: LoadedDescriber) async throws -> Descriptor {
        let frame = Frame(time: FrameTime(index: 0, pts: .zero, wallClock: .now), consumers: [], picture: picture)
        return try #require(
            try await model.describer.describe(frame, region: FaceWarp.templateRegion, urgency: .batch))
    }

    @Test(.enabled(if: isThere)) func alikeFacesHaveAlikeDescriptors() async throws {
        let model = try await Self.library().describer()
        let picture = DrawnFace(skin: 200)
        let one = try await Self.descriptor(picture, model), again = try await Self.descriptor(picture, model)
        #expect(one.cosine(to: again) > 0.9999)
        let call = try #require(picture.calls.withLock { $0.first })
        #expect(call.region == FaceWarp.templateRegion && call.order == .rgb)
        #expect(call.size == PixelSize(width: 112, height: 112))
        let lighter = try await Self.descriptor(DrawnFace(skin: 206), model)
        let other = try await Self.descriptor(DrawnFace(skin: 90, gap: 0.6), model)
        #expect(one.cosine(to: lighter) > one.cosine(to: other))
    }

    @Test(.enabled(if: isThere)) func whoeverAsksGetsTheSameAndItIsFreedWithTheLast() async throws {
        let library = Self.library()
        weak var freed: LoadedDescriber?
        do {
            async let one = library.describer(), other = library.describer()
            let (first, second) = try await (one, other)
            #expect(first === second)
            freed = first
        }
        #expect(freed == nil)
    }

    @Test func aMissingCardIsNamed() async throws {
        let nowhere = URL(fileURLWithPath: "/nowhere/face-descriptor.json")
        await #expect(throws: ModelError.unreadableCard(path: nowhere.path, reason: "there is no such file")) {
            _ = try await Self.library(nowhere).describer()
        }
    }
}
