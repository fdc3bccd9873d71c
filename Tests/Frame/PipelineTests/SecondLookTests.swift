import Analytics
import Frames
import Inference
import JSON
import Records
import Scene
import Synchronization
import TestSupport
import Testing

@testable import Pipeline

/// Frames are looked at once more before a picture of them is kept that hides faces.
struct SecondLookTests {
    /// Keeps a picture of every fifth frame.
    private struct Collector: Analytic {
        let requirements: AnalyticRequirements
        private(set) var frames = 0
        let pictures: Kept
        init(privacy: Privacy?, pictures: Kept) {
            requirements = AnalyticRequirements(rate: .frames(1), privacy: privacy)
            self.pictures = pictures
        }
        mutating func observe(_ observation: Observation) -> [EventUpdate] {
            frames += 1
            if frames % 5 == 0, let picture = observation.snapshot(SnapshotPolicy(), nil) {
                pictures.add(observation.time.index, picture)
            }
            return []
        }
        var decisions: [any Decision] { [] }
        func finish() -> [EventUpdate] { [] }
    }
    private final class Kept: Sendable {
        private let kept = Mutex<[Int]>([])
        var frames: [Int] { kept.withLock { $0 } }
        func add(_ frame: Int, _ picture: Snapshot) { kept.withLock { $0.append(frame) } }
    }
    /// The frames in which a tap is shown a black pixel at a place.
    private final class Covered: FrameTap {
        private let seen = Mutex<[Int]>([])
        let keepsPicture: Bool
        init(keepsPicture: Bool) { self.keepsPicture = keepsPicture }
        var frames: [Int] { seen.withLock { $0 } }
        func take(_ frame: Frame, _ results: [AnalyticResult]) {
            var pixel: [UInt8] = [1, 1, 1]
            pixel.withUnsafeMutableBufferPointer { bytes in
                let size = PixelSize(width: 1, height: 1)
                try? frame.picture.draw(
                    PixelRect(x: 320, y: 120, width: 1, height: 1),
                    to: PixelTarget(base: bytes.baseAddress!, bytesPerRow: 3, size: size, order: .rgb))
            }
            if pixel == [0, 0, 0] { seen.withLock { $0.append(frame.time.index) } }
        }
        func miss(_ frame: Frame, _ analytic: EventOrigin, _ reason: String) {}
    }
    /// Finds nobody, but at a second look.
    private struct Shelf: ModelShelf {
        let again: ScriptedFinder
        func model(_ choice: ModelChoice) -> LoadedModel {
            LoadedModel(
                finder: choice == .facesAgain ? again : ScriptedFinder { _ in [] },
                thresholds: ModelCard.Thresholds(confidence: 0.5, candidate: 0.2, cover: 0.35, nmsIoU: 0.6))
        }
    }
    private static func run(
        privacy: Privacy?, own: Privacy? = nil, again: ScriptedFinder, findsFacesAgain: Bool = true,
        tapKeeps: Bool = false
    ) async throws -> (kept: [Int], covered: [Int]) {
        let pictures = Kept(), covered = Covered(keepsPicture: tapKeeps)
        let entry = AnalyticEntry(
            name: "one", description: "", version: 1, defaultParameters: .emptyObject, validationSchema: nil,
            documentation: "", resultName: "one",
            prepare: { _ in PreparedAnalytic(Collector(privacy: own, pictures: pictures)) })
        let workshop = Workshop(
            opener: SyntheticOpener { SyntheticSource(count: 12, rates: $0) }, models: Shelf(again: again),
            catalogue: AnalyticCatalogue(
                entries: [entry], abilities: Abilities(findsFaces: true, findsFacesAgain: findsFacesAgain)))
        let plan = try await workshop.prepare([AnalyticChoice(name: "one")], privacy: privacy)
        let source = try await workshop.open(SourceSpecification(kind: .file, reference: "synthetic"), for: plan)
        var pipeline = workshop.pipeline(of: source, sink: EventCollector(), taps: [covered])
        try await pipeline.run()
        return (pictures.frames, covered.frames)
    }
    private static func profile(_ confidence: Float = 0.4) -> ScriptedFinder {
        ScriptedFinder { _ in
            [Detection(box: BoundingBox(minX: 300, minY: 100, maxX: 340, maxY: 140), confidence: confidence)]
        }
    }

    @Test func aFaceThatTheFirstLookMissedIsCoveredInAPictureThatIsKept() async throws {
        let again = Self.profile()
        let result = try await Self.run(privacy: Privacy(.faces, by: .mask), again: again)
        #expect(result.kept == [4, 9] && result.covered == [4, 9])
        // And no other frame is looked at again.
        #expect(
            again.regionsLookedAt == [PixelRect](repeating: PixelRect(x: 0, y: 0, width: 640, height: 360), count: 2))
    }

    /// As whoever tries a source keeps one.
    @Test func aFaceThatTheFirstLookMissedIsCoveredForATapThatKeepsPictures() async throws {
        let again = Self.profile()
        let result = try await Self.run(privacy: Privacy(.faces, by: .mask), again: again, tapKeeps: true)
        #expect(result.covered == Array(0..<12) && again.regionsLookedAt.count == 12)
        let people = Self.profile()
        _ = try await Self.run(privacy: Privacy(.people, by: .mask), again: people, tapKeeps: true)
        #expect(people.regionsLookedAt.isEmpty)
    }

    @Test func whatTheSecondLookIsNotSureOfIsNotCovered() async throws {
        let result = try await Self.run(privacy: Privacy(.faces, by: .mask), again: Self.profile(0.3))
        #expect(result.kept == [4, 9] && result.covered.isEmpty)
    }

    /// What cannot be found out is not shown.
    @Test func whereTheSecondLookFailsThereIsNoPicture() async throws {
        let broken = ScriptedFinder { time in
            if time.index == 4 { throw SyntheticFailure("broken", isTransient: false) }
            return []
        }
        let result = try await Self.run(privacy: Privacy(.faces, by: .mask), again: broken)
        #expect(result.kept == [9])
    }

    @Test func nobodyLooksTwiceWhereNoFaceIsHidden() async throws {
        for privacy in [nil, Privacy(.people, by: .mask), Privacy(.countsOnly)] {
            let again = Self.profile()
            let result = try await Self.run(privacy: privacy, again: again)
            #expect(again.regionsLookedAt.isEmpty && result.covered.isEmpty)
        }
        let without = Self.profile()
        let result = try await Self.run(
            privacy: Privacy(.faces, by: .mask), again: without, findsFacesAgain: false)
        #expect(result.kept == [4, 9] && without.regionsLookedAt.isEmpty)
    }

    /// The stream's own pictures are not those that are kept.
    @Test func anAnalyticThatHidesFacesIsEnough() async throws {
        let again = Self.profile()
        let result = try await Self.run(privacy: nil, own: Privacy(.faces, by: .mask), again: again)
        #expect(result.kept == [4, 9] && result.covered.isEmpty && again.regionsLookedAt.count == 2)
    }
}
