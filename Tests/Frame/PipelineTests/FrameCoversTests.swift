import Analytics
import Foundation
import Frames
import Inference
import JSON
import Records
import Scene
import Synchronization
import TestSupport
import Testing
import Tracking

@testable import Pipeline

/// How the pictures of a running stream are covered.
struct FrameCoversTests {
    /// Whether there was a picture, by the number of the frame and the name of the analytic.
    private final class Pictures: Sendable {
        private let seen = Mutex<[String: [Bool]]>([:])
        func add(_ name: String, _ isThere: Bool) { seen.withLock { $0[name, default: []].append(isThere) } }
        subscript(name: String) -> [Bool] { seen.withLock { $0[name] ?? [] } }
    }
    /// Wants a picture of each frame, of a face in it, and to know how good that is.
    private struct Shooter: Analytic {
        private static let face = FaceWarp.reference.map { Point(x: $0.x / 5, y: $0.y / 5) }
        let name: String
        let pictures: Pictures
        let requirements: AnalyticRequirements
        func observe(_ observation: Observation) -> [EventUpdate] {
            pictures.add(name, observation.snapshot(SnapshotPolicy(), nil) != nil)
            pictures.add("\(name), aligned", observation.aligned(SnapshotPolicy(), Self.face) != nil)
            pictures.add("\(name), measured", observation.warpQuality(Self.face) != nil)
            return []
        }
        var decisions: [any Decision] { [] }
        func finish() -> [EventUpdate] { [] }
    }
    private static func entry(_ name: String, _ pictures: Pictures, _ needs: AnalyticRequirements) -> AnalyticEntry {
        AnalyticEntry(
            name: name, description: "", version: 1, defaultParameters: .emptyObject, validationSchema: nil,
            documentation: "", resultName: name,
            prepare: { _ in PreparedAnalytic(Shooter(name: name, pictures: pictures, requirements: needs)) })
    }
    /// Finds faces in no frame, and fails in the given one.
    private struct Shelf: ModelShelf {
        let bodies, faces: LoadedModel
        init(bodies: any ObjectFinder, failsAt: Int?) {
            struct Broken: Error {}
            func model(_ finder: any ObjectFinder) -> LoadedModel {
                LoadedModel(
                    finder: finder, thresholds: ModelCard.Thresholds(confidence: 0.5, candidate: 0.2, nmsIoU: 0.6))
            }
            self.bodies = model(bodies)
            faces = model(
                ScriptedFinder { time in
                    if time.index == failsAt { throw Broken() }
                    return []
                })
        }
        func model(_ choice: ModelChoice) -> LoadedModel { choice == .faces ? faces : bodies }
    }
    private static func run(
        _ own: [String: Privacy?], in privacy: Privacy?, failsAt: Int? = nil,
        bodies: ScriptedFinder = ScriptedFinder(walkerIn: 0..<5), counters: StreamCounters? = nil
    ) async throws -> Pictures {
        let pictures = Pictures()
        let entries = own.map { name, privacy in
            Self.entry(name, pictures, AnalyticRequirements(rate: .frames(1), privacy: privacy))
        }
        let workshop = Workshop(
            opener: SyntheticOpener { SyntheticSource(count: 5, rates: $0) },
            models: Shelf(bodies: bodies, failsAt: failsAt), catalogue: AnalyticCatalogue(entries: entries))
        let plan = try await workshop.prepare(own.keys.sorted().map { AnalyticChoice(name: $0) }, privacy: privacy)
        let source = try await workshop.open(SourceSpecification(kind: .file, reference: "synthetic"), for: plan)
        var pipeline = workshop.pipeline(of: source, sink: EventCollector(), counters: counters)
        try await pipeline.run()
        return pictures
    }

    @Test func aFrameOfWhichIsNotKnownWhatToCoverHasNoPicture() async throws {
        let pictures = try await Self.run(["one": nil], in: Privacy(.faces), failsAt: 3)
        #expect(pictures["one"] == [true, true, true, false, true])
        #expect(pictures["one, aligned"] == pictures["one"])
        // Numbers show nobody.
        #expect(pictures["one, measured"] == [true, true, true, true, true])
        let without = try await Self.run(["one": nil], in: nil, failsAt: 3)
        #expect(without["one"] == [true, true, true, true, true])
    }

    @Test func countsOnlyOfOneAnalyticIsNoMatterOfTheOthers() async throws {
        let pictures = try await Self.run(["one": Privacy(.countsOnly), "two": nil], in: Privacy(.people))
        for name in ["one", "one, aligned"] {
            #expect(pictures[name].allSatisfy { !$0 } && pictures[name].count == 5)
        }
        for name in ["one, measured", "two", "two, aligned", "two, measured"] {
            #expect(pictures[name].allSatisfy { $0 } && pictures[name].count == 5)
        }
    }

    private final class Shown: FrameTap {
        private let seen = Mutex<[Bool]>([])
        var all: [Bool] { seen.withLock { $0 } }
        func take(_ frame: Frame, _ results: [AnalyticResult]) {
            let isThere = (try? frame.picture.snapshot(SnapshotPolicy(), of: nil)) != nil
            seen.withLock { $0.append(isThere) }
        }
        func miss(_ frame: Frame, _ analytic: EventOrigin, _ reason: String) {}
    }

    /// As for a video into which is drawn what analytics found.
    @Test func theStreamsOwnPicturesMayBeMadeToHideWhatThoseOfAnAnalyticDo() async throws {
        for hides in [false, true] {
            let shown = Shown()
            let entry = Self.entry(
                "one", Pictures(), AnalyticRequirements(rate: .frames(1), privacy: Privacy(.countsOnly)))
            let workshop = Workshop(
                opener: SyntheticOpener { SyntheticSource(count: 5, rates: $0) },
                models: Shelf(bodies: ScriptedFinder(walkerIn: 0..<5), failsAt: nil),
                catalogue: AnalyticCatalogue(entries: [entry]))
            var plan = try await workshop.prepare([AnalyticChoice(name: "one")])
            if hides { plan.hideWhatAnyAnalyticHides() }
            let source = try await workshop.open(SourceSpecification(kind: .file, reference: "synthetic"), for: plan)
            var pipeline = workshop.pipeline(of: source, sink: EventCollector(), taps: [shown])
            try await pipeline.run()
            #expect(shown.all == [Bool](repeating: !hides, count: 5))
        }
    }

    /// Whether a body's head is covered in each frame, and how many bodies the analytic is told of.
    private final class Covered: FrameTap {
        private let seen = Mutex<[(isCovered: Bool, found: Int)]>([])
        var all: [(isCovered: Bool, found: Int)] { seen.withLock { $0 } }
        func take(_ frame: Frame, _ results: [AnalyticResult]) {
            var pixel: [UInt8] = [1, 1, 1]
            let place = PixelRect(x: 60 + 5 * frame.time.index, y: 110, width: 1, height: 1)
            pixel.withUnsafeMutableBufferPointer { bytes in
                let size = PixelSize(width: 1, height: 1)
                try? frame.picture.draw(
                    place, to: PixelTarget(base: bytes.baseAddress!, bytesPerRow: 3, size: size, order: .rgb))
            }
            seen.withLock { $0.append((pixel == [0, 0, 0], results.first?.found.count ?? -1)) }
        }
        func miss(_ frame: Frame, _ analytic: EventOrigin, _ reason: String) {}
    }
    private struct Doubtful: ModelShelf {
        let bodies, faces: LoadedModel
        init(_ confidence: Float) {
            func model(_ finder: any ObjectFinder) -> LoadedModel {
                LoadedModel(
                    finder: finder,
                    thresholds: ModelCard.Thresholds(confidence: 0.5, candidate: 0.4, cover: 0.2, nmsIoU: 0.6))
            }
            bodies = model(ScriptedFinder(walkerIn: 0..<5, confidence: confidence))
            faces = model(ScriptedFinder { _ in [] })
        }
        func model(_ choice: ModelChoice) -> LoadedModel { choice == .faces ? faces : bodies }
    }

    /// A cover too many harms nobody, an event too many does.
    @Test(arguments: [(Float(0.45), true, 1), (0.25, true, 0), (0.15, false, 0)])
    func whoIsTooDoubtfulForAnalyticsIsCovered(confidence: Float, isCovered: Bool, found: Int) async throws {
        let covered = Covered()
        let entry = Self.entry("one", Pictures(), AnalyticRequirements(rate: .frames(1), privacy: nil))
        let workshop = Workshop(
            opener: SyntheticOpener { SyntheticSource(count: 5, rates: $0) }, models: Doubtful(confidence),
            catalogue: AnalyticCatalogue(entries: [entry]))
        let plan = try await workshop.prepare([AnalyticChoice(name: "one")], privacy: Privacy(.faces, by: .mask))
        let source = try await workshop.open(SourceSpecification(kind: .file, reference: "synthetic"), for: plan)
        var pipeline = workshop.pipeline(of: source, sink: EventCollector(), taps: [covered])
        try await pipeline.run()
        #expect(covered.all.map(\.isCovered) == [Bool](repeating: isCovered, count: 5))
        #expect(covered.all.map(\.found) == [Int](repeating: found, count: 5))
    }

    /// Whoever is missed stays covered where he was, but not in pixels of another size.
    @Test func aNewSizeBeginsAnew() async throws {
        let entry = Self.entry("one", Pictures(), AnalyticRequirements(rate: .frames(1)))
        let workshop = Workshop(
            opener: SyntheticOpener { SyntheticSource(count: 1, rates: $0) }, models: Doubtful(0.9),
            catalogue: AnalyticCatalogue(entries: [entry]))
        let privacy = Privacy(.people, by: .mask)
        let plan = try await workshop.prepare([AnalyticChoice(name: "one")], privacy: privacy)
        var covers = FrameCovers(plan) { ByteTracker(configuration: $0) }
        let somebody = Detection(box: BoundingBox(minX: 40, minY: 90, maxX: 80, maxY: 210), confidence: 0.9)
        let covered = Covered()
        for (index, width) in [640, 640, 320, 640].enumerated() {
            let size = PixelSize(width: width, height: width / 2)
            let time = FrameTime(
                index: 0, pts: MediaTime(seconds: Double(index) / 10),
                wallClock: Date(timeIntervalSince1970: 1_700_000_000))
            let frame = Frame(time: time, consumers: ConsumerSet(index: 0), picture: BlankPicture(size: size))
            let found = FrameViews.Found(index == 0 ? [somebody] : [], plan.looks[0].thresholds)
            let seen = covers.see(frame, [.success(found)], FrameViews(plan, in: size))
            covered.take(seen.shown(under: privacy), [])
        }
        #expect(covered.all.map(\.isCovered) == [true, true, false, false])
    }

    /// Finds somebody where it looks at a part of the frame, and nobody in the whole.
    private struct Near: ObjectFinder {
        let confidence: Float
        func find(in frame: Frame, region: PixelRect, urgency: Urgency) async throws -> [Detection] {
            guard region != PixelRect(frame.size) else { return [] }
            let x = 40 + 5 * Float(frame.time.index)
            return [
                Detection(box: BoundingBox(minX: x, minY: 100, maxX: x + 40, maxY: 140), confidence: confidence)
            ]
        }
    }
    private struct NearShelf: ModelShelf {
        let bodies, faces: LoadedModel
        init(_ finder: any ObjectFinder) {
            let thresholds = ModelCard.Thresholds(confidence: 0.5, candidate: 0.4, cover: 0.2, nmsIoU: 0.6)
            bodies = LoadedModel(finder: finder, thresholds: thresholds)
            faces = LoadedModel(finder: finder, thresholds: thresholds)
        }
        func model(_ choice: ModelChoice) -> LoadedModel { choice == .faces ? faces : bodies }
    }
    struct OwnLook: Sendable {
        var model = ModelChoice.faces
        var mode = Privacy.Mode.faces
        var found: Float = 0.9
        /// From which the analytic is sure; `nil`: the model's 0.5.
        var sureFrom: Float?
        var isInRegion = true
        var isCovered = true
    }
    /// A face of few pixels in a part of the picture is nobody in the whole of it.
    @Test(arguments: [
        OwnLook(), OwnLook(mode: .people), OwnLook(model: .people(nil)), OwnLook(model: .people(nil), mode: .people),
        OwnLook(found: 0.45, isCovered: false),  // the analytic takes it for nobody
        OwnLook(found: 0.45, sureFrom: 0.4),
        OwnLook(model: .people(nil), found: 0.15, sureFrom: 0.1, isInRegion: false),
    ])
    func whomOneAnalyticAloneFindsIsCoveredInThePicturesOfAll(own: OwnLook) async throws {
        let covered = Covered()
        let region = RegionOfInterest.pixels(PixelRect(x: 20, y: 40, width: 320, height: 192))
        let finder: any ObjectFinder =
            own.isInRegion ? Near(confidence: own.found) : ScriptedFinder(walkerIn: 0..<5, confidence: own.found)
        let needs = [
            AnalyticRequirements(rate: .frames(1)),
            AnalyticRequirements(
                rate: .frames(1), roi: own.isInRegion ? region : nil, model: own.model, confidence: own.sureFrom),
        ]
        let entries = needs.enumerated().map { index, need in
            Self.entry("\(index)", Pictures(), need)
        }
        let workshop = Workshop(
            opener: SyntheticOpener { SyntheticSource(count: 5, rates: $0) }, models: NearShelf(finder),
            catalogue: AnalyticCatalogue(entries: entries))
        let plan = try await workshop.prepare(
            [AnalyticChoice(name: "0"), AnalyticChoice(name: "1")], privacy: Privacy(own.mode, by: .mask))
        let source = try await workshop.open(SourceSpecification(kind: .file, reference: "synthetic"), for: plan)
        var pipeline = workshop.pipeline(of: source, sink: EventCollector(), taps: [covered])
        try await pipeline.run()
        #expect(covered.all.map(\.isCovered) == [Bool](repeating: own.isCovered, count: 5))
    }

    /// Whoever is found only to be covered is nobody more.
    @Test func lookingForWhatIsCoveredChangesNoCount() async throws {
        let (open, hidden) = (StreamCounters(), StreamCounters())
        let finder = ScriptedFinder(walkerIn: 0..<5)
        _ = try await Self.run(["one": nil], in: nil, counters: open)
        _ = try await Self.run(["one": nil], in: Privacy(.faces), bodies: finder, counters: hidden)
        let none = SourceStatistics()
        #expect(hidden.statistics(of: none).detections == open.statistics(of: none).detections)
        #expect(hidden.statistics(of: none).framesAnalysed == 5)
        // The look of the analytic serves both.
        #expect(finder.regionsLookedAt.count == 5)
    }
}
