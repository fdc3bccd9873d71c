import Analytics
import Frames
import Inference
import Pipeline
import Records
import Scene
import TestSupport
import Testing

struct StreamPipelineTests {
    private static func pipeline(
        _ analytics: [Presence], models: Models, sink: EventCollector, count: Int = 20,
        failure: SyntheticFailure? = nil, counters: StreamCounters? = nil
    ) async throws -> StreamPipeline {
        var plan = Plan()
        for analytic in analytics {
            plan.add(
                PreparedAnalytic(analytic), name: "presence", resultName: "crowd",
                model: models.named(analytic.requirements.model))
        }
        let workshop = Workshop(
            opener: SyntheticOpener { SyntheticSource(count: count, rates: $0, failure: failure) }, models: models,
            catalogue: AnalyticCatalogue(entries: []))
        let source = try await workshop.open(SourceSpecification(kind: .file, reference: "synthetic"), for: plan)
        return workshop.pipeline(of: source, sink: sink, counters: counters)
    }
    private static func pipeline(
        _ analytics: [Presence], finder: ScriptedFinder, sink: EventCollector, count: Int = 20,
        failure: SyntheticFailure? = nil
    ) async throws -> StreamPipeline {
        try await pipeline(analytics, models: Models(finder), sink: sink, count: count, failure: failure)
    }

    @Test func aVisitBecomesOneEventWithItsTimes() async throws {
        let sink = EventCollector()
        var pipeline = try await Self.pipeline(
            [Presence()], finder: ScriptedFinder(walkerIn: 5..<9), sink: sink)
        try await pipeline.run()
        let updates = await sink.updates
        #expect(updates.map(\.change) == [.opened, .continued, .continued, .continued, .closed])
        #expect(updates.last?.event.begin.pts == MediaTime(seconds: 0.5))
        #expect(updates.last?.event.end.pts == MediaTime(seconds: 0.8))
        #expect(Set(updates.map(\.event.id)).count == 1)
    }

    @Test func whatIsLessSureThanTheThresholdIsForTrackersOnly() async throws {
        let sink = EventCollector()
        var pipeline = try await Self.pipeline(
            [Presence()], finder: ScriptedFinder(walkerIn: 0..<20, confidence: 0.4), sink: sink)
        try await pipeline.run()
        #expect(await sink.updates.isEmpty)
    }

    @Test func anAnalyticMayAskForAnotherConfidenceOfTheSameLook() async throws {
        let (finder, sink, counters) = (
            ScriptedFinder(walkerIn: 0..<20, confidence: 0.4), EventCollector(), StreamCounters()
        )
        // 0.4 is under the model's 0.5, and under 0.9 and 0.6; only the last is near.
        var pipeline = try await Self.pipeline(
            [Presence(), Presence(confidence: 0.3), Presence(confidence: 0.9), Presence(confidence: 0.6)],
            models: Models(finder), sink: sink, counters: counters)
        try await pipeline.run()
        #expect(await sink.updates.filter { $0.change == .opened }.count == 1)
        #expect(finder.regionsLookedAt.count == 20)
        let statistics = counters.statistics(of: SourceStatistics())
        #expect(statistics.framesAnalysed == 20 && statistics.detections == 20)
        #expect(statistics.doubted == 40)  // by the model's own confidence, and by 0.6
    }

    @Test func analyticsWithOneRegionShareOneLook() async throws {
        let corner = RegionOfInterest.pixels(PixelRect(x: 0, y: 0, width: 320, height: 180))
        let finder = ScriptedFinder(walkerIn: 0..<20)
        var pipeline = try await Self.pipeline(
            [Presence(), Presence(), Presence(roi: corner)], finder: finder,
            sink: EventCollector(), count: 3)
        try await pipeline.run()
        let whole = PixelRect(x: 0, y: 0, width: 640, height: 360)
        let part = PixelRect(x: 0, y: 0, width: 320, height: 180)
        let regions = finder.regionsLookedAt  // frames are looked at side by side, so their order is open
        #expect(regions.count == 6)
        #expect(regions.filter { $0 == whole }.count == 3 && regions.filter { $0 == part }.count == 3)
    }

    @Test func eachAnalyticLooksWithTheModelThatItNames() async throws {
        let (own, fast) = (ScriptedFinder(walkerIn: 0..<3), ScriptedFinder(walkerIn: 0..<3, confidence: 0.3))
        let sink = EventCollector()
        // 0.3 is a person to the fast model and to no other.
        let models = Models(own, fast: fast, fastConfidence: 0.2)
        var pipeline = try await Self.pipeline(
            [Presence(), Presence(model: .fast), Presence(model: .fast)], models: models, sink: sink, count: 3)
        try await pipeline.run()
        #expect(own.regionsLookedAt.count == 3 && fast.regionsLookedAt.count == 3)
        #expect(await sink.updates.filter { $0.change == .opened }.count == 3)
    }

    @Test func analyticsThatNameTheModelOfTheSettingsShareItsDetections() async throws {
        let finder = ScriptedFinder(walkerIn: 0..<3)
        var pipeline = try await Self.pipeline(
            [Presence(), Presence(model: .accurate)], models: Models(finder), sink: EventCollector(), count: 3)
        try await pipeline.run()
        #expect(finder.regionsLookedAt.count == 3)
    }

    /// Where nobody counts it does not look closer, unless another analytic does.
    @Test func aModelThatLooksInTilesLooksWhereSomebodyCounts() async throws {
        struct Counting: Analytic {
            let zone: RegionFilter?
            var requirements: AnalyticRequirements {
                AnalyticRequirements(rate: .frames(1), model: .people(.precise), counting: zone)
            }
            func observe(_ observation: Observation) -> [EventUpdate] { [] }
            var decisions: [any Decision] { [] }
            func finish() -> [EventUpdate] { [] }
        }
        let corner = RegionFilter(
            mode: .percent, area: [[Point(x: 0, y: 0), Point(x: 10, y: 0), Point(x: 10, y: 10)]])
        for (zones, looks) in [([corner], 2), ([corner, corner], 2), ([corner, nil], 10), ([nil], 10)] {
            let finder = ScriptedFinder(walkerIn: 0..<20)
            let models = Models(finder)
            let model = LoadedModel(models.named(.people(nil)), tile: PixelSize(width: 640, height: 384))
            var plan = Plan()
            for zone in zones {
                plan.add(
                    PreparedAnalytic(Counting(zone: zone)), name: "counting", resultName: "crowd", model: model)
            }
            let workshop = Workshop(
                opener: SyntheticOpener {
                    SyntheticSource(size: PixelSize(width: 1280, height: 720), count: 20, rates: $0)
                }, models: models, catalogue: AnalyticCatalogue(entries: []))
            let source = try await workshop.open(SourceSpecification(kind: .file, reference: "synthetic"), for: plan)
            let counters = StreamCounters()
            var pipeline = workshop.pipeline(of: source, sink: EventCollector(), counters: counters)
            try await pipeline.run()
            // All frames look the same and last two seconds; two regions show somebody, and are looked at until that is settled.
            #expect(Set(finder.regionsLookedAt).count == looks)
            #expect(finder.regionsLookedAt.count == looks + 2 * (TiledLook.settling - 1))
            #expect(counters.statistics(of: SourceStatistics()).framesAnalysed == 20)
        }
    }

    @Test func eachAnalyticSeesOnlyTheFramesOfItsRate() async throws {
        var plan = Plan()
        for (name, rate) in [("every", Rate.frames(1)), ("third", .frames(3)), ("half second", .seconds(0.5))] {
            plan.add(
                PreparedAnalytic(Presence(rate: rate)), name: name, resultName: "crowd",
                model: Models(ScriptedFinder(walkerIn: 0..<1)).named(.people(nil)))
        }
        let workshop = Workshop(
            opener: SyntheticOpener { SyntheticSource(count: 11, rates: $0) },
            models: Models(ScriptedFinder(walkerIn: 0..<1)), catalogue: AnalyticCatalogue(entries: []))
        let source = try await workshop.open(SourceSpecification(kind: .file, reference: "synthetic"), for: plan)
        let tap = FrameNumbers()
        var pipeline = workshop.pipeline(of: source, sink: EventCollector(), taps: [tap])
        try await pipeline.run()
        let seen = await tap.numbers
        #expect(seen["every"] == Array(0...10))
        #expect(seen["third"] == [0, 3, 6, 9])
        #expect(seen["half second"] == [0, 5, 10])
    }

    @Test func aRegionOutsideTheFrameIsNamed() async throws {
        let outside = RegionOfInterest.pixels(PixelRect(x: 600, y: 0, width: 100, height: 100))
        var pipeline = try await Self.pipeline(
            [Presence(roi: outside)], finder: ScriptedFinder(walkerIn: 0..<1), sink: EventCollector())
        await #expect(throws: PipelineError.invalidRectangle(analytic: "presence", frame: "640×360")) {
            try await pipeline.run()
        }
    }

    @Test func aSourceThatFailsLeavesNoEventOpen() async throws {
        let sink = EventCollector()
        let failure = SyntheticFailure("camera unplugged", isTransient: true)
        var pipeline = try await Self.pipeline(
            [Presence()], finder: ScriptedFinder(walkerIn: 5..<100), sink: sink, failure: failure)
        await #expect(throws: failure) { try await pipeline.run() }
        #expect(await sink.updates.last?.change == .closed)
    }

    @Test func framesThatCannotBeAnalysedAreReportedAndSurvived() async throws {
        struct Broken: Error {}
        let sink = EventCollector()
        let finder = ScriptedFinder { time in
            if time.index == 4 { throw Broken() }
            return [Detection(box: BoundingBox(minX: 0, minY: 0, maxX: 9, maxY: 9), confidence: 0.9)]
        }
        var pipeline = try await Self.pipeline(
            [Presence()], finder: finder, sink: sink)
        try await pipeline.run()
        #expect(await sink.failures == ["crowd: error analysing frame number 4: Broken()"])
        #expect(await sink.updates.filter { $0.change == .opened }.count == 1)
        #expect(await sink.updates.count == 20)
    }

    @Test func aFinderThatNeverWorksEndsTheStream() async throws {
        struct Broken: Error {}
        var pipeline = try await Self.pipeline(
            [Presence()], finder: ScriptedFinder { _ in throw Broken() }, sink: EventCollector(),
            count: 500)
        await #expect(throws: PipelineError.analysisFailing(tries: 100, reason: "Broken()")) {
            try await pipeline.run()
        }
    }
}

/// Remembers which frames each analytic saw.
private actor FrameNumbers: FrameTap {
    private(set) var numbers: [String: [Int]] = [:]
    func take(_ frame: Frame, _ results: [AnalyticResult]) {
        for result in results { numbers[result.updates.origin.name, default: []].append(frame.time.index) }
    }
}
