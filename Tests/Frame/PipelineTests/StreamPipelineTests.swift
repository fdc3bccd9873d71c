import Analytics
import Frames
import Pipeline
import Records
import Scene
import Synchronization
import TestSupport
import Testing
import Tracking

struct StreamPipelineTests {
    private static func pipeline(
        _ analytics: [Presence], models: Models, sink: EventCollector, count: Int = 20,
        failure: SyntheticFailure? = nil, onFailure: (@Sendable (String, String) -> Void)? = nil
    ) -> StreamPipeline {
        let runs = analytics.map {
            AnalyticRun(
                PreparedAnalytic($0), name: "presence", resultName: "crowd", model: models.named($0.requirements.model))
        }
        return StreamPipeline(
            source: SyntheticSource(count: count, rates: runs.map(\.rate), failure: failure), runs: runs, sink: sink,
            onFrameFailure: onFailure)
    }
    private static func pipeline(
        _ analytics: [Presence], detector: ScriptedDetector, sink: EventCollector, count: Int = 20,
        failure: SyntheticFailure? = nil, onFailure: (@Sendable (String, String) -> Void)? = nil
    ) -> StreamPipeline {
        pipeline(
            analytics, models: Models(detector), sink: sink, count: count, failure: failure, onFailure: onFailure)
    }

    @Test func aVisitBecomesOneEventWithItsTimes() async throws {
        let sink = EventCollector()
        var pipeline = Self.pipeline(
            [Presence()], detector: ScriptedDetector(walkerIn: 5..<9), sink: sink)
        try await pipeline.run()
        let updates = await sink.updates
        #expect(updates.map(\.change) == [.opened, .continued, .continued, .continued, .closed])
        #expect(updates.last?.event.begin.pts == MediaTime(seconds: 0.5))
        #expect(updates.last?.event.end.pts == MediaTime(seconds: 0.8))
        #expect(Set(updates.map(\.event.id)).count == 1)
    }

    @Test func whatIsLessSureThanTheThresholdIsForTrackersOnly() async throws {
        let sink = EventCollector()
        var pipeline = Self.pipeline(
            [Presence()], detector: ScriptedDetector(walkerIn: 0..<20, confidence: 0.4), sink: sink)
        try await pipeline.run()
        #expect(await sink.updates.isEmpty)
    }

    @Test func analyticsWithOneRegionShareOneDetection() async throws {
        let corner = RegionOfInterest.pixels(PixelRect(x: 0, y: 0, width: 320, height: 180))
        let detector = ScriptedDetector(walkerIn: 0..<20)
        var pipeline = Self.pipeline(
            [Presence(), Presence(), Presence(roi: corner)], detector: detector,
            sink: EventCollector(), count: 3)
        try await pipeline.run()
        let whole = PixelRect(x: 0, y: 0, width: 640, height: 360)
        let part = PixelRect(x: 0, y: 0, width: 320, height: 180)
        let regions = detector.detectedRegions  // frames are detected side by side, so their order is open
        #expect(regions.count == 6)
        #expect(regions.filter { $0 == whole }.count == 3 && regions.filter { $0 == part }.count == 3)
    }

    @Test func eachAnalyticLooksWithTheModelThatItNames() async throws {
        let (own, fast) = (ScriptedDetector(walkerIn: 0..<3), ScriptedDetector(walkerIn: 0..<3, confidence: 0.3))
        let sink = EventCollector()
        // 0.3 is a person to the fast model and to no other.
        let models = Models(own, fast: fast, fastConfidence: 0.2)
        var pipeline = Self.pipeline(
            [Presence(), Presence(model: .fast), Presence(model: .fast)], models: models, sink: sink, count: 3)
        try await pipeline.run()
        #expect(own.detectedRegions.count == 3 && fast.detectedRegions.count == 3)
        #expect(await sink.updates.filter { $0.change == .opened }.count == 3)
    }

    @Test func analyticsThatNameTheModelOfTheSettingsShareItsDetections() async throws {
        let detector = ScriptedDetector(walkerIn: 0..<3)
        var pipeline = Self.pipeline(
            [Presence(), Presence(model: .accurate)], models: Models(detector), sink: EventCollector(), count: 3)
        try await pipeline.run()
        #expect(detector.detectedRegions.count == 3)
    }

    @Test func eachAnalyticSeesOnlyTheFramesOfItsRate() async throws {
        let frames = Mutex<[String: [Int]]>([:])
        let runs = [("every", Rate.frames(1)), ("third", .frames(3)), ("half second", .seconds(0.5))].map {
            AnalyticRun(
                PreparedAnalytic(Presence(rate: $0.1)), name: $0.0, resultName: "crowd",
                model: Models(ScriptedDetector(walkerIn: 0..<1)).named(nil))
        }
        var pipeline = StreamPipeline(
            source: SyntheticSource(count: 11, rates: runs.map(\.rate)), runs: runs, sink: EventCollector(),
            onFrame: { frame, results in
                frames.withLock {
                    for result in results { $0[result.updates.origin.name, default: []].append(frame.time.index) }
                }
            })
        try await pipeline.run()
        let seen = frames.withLock { $0 }
        #expect(seen["every"] == Array(0...10))
        #expect(seen["third"] == [0, 3, 6, 9])
        #expect(seen["half second"] == [0, 5, 10])
    }

    @Test func aRegionOutsideTheFrameIsNamed() async {
        let outside = RegionOfInterest.pixels(PixelRect(x: 600, y: 0, width: 100, height: 100))
        var pipeline = Self.pipeline(
            [Presence(roi: outside)], detector: ScriptedDetector(walkerIn: 0..<1), sink: EventCollector())
        await #expect(throws: PipelineError.invalidRectangle(analytic: "presence", frame: "640×360")) {
            try await pipeline.run()
        }
    }

    @Test func aSourceThatFailsLeavesNoEventOpen() async {
        let sink = EventCollector()
        let failure = SyntheticFailure("camera unplugged", isTransient: true)
        var pipeline = Self.pipeline(
            [Presence()], detector: ScriptedDetector(walkerIn: 5..<100), sink: sink, failure: failure)
        await #expect(throws: failure) { try await pipeline.run() }
        #expect(await sink.updates.last?.change == .closed)
    }

    @Test func framesThatCannotBeAnalysedAreReportedAndSurvived() async throws {
        struct Broken: Error {}
        let reports = Mutex<[String]>([])
        let sink = EventCollector()
        let detector = ScriptedDetector { time in
            if time.index == 4 { throw Broken() }
            return [Detection(box: BoundingBox(minX: 0, minY: 0, maxX: 9, maxY: 9), confidence: 0.9)]
        }
        var pipeline = Self.pipeline(
            [Presence()], detector: detector, sink: sink,
            onFailure: { name, reason in reports.withLock { $0.append("\(name): \(reason)") } })
        try await pipeline.run()
        #expect(reports.withLock { $0 } == ["crowd: error analysing frame number 4: Broken()"])
        #expect(await sink.updates.filter { $0.change == .opened }.count == 1)
        #expect(await sink.updates.count == 20)
    }

    @Test func aDetectorThatNeverWorksEndsTheStream() async {
        struct Broken: Error {}
        var pipeline = Self.pipeline(
            [Presence()], detector: ScriptedDetector { _ in throw Broken() }, sink: EventCollector(),
            count: 500)
        await #expect(throws: PipelineError.analysisFailing(tries: 100, reason: "Broken()")) {
            try await pipeline.run()
        }
    }
}
