import Analytics
import Foundation
import Frames
import Inference
import JSON
import Pipeline
import Records
import Scene
import Synchronization
import TestSupport
import Testing

/// What is told of the boxes of a frame: who counts, and why the others do not.
struct FrameWitnessTests {
    private final class Tap: FrameTap {
        private let state: Mutex<(FrameWitness, [FrameTrace])>
        init(_ plan: Plan) { state = Mutex((FrameWitness(plan), [])) }
        func take(_ frame: Frame, _ results: [AnalyticResult]) {
            state.withLock { state in
                for result in results { state.1.append(state.0.trace(frame, result)) }
            }
        }
        var traces: [FrameTrace] { state.withLock { $0.1 } }
        var rules: [AnalyticRules] { state.withLock { $0.0.rules } }
    }
    private static func box(_ x: Float, _ confidence: Float) -> Detection {
        Detection(box: BoundingBox(minX: x, minY: 100, maxX: x + 40, maxY: 220), confidence: confidence)
    }
    /// Runs the script, whose model is sure from 0.5 on, past one analytic.
    private static func run(
        _ name: String, _ parameters: JSONValue, count: Int = 6, _ script: @escaping @Sendable (Int) -> [Detection]
    ) async throws -> Tap {
        let workshop = Workshop(
            opener: SyntheticOpener { SyntheticSource(count: count, rates: $0) },
            models: Models(ScriptedFinder { script($0.index) }), catalogue: try AnalyticCatalogue(directory: folder))
        let plan = try await workshop.prepare([AnalyticChoice(name: name, parameters: ["parameters": parameters])])
        let tap = Tap(plan)
        let planned = try await workshop.open(SourceSpecification(kind: .file, reference: "a.mp4"), for: plan)
        var pipeline = workshop.pipeline(of: planned, sink: EventCollector(), taps: [tap])
        try await pipeline.run()
        return tap
    }
    private static let folder = URL(filePath: #filePath).deletingLastPathComponent().appending(
        path: "../../../analytics"
    )
    .standardizedFileURL
    private static let left: JSONValue = [
        "mode": "percent", "form": "common",
        "area": [[["x": 0, "y": 0], ["x": 50, "y": 0], ["x": 50, "y": 100], ["x": 0, "y": 100]]],
    ]

    @Test func whoStandsOutsideOfTheRegionOrIsTooUnsureIsToldApartFromWhoCounts() async throws {
        let tap = try await Self.run(
            "people_count", ["rate": ["unit": "frame", "period": 1], "droi": Self.left, "probe_count": 1]
        ) { _ in [Self.box(40, 0.9), Self.box(500, 0.8), Self.box(200, 0.3)] }
        let frame = try #require(tap.traces.last)
        #expect(frame.count == 1)
        let told = Set(frame.boxes.map { "\($0.standing) \(Int((($0.confidence ?? 0) * 10).rounded()))" })
        #expect(told == ["counted 9", "outsideZone 8", "belowThreshold 3"])
        var trace = StreamTrace(stream: UUID(), account: UUID(), rules: tap.rules)
        _ = trace.take(frame, of: 0, updates: [])
        let wire = trace.moment(trace.everything, now: frame.time.wallClock)[0].wire(at: frame.time.wallClock)
        #expect(
            wire["answer"]?.array?.first?.string?.contains(
                "not counted: 1 outside of the droi (score up to 0.80), 1 below the model's threshold of 0.50 (score up to 0.30)"
            )
                == true, "\(wire["answer"] ?? .null)")
        let zones = wire["frames"]?.array?.first?["boxes"]?.array?.compactMap { $0["in_zone"]?.bool }
        #expect(zones?.sorted { $0 && !$1 } == [true, true, false])
    }
    @Test func whoIsMissedForAMomentStillCounts() async throws {
        let tap = try await Self.run("people_count", ["rate": ["unit": "frame", "period": 1]]) { frame in
            frame == 5 ? [] : [Self.box(40, 0.9)]
        }
        let frame = try #require(tap.traces.last)
        #expect(frame.count == 1 && frame.boxes.map(\.standing) == [.missed] && frame.boxes[0].confidence == nil)
    }
    @Test func somebodyWhoIsFollowedIsTentativeFirst() async throws {
        let tap = try await Self.run("human_tracking", ["rate": ["unit": "frame", "period": 1]]) { frame in
            [Self.box(40 + Float(frame) * 12, 0.9), Self.box(500, 0.3)]
        }
        let standings = tap.traces.map { $0.boxes.map(\.standing) }
        #expect(standings.first == [.tentative, .belowThreshold] && standings.last == [.counted, .belowThreshold])
        #expect(tap.traces.map { $0.decisions.map(\.verdict) }.last == [.continued])
    }
    @Test func theRulesNameParametersAndThresholds() async throws {
        let one = try await Self.run("people_count", ["people_count_threshold": 2]) { _ in [] }
        let same = try await Self.run("people_count", ["people_count_threshold": 2, "probe_count": 3]) { _ in [] }
        let other = try await Self.run("people_count", ["people_count_threshold": 3]) { _ in [] }
        let hashes = [one, same, other].map { $0.rules[0].parametersSHA256 }
        #expect(hashes[0] == hashes[1] && hashes[0] != hashes[2] && hashes[0].count == 64)
        #expect(one.rules[0].thresholds["confidence"] == 0.5)
        #expect(one.rules[0].thresholds["tracker.birth_confidence"] != nil)
        // printf abc | sha256sum
        #expect(
            Fingerprint.sha256(Data("abc".utf8)) == "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad")
    }
}
