import Foundation
import Frames
import Inference
import InferenceEngine
import Scene
import Synchronization
import TestSupport
import Testing

@testable import Models

/// Runs the bundled models on the real engine: both come with a checkout after `scripts/setup`.
struct NetworkFinderTests {
    private static let home = URL(fileURLWithPath: #filePath).appending(path: "../../../..").standardizedFileURL
    private static func finder(_ card: ModelCard) async throws -> NetworkFinder {
        let engine = try await Engine.load(folder: home.appending(path: ".deps/openvino"), parallelism: 2)
        return try NetworkFinder(card: card, network: try await engine.network(card), watch: InferenceWatch())
    }
    private static func card(_ name: String = "person-fast") throws -> ModelCard {
        try ModelCard(contentsOf: home.appending(path: "analytics/models/\(name).json"))
    }
    private static func frame(_ picture: any Picture) -> Frame {
        Frame(time: FrameTime(index: 0, pts: .zero, wallClock: .now), consumers: [], picture: picture)
    }

    /// Remembers where it was asked to be drawn.
    private final class ProbePicture: Picture {
        let size = PixelSize(width: 480, height: 360)
        struct Call: Equatable {
            var region: PixelRect, size: PixelSize, bytesPerRow: Int, order: PixelTarget.Order
            /// What lay to the left of the first row and in its first byte before drawing.
            var left: UInt8
        }
        let calls = Mutex<[Call]>([])
        func draw(_ region: PixelRect, to target: PixelTarget) {
            let call = Call(
                region: region, size: target.size, bytesPerRow: target.bytesPerRow, order: target.order,
                left: target.base[-1])
            calls.withLock { $0.append(call) }
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

    @Test(arguments: ["person-fast", "person-accurate"])
    func aGreyPictureHoldsNobody(model: String) async throws {
        let finder = try await Self.finder(Self.card(model))
        let picture = BlankPicture(size: PixelSize(width: 640, height: 360))
        let found = try await finder.find(in: Self.frame(picture), region: PixelRect(picture.size), urgency: .live)
        #expect(found.allSatisfy { $0.confidence < 0.3 })
    }

    @Test func theRegionIsDrawnStraightIntoTheLetterbox() async throws {
        let finder = try await Self.finder(Self.card())
        let picture = ProbePicture()
        let region = PixelRect(x: 100, y: 50, width: 200, height: 200)
        _ = try await finder.find(in: Self.frame(picture), region: region, urgency: .live)
        // 256×256 in the middle of 416×256, in the model's own channel order; the bars are grey.
        let call = ProbePicture.Call(
            region: region, size: PixelSize(width: 256, height: 256), bytesPerRow: 416 * 3, order: .bgr, left: 114)
        #expect(picture.calls.withLock { $0 } == [call])
    }

    @Test func manyTasksShareTheRequests() async throws {
        let finder = try await Self.finder(Self.card())
        let picture = BlankPicture(size: PixelSize(width: 64, height: 64))
        let results = try await withThrowingTaskGroup(of: [Detection].self) { group in
            for _ in 0..<40 {
                group.addTask {
                    try await finder.find(in: Self.frame(picture), region: PixelRect(picture.size), urgency: .live)
                }
            }
            return try await group.reduce(into: []) { $0.append($1) }
        }
        #expect(results.count == 40)
        #expect(Set(results).count == 1)
    }

    // MARK: Faces

    /// Squares of four shades in a pattern that faces have a little of: light and dark in several sizes.
    private final class PatternPicture: Picture {
        let size = PixelSize(width: 640, height: 384)
        func draw(_ region: PixelRect, to target: PixelTarget) {
            for row in 0..<target.size.height {
                let y = region.y + row * region.height / target.size.height
                for column in 0..<target.size.width {
                    let x = region.x + column * region.width / target.size.width
                    let shade = ((x / 7) * (y / 5) + (x / 31) * 3 + (y / 23) * 5) % 4
                    let pixel = target.base + row * target.bytesPerRow + column * 3
                    for channel in 0..<3 { pixel[channel] = UInt8(20 + shade * 70 - channel * 5) }
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
    private static let hasFaces = FileManager.default.fileExists(
        atPath: home.appending(path: ".deps/models/yunet.onnx").path)
    /// That takes anything for a face.
    private static func faceCard() throws -> ModelCard {
        var card = try card("face")
        card.thresholds.candidate = 0.001
        return card
    }
    private static func engine(_ parallelism: Int) async throws -> Engine {
        try await Engine.load(folder: home.appending(path: ".deps/openvino"), parallelism: parallelism)
    }

    /// With weights in blocks of 8 bits several inferences at once came to nonsense.
    @Test(.enabled(if: hasFaces)) func manyLooksForFacesAtOnceFindWhatOneFinds() async throws {
        let card = try Self.faceCard(), picture = PatternPicture()
        @Sendable func find(_ finder: NetworkFinder) async throws -> [Detection] {
            try await finder.find(in: Self.frame(picture), region: PixelRect(picture.size), urgency: .live)
        }
        let alone = try await NetworkFinder(
            card: card, network: try await Self.engine(1).network(card), watch: InferenceWatch())
        let wanted = try await find(alone)
        #expect(!wanted.isEmpty)
        let many = try await NetworkFinder(
            card: card, network: try await Self.engine(3).network(card), watch: InferenceWatch())
        let results = try await withThrowingTaskGroup(of: [Detection].self) { group in
            for _ in 0..<12 { group.addTask { try await find(many) } }
            return try await group.reduce(into: []) { $0.append($1) }
        }
        for result in results { #expect(Self.agree(result, wanted)) }
    }
    /// Whether both hold the surest of the other. Sums come in another order where more is done at once, so they are not quite equal.
    private static func agree(_ a: [Detection], _ b: [Detection]) -> Bool {
        func holds(_ all: [Detection], _ one: Detection) -> Bool {
            all.contains { abs($0.confidence - one.confidence) < 1e-3 && $0.box.iou(with: one.box) > 0.98 }
        }
        return a.prefix(5).allSatisfy { holds(b, $0) } && b.prefix(5).allSatisfy { holds(a, $0) }
    }

    @Test(.enabled(if: hasFaces)) func aBatchOfSquaresFindsWhatEachAloneFinds() async throws {
        let card = try Self.faceCard(), picture = PatternPicture(), frame = Self.frame(picture)
        let finder = try await NetworkSquareFinder(
            card: card, square: try #require(card.input.square), engine: try await Self.engine(2),
            watch: InferenceWatch())
        // The last reaches beyond the frame. They do not touch, so that no detection is dropped for one of another square.
        let squares = [
            PixelRect(x: 0, y: 0, width: 128, height: 128), PixelRect(x: 200, y: 10, width: 64, height: 64),
            PixelRect(x: 300, y: 200, width: 100, height: 100), PixelRect(x: 560, y: 300, width: 128, height: 128),
            PixelRect(x: 20, y: 250, width: 80, height: 80),
        ]
        func find(_ squares: [PixelRect]) async throws -> [Detection] {
            try await finder.find(
                in: frame, squares: squares, region: PixelRect(picture.size), urgency: .live)
        }
        var each: [Detection] = []
        for square in squares { each += try await find([square]) }
        each.sort { $0.confidence > $1.confidence }
        let together = try await find(squares)
        #expect(!together.isEmpty && Self.agree(together, each))
        #expect(try await find([PixelRect(x: -200, y: 0, width: 100, height: 100)]).isEmpty)
        #expect(try await find([]).isEmpty)
    }

    @Test(.enabled(if: hasFaces)) func largePicturesAreLookedAtWithTheLargeInput() async throws {
        let card = try Self.faceCard(), engine = try await Self.engine(1)
        let usual = try NetworkFinder(card: card, network: try await engine.network(card), watch: InferenceWatch())
        let made = Mutex(0)
        let finder = SizedFinder(usual: usual) {
            made.withLock { $0 += 1 }
            let large = card.with(try #require(card.input.large))
            return try NetworkFinder(card: large, network: try await engine.network(large), watch: InferenceWatch())
        }
        for (width, height, count) in [(1280, 720, 0), (1920, 1080, 1), (1920, 1080, 1), (640, 360, 1)] {
            let picture = BlankPicture(size: PixelSize(width: width, height: height))
            _ = try await finder.find(in: Self.frame(picture), region: PixelRect(picture.size), urgency: .live)
            #expect(made.withLock { $0 } == count)
        }
    }

    private static func refusal(_ body: () async throws -> Void) async -> (any Error)? {
        do { try await body() } catch { return error }
        return nil
    }

    @Test func aMissingEngineIsOneSentence() async throws {
        let error = await Self.refusal {
            _ = try await Engine.load(folder: URL(fileURLWithPath: "/nowhere"), parallelism: 1)
        }
        let text = "\(try #require(error))"
        #expect(text.hasPrefix("The inference engine is missing: no libopenvino_c in /nowhere."))
    }

    private struct Falsehood: Sendable {
        let sentence: String
        let apply: @Sendable (inout ModelCard) -> Void
        init(_ sentence: String, _ apply: @escaping @Sendable (inout ModelCard) -> Void) {
            (self.sentence, self.apply) = (sentence, apply)
        }
    }
    @Test(arguments: [
        Falsehood("wanted an input of 640×256, found an input of 416×256") { $0.input.width = 640 },
        Falsehood("wanted outputs of shape [1, A, 4] and [1, A, 2]") { $0.classes = ["person", "car"] },
        Falsehood("the model has no output called 'certainties'") { $0.outputs = ["boxes", "certainties"] },
        Falsehood("but its card says 0000") { $0.sha256 = String(repeating: "0", count: 64) },
    ])
    private func aModelThatIsNotWhatItsCardSaysIsRefused(falsehood: Falsehood) async throws {
        var card = try Self.card()
        falsehood.apply(&card)
        let error = try #require(await Self.refusal { _ = try await Self.finder(card) })
        #expect("\(error)".contains(falsehood.sentence))
        #expect(error is EngineError || error is ModelError)
    }

    @Test func aFileThatIsNoModelIsRefused() async throws {
        let file = FileManager.default.temporaryDirectory.appending(path: "\(UUID()).onnx")
        try Data("this is text".utf8).write(to: file)
        defer { try? FileManager.default.removeItem(at: file) }
        var card = try Self.card()
        card.file = file
        card.sha256 = nil
        let error = await Self.refusal { _ = try await Self.finder(card) }
        guard case .unusableModel(let path, let reason) = error as? EngineError else {
            Issue.record("\(String(describing: error))")
            return
        }
        #expect(path == file.path && !reason.contains("\n") && !reason.isEmpty)
    }
}
