import Foundation
import Frames
import Inference
import InferenceEngine
import Scene
import Synchronization
import TestSupport
import Testing

/// Runs the bundled models on the real engine: both come with a checkout after `scripts/setup`.
struct OpenVINODetectorTests {
    private static let home = URL(fileURLWithPath: #filePath).appending(path: "../../../..").standardizedFileURL
    private static let configuration = OpenVINODetector.Configuration(
        engineFolder: home.appending(path: ".deps/openvino"), parallelism: 2)
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
        func encode(_ policy: SnapshotPolicy) -> Snapshot { Snapshot(mediaType: policy.mediaType, bytes: []) }
    }

    @Test(arguments: ["person-fast", "person-accurate"])
    func aGreyPictureHoldsNobody(model: String) async throws {
        let detector = try OpenVINODetector(card: Self.card(model), configuration: Self.configuration)
        let picture = BlankPicture(size: PixelSize(width: 640, height: 360))
        let found = try await detector.detect(in: Self.frame(picture), region: PixelRect(picture.size))
        #expect(found.allSatisfy { $0.confidence < 0.3 })
        #expect(detector.engineVersion.hasPrefix("OpenVINO 20"))
    }

    @Test func theRegionIsDrawnStraightIntoTheLetterbox() async throws {
        let detector = try OpenVINODetector(card: Self.card(), configuration: Self.configuration)
        let picture = ProbePicture()
        let region = PixelRect(x: 100, y: 50, width: 200, height: 200)
        _ = try await detector.detect(in: Self.frame(picture), region: region)
        // 256×256 in the middle of 416×256, in the model's own channel order; the bars are grey.
        let call = ProbePicture.Call(
            region: region, size: PixelSize(width: 256, height: 256), bytesPerRow: 416 * 3, order: .bgr, left: 114)
        #expect(picture.calls.withLock { $0 } == [call])
    }

    @Test func manyTasksShareTheRequests() async throws {
        let detector = try OpenVINODetector(card: Self.card(), configuration: Self.configuration)
        let picture = BlankPicture(size: PixelSize(width: 64, height: 64))
        let results = try await withThrowingTaskGroup(of: [Detection].self) { group in
            for _ in 0..<40 {
                group.addTask { try await detector.detect(in: Self.frame(picture), region: PixelRect(picture.size)) }
            }
            return try await group.reduce(into: []) { $0.append($1) }
        }
        #expect(results.count == 40)
        #expect(Set(results).count == 1)
    }

    @Test func aMissingEngineIsOneSentence() throws {
        let nowhere = OpenVINODetector.Configuration(engineFolder: URL(fileURLWithPath: "/nowhere"), parallelism: 1)
        #expect { try OpenVINODetector(card: Self.card(), configuration: nowhere) } throws: { error in
            "\(error)".hasPrefix("The inference engine is missing: no libopenvino_c in /nowhere.")
        }
    }

    @Test func aModelThatIsNotWhatItsCardSaysIsRefused() throws {
        var card = try Self.card()
        card.input.width = 640
        #expect { try OpenVINODetector(card: card, configuration: Self.configuration) } throws: { error in
            "\(error)".contains("wanted an input of 640×256, found an input of 416×256")
        }
        card = try Self.card()
        card.classes = ["person", "car"]
        #expect { try OpenVINODetector(card: card, configuration: Self.configuration) } throws: { error in
            "\(error)".contains("wanted outputs of shape [1, A, 4] and [1, A, 2]")
        }
        card = try Self.card()
        card.outputs = ["boxes", "certainties"]
        #expect { try OpenVINODetector(card: card, configuration: Self.configuration) } throws: { error in
            "\(error)".contains("the model has no output called 'certainties'")
        }
        card = try Self.card()
        card.sha256 = String(repeating: "0", count: 64)
        #expect { try OpenVINODetector(card: card, configuration: Self.configuration) } throws: { error in
            error is ModelError && "\(error)".contains("but its card says 0000")
        }
    }

    @Test func aFileThatIsNoModelIsRefused() throws {
        let file = FileManager.default.temporaryDirectory.appending(path: "\(UUID()).onnx")
        try Data("this is text".utf8).write(to: file)
        defer { try? FileManager.default.removeItem(at: file) }
        var card = try Self.card()
        card.file = file
        card.sha256 = nil
        #expect { try OpenVINODetector(card: card, configuration: Self.configuration) } throws: { error in
            guard case .unusableModel(let path, let reason) = error as? EngineError else { return false }
            return path == file.path && !reason.contains("\n") && !reason.isEmpty
        }
    }
}
