import Foundation
import Frames
import Inference
import InferenceEngine
import Scene
import Synchronization
import TestSupport
import Testing

@testable import Models

/// The model that `scripts/setup` puts together, on the real engine.
struct NetworkClassifierTests {
    private static let home = URL(fileURLWithPath: #filePath).appending(path: "../../../..").standardizedFileURL
    private static let isThere = FileManager.default.fileExists(
        atPath: home.appending(path: ".deps/models/efficientnet-lite1.onnx").path)
    private static func library(things: URL? = nil) -> ModelLibrary {
        let models = home.appending(path: "analytics/models")
        return ModelLibrary(
            ModelLibrary.Configuration(
                engineFolder: home.appending(path: ".deps/openvino"), parallelism: 2,
                defaultCard: models.appending(path: "person-fast.json"),
                bundledCard: { models.appending(path: "person-\($0.rawValue).json") },
                faceCard: models.appending(path: "face.json"),
                thingCard: things ?? models.appending(path: "things.json"),
                facePointsCard: models.appending(path: "face-points.json"),
                facesAgainCard: models.appending(path: "face-again.json")))
    }
    private static func frame(_ picture: any Picture) -> Frame {
        Frame(time: FrameTime(index: 0, pts: .zero, wallClock: .now), consumers: [], picture: picture)
    }

    /// A crossword puzzle of 16 × 12 fields, and how it was asked for.
    private final class Crossword: Picture {
        let size = PixelSize(width: 640, height: 480)
        struct Call: Equatable {
            var region: PixelRect, size: PixelSize, order: PixelTarget.Order
            /// Of the row above the first.
            var bar: UInt8
        }
        let calls = Mutex<[Call]>([])
        func draw(_ region: PixelRect, to target: PixelTarget) {
            let call = Call(
                region: region, size: target.size, order: target.order, bar: target.base[-target.bytesPerRow])
            calls.withLock { $0.append(call) }
            for row in 0..<target.size.height {
                let y = region.y + row * region.height / target.size.height
                for column in 0..<target.size.width {
                    let x = region.x + column * region.width / target.size.width
                    let (fieldX, fieldY) = (x / 40, y / 40)
                    let isLine = x % 40 < 3 || y % 40 < 3
                    let isBlack = isLine || (fieldX * 7 + fieldY * 13 + fieldX * fieldY * 3) % 10 < 3
                    let pixel = target.base + row * target.bytesPerRow + column * 3
                    for channel in 0..<3 { pixel[channel] = isBlack ? 0 : 255 }
                }
            }
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

    @Test(.enabled(if: isThere)) func aCrosswordIsACrossword() async throws {
        let model = try await Self.library().classifier()
        let picture = Crossword()
        let probabilities = try await model.classifier.classify(
            Self.frame(picture), region: PixelRect(picture.size), urgency: .batch)
        #expect(probabilities.count == 1000 && abs(probabilities.reduce(0, +) - 1) < 1e-3)
        let best = try #require(probabilities.indices.max { probabilities[$0] < probabilities[$1] })
        #expect(model.taxonomy.kinds[best].name == "crossword puzzle")
        #expect(probabilities[best] > 0.8)
        // All of it, between bars above and below, red first.
        let call = Crossword.Call(
            region: PixelRect(x: 0, y: 0, width: 640, height: 480), size: PixelSize(width: 240, height: 180),
            order: .rgb,
            bar: 127)
        #expect(picture.calls.withLock { $0 } == [call])
    }

    @Test(.enabled(if: isThere)) func whoeverAsksGetsTheSameAndItIsFreedWithTheLast() async throws {
        let library = Self.library()
        weak var freed: LoadedClassifier?
        do {
            async let one = library.classifier(), other = library.classifier()
            let (first, second) = try await (one, other)
            #expect(first === second)
            #expect(first.identity != nil)
            freed = first
        }
        #expect(freed == nil)
    }

    @Test(.enabled(if: isThere)) func aModelOfAnotherNumberOfClassesIsRefused() async throws {
        let folder = FileManager.default.temporaryDirectory.appending(path: "\(UUID())")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: folder) }
        let card = folder.appending(path: "things.json")
        let text = try String(
            contentsOf: Self.home.appending(path: "analytics/models/things.json"), encoding: .utf8)
        let changed = text.replacing(#""imagenet.json""#, with: #"["cat", "dog"]"#).replacing(
            "../../.deps", with: Self.home.appending(path: ".deps").path)
        try Data(changed.utf8).write(to: card)
        await #expect {
            _ = try await Self.library(things: card).classifier()
        } throws: { "\($0)".contains("wanted an output of shape [1, 2], found [1, 1000]") }
    }

    @Test func aMissingCardIsNamed() async throws {
        let nowhere = URL(fileURLWithPath: "/nowhere/things.json")
        await #expect(throws: ModelError.unreadableCard(path: nowhere.path, reason: "there is no such file")) {
            _ = try await Self.library(things: nowhere).classifier()
        }
    }
}
