import Foundation
import Frames
import Inference
import InferenceEngine
import Models
import Scene
import TestSupport
import Testing

/// Lends the bundled models, from the real engine.
struct ModelLibraryTests {
    private static let home = URL(fileURLWithPath: #filePath).appending(path: "../../../..").standardizedFileURL
    private static func card(_ name: DetectorModel) -> URL {
        home.appending(path: "analytics/models/person-\(name.rawValue).json")
    }
    private static func library(default card: URL = card(.fast)) -> ModelLibrary {
        ModelLibrary(
            ModelLibrary.Configuration(
                engineFolder: home.appending(path: ".deps/openvino"), parallelism: 1, defaultCard: card,
                bundledCard: { Self.card($0) }, faceCard: home.appending(path: "analytics/models/face.json"),
                thingCard: home.appending(path: "analytics/models/things.json"),
                facePointsCard: home.appending(path: "analytics/models/face-points.json"),
                facesAgainCard: home.appending(path: "analytics/models/face-again.json")))
    }
    private static func frame(_ picture: any Picture) -> Frame {
        Frame(time: FrameTime(index: 0, pts: .zero, wallClock: .now), consumers: [], picture: picture)
    }

    @Test func whoeverAsksForAModelGetsTheSame() async throws {
        let library = Self.library()
        let models = try await withThrowingTaskGroup(of: LoadedModel.self) { group in
            for index in 0..<8 {
                group.addTask { try await library.model(.people(index.isMultiple(of: 2) ? nil : .fast)) }
            }
            return try await group.reduce(into: []) { $0.append($1) }
        }
        #expect(models.count == 8)
        #expect(models.allSatisfy { $0 === models[0] })
        #expect(models[0].thresholds.confidence == 0.321)
    }

    @Test func preciseIsTheAccurateNetworkInTiles() async throws {
        let library = Self.library()
        let precise = try await library.model(.people(.precise)), accurate = try await library.model(.people(.accurate))
        #expect(precise === (try await library.model(.people(.precise))) && precise !== accurate)
        #expect(precise.finder as? NetworkFinder === accurate.finder as? NetworkFinder)
        #expect(precise.tile == PixelSize(width: 640, height: 384) && accurate.tile == nil)
        #expect(precise.thresholds == accurate.thresholds && precise.identity == accurate.identity)
        #expect(precise.counting == accurate.counting && precise.counting != nil)
    }

    @Test(
        .enabled(
            if: FileManager.default.isReadableFile(atPath: home.appending(path: ".deps/models/centerface.onnx").path)))
    func theModelsOfPointsAndOfSecondLooksAreWhatTheirCardsSay() async throws {
        let frame = Self.frame(BlankPicture(size: PixelSize(width: 320, height: 240)))
        for choice in [ModelChoice.facePoints, .facesAgain] {
            let model = try await Self.library().model(choice)
            #expect(try await model.finder.find(in: frame, region: PixelRect(frame.size), urgency: .batch).isEmpty)
        }
    }

    @Test func aModelThatNobodyHoldsIsFreedAndLoadedAgainForTheNext() async throws {
        let library = Self.library()
        weak var network: Network?
        do {
            let model = try await library.model(.people(.fast))
            network = try #require(model.finder as? NetworkFinder).network
            #expect(network != nil)
        }
        #expect(network == nil)
        let picture = BlankPicture(size: PixelSize(width: 64, height: 64))
        let found = try await library.model(.people(.fast)).finder.find(
            in: Self.frame(picture), region: PixelRect(picture.size), urgency: .batch)
        #expect(found.allSatisfy { $0.confidence < 0.3 })
    }

    @Test func theModelThatIsKeptStays() async throws {
        let library = Self.library()
        weak var network: Network?
        do {
            let loaded = try await library.keepDefault()
            network = loaded.finder.network
            #expect(loaded.description.hasPrefix("person-fast on OpenVINO 20"))
        }
        #expect(network != nil)
        #expect(try await library.model(.people(nil)).finder as? NetworkFinder != nil)
    }

    @Test func whatCouldNotBeLoadedIsTriedAgain() async throws {
        let folder = FileManager.default.temporaryDirectory.appending(path: "\(UUID())")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: folder) }
        let card = folder.appending(path: "card.json")
        let library = Self.library(default: card)
        await #expect(throws: ModelError.unreadableCard(path: card.path, reason: "there is no such file")) {
            _ = try await library.model(.people(nil))
        }
        try FileManager.default.copyItem(at: Self.card(.fast), to: card)
        try FileManager.default.copyItem(
            at: Self.home.appending(path: "analytics/models/person-fast.onnx"),
            to: folder.appending(path: "person-fast.onnx"))
        #expect(try await library.model(.people(nil)).thresholds.confidence == 0.321)
    }

    @Test func healthFollowsTheLatestInference() async throws {
        struct Unreadable: Error {}
        final class BrokenPicture: Picture {
            let size = PixelSize(width: 64, height: 64)
            func draw(_ region: PixelRect, to target: PixelTarget) throws { throw Unreadable() }
            func snapshot(
                _ policy: SnapshotPolicy, of region: PixelRect?, retouched: ((PixelTarget) -> Void)?
            ) throws -> Snapshot { throw Unreadable() }
            func snapshot(_ policy: SnapshotPolicy, aligned warp: FaceWarp, of shown: any Picture) throws -> Snapshot {
                throw Unreadable()
            }
        }
        let library = Self.library()
        let finder = try await library.model(.people(nil)).finder
        let good = BlankPicture(size: PixelSize(width: 64, height: 64)), bad = BrokenPicture()
        #expect(throws: Never.self) { try library.check() }
        await #expect(throws: Unreadable.self) {
            try await finder.find(in: Self.frame(bad), region: PixelRect(bad.size), urgency: .live)
        }
        #expect(throws: InferenceTrouble.latestFailed) { try library.check() }
        _ = try await finder.find(in: Self.frame(good), region: PixelRect(good.size), urgency: .live)
        #expect(throws: Never.self) { try library.check() }
    }
}
