import Analytics
import Foundation
import Frames
import Inference
import Pipeline
import Records
import Scene
import Synchronization
import TestSupport
import Testing

/// Whose faces of a stream something is estimated of.
struct FaceEstimateStreamTests {
    /// Remembers what it was told.
    private struct Witness: Analytic {
        final class Told: Sendable { let estimates = Mutex<[[FaceEstimates]]>([]) }
        let requirements: AnalyticRequirements
        let told: Told
        func observe(_ observation: Observation) -> [EventUpdate] {
            told.estimates.withLock { $0.append(Array(observation.estimates.values)) }
            return []
        }
        var decisions: [any Decision] { [] }
        func finish() -> [EventUpdate] { [] }
    }
    /// An upright face.
    private static func face(x: Float, height: Float) -> Detection {
        let landmarks = FaceWarp.reference.map {
            Point(x: x + ($0.x - 62) * height / 175, y: 60 + ($0.y - 70) * height / 175)
        }
        let box = BoundingBox(minX: x, minY: 60, maxX: x + height * 0.8, maxY: 60 + height)
        return Detection(box: box, confidence: 0.8, landmarks: landmarks)
    }
    private static func run(
        _ estimates: FaceEstimateSet, _ script: ScriptedEstimators
    ) async throws -> [[FaceEstimates]] {
        let told = Witness.Told()
        let model = LoadedModel(
            finder: ScriptedFinder { _ in [face(x: 100, height: 100), face(x: 300, height: 30)] },
            thresholds: ModelCard.Thresholds(confidence: 0.6, candidate: 0.3, nmsIoU: 0.3, birth: 0.6))
        var plan = Plan()
        plan.add(
            PreparedAnalytic(
                Witness(
                    requirements: AnalyticRequirements(
                        rate: .frames(1), tracking: TrackingRequirement(probeCount: 3), model: .faces,
                        estimates: estimates), told: told)), name: "witness", resultName: "crowd", model: model,
            estimation: FaceEstimation(script.estimators.map { script.estimator($0) }))
        let workshop = Workshop(
            opener: SyntheticOpener { SyntheticSource(frameRate: 25, count: 6, rates: $0) },
            models: Models(ScriptedFinder { _ in [] }), catalogue: AnalyticCatalogue(entries: []))
        let source = try await workshop.open(SourceSpecification(kind: .file, reference: "synthetic"), for: plan)
        var pipeline = workshop.pipeline(of: source, sink: EventCollector())
        try await pipeline.run()
        return told.estimates.withLock { $0 }
    }
    private static func script() throws -> ScriptedEstimators {
        try ScriptedEstimators(
            cards: URL(fileURLWithPath: #filePath).appending(path: "../../../../analytics/models").standardizedFileURL,
            [.emotions: [[0, 0, 0, 1, 0, 0, 0]]],
            gate: EstimatorCard.Gate(height: 48, sharpness: 0, yaw: 90, pitch: 90))
    }

    @Test func ofWhoIsFollowedAndLargeEnoughItIsToldInEachFrame() async throws {
        let script = try Self.script(), told = try await Self.run(.emotions, script)
        // Two frames probe.
        #expect(told.map(\.count) == [0, 0, 2, 2, 2, 2])
        for frame in told[2...] {
            #expect(frame.filter { $0.emotions?.predominant == .happiness }.count == 1)
            #expect(frame.filter { $0.emotions == nil }.count == 1)
        }
        #expect(script.shown.withLock { $0.map(\.crops.count) } == [1, 1, 1, 1])
    }

    @Test func whoWantsNothingIsToldNothing() async throws {
        let script = try Self.script()
        _ = try await Self.run([], script)
        #expect(script.shown.withLock { $0.isEmpty })
    }
}
