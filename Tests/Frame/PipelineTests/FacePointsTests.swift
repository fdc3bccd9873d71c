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

/// Which faces of a stream are looked at closer, and what comes of it.
struct FacePointsTests {
    /// Remembers whom it was shown.
    private struct Witness: Analytic {
        final class Seen: Sendable { let tracks = Mutex<[[Track]]>([]) }
        let requirements: AnalyticRequirements
        let seen: Seen
        func observe(_ observation: Observation) -> [EventUpdate] {
            seen.tracks.withLock { $0.append(observation.tracks) }
            return []
        }
        var decisions: [any Decision] { [] }
        func finish() -> [EventUpdate] { [] }
    }
    private static let thresholds = ModelCard.Thresholds(
        confidence: 0.6, candidate: 0.3, nmsIoU: 0.3, birth: 0.6, high: 0.5, low: 0.3, still: 0.6)

    /// A face that walks to the right, 2 pixels a frame, and is tilted by so many degrees.
    private static func face(
        _ time: FrameTime, x: Float = 100, tilted degrees: Double = 0, confidence: Float = 0.8
    ) -> Detection {
        let left = x + 2 * Float(time.index), box = BoundingBox(minX: left, minY: 100, maxX: left + 40, maxY: 150)
        let (sine, cosine) = (Float(degrees * .pi / 180).sine, Float(degrees * .pi / 180).cosine)
        // As FaceWarp's face of 120 pixels has them, from its middle.
        let upright = FaceWarp.reference.map { Point(x: ($0.x - 125) / 3, y: ($0.y - 125) / 3) }
        let landmarks = upright.map {
            Point(
                x: box.center.x + cosine * $0.x - sine * $0.y, y: box.center.y + sine * $0.x + cosine * $0.y)
        }
        return Detection(box: box, confidence: confidence, landmarks: landmarks)
    }
    private static func roll(_ track: Track) throws -> Double {
        let points = track.face == nil ? track.landmarks : track.face?.landmarks
        return try #require(points.flatMap(HeadPose.init)).roll
    }
    private static func finder(_ find: @escaping @Sendable (FrameTime) throws -> [Detection]) -> ScriptedFinder {
        ScriptedFinder(find)
    }
    private static func model(_ finder: ScriptedFinder) -> LoadedModel {
        LoadedModel(finder: finder, thresholds: thresholds)
    }

    private func run(
        model: LoadedModel, faces: LoadedModel? = nil, points: LoadedModel?, frameRate: Double = 25, count: Int = 20,
        analytics: Int = 1
    ) async throws -> [[Track]] {
        let seen = Witness.Seen()
        var plan = Plan()
        let requirements = AnalyticRequirements(
            rate: .frames(1), tracking: TrackingRequirement(probeCount: 3), model: faces == nil ? .faces : .people(nil),
            findsFaces: faces != nil, findsFacePoints: points != nil)
        for _ in 0..<analytics {
            plan.add(
                PreparedAnalytic(Witness(requirements: requirements, seen: seen)), name: "witness",
                resultName: "crowd", model: model, faces: faces, points: points)
        }
        let workshop = Workshop(
            opener: SyntheticOpener { SyntheticSource(frameRate: frameRate, count: count, rates: $0) },
            models: Models(ScriptedFinder { _ in [] }), catalogue: AnalyticCatalogue(entries: []))
        let source = try await workshop.open(SourceSpecification(kind: .file, reference: "synthetic"), for: plan)
        var pipeline = workshop.pipeline(of: source, sink: EventCollector())
        try await pipeline.run()
        return seen.tracks.withLock { $0 }
    }

    @Test func aFaceIsLookedAtOnceItIsFollowedAndThenInEverySeventhFrame() async throws {
        let closer = Self.finder { [Self.face($0, tilted: 30, confidence: 0.5)] }
        let tracks = try await run(model: Self.model(Self.finder { [Self.face($0)] }), points: Self.model(closer))
        #expect(tracks.count == 20 && tracks.allSatisfy { $0.count == 1 && $0[0].confidence == 0.8 })
        let rolls = try tracks.map { try Self.roll($0[0]) }
        // Two frames probe; the third is the first in which the track is confirmed.
        #expect(rolls[..<2].allSatisfy { abs($0) < 3 })
        #expect(rolls[2...].allSatisfy { abs($0 - 30) < 3 })
        #expect(closer.regionsLookedAt.count == 3)
        // 2.2 heights of the face wide.
        #expect(
            closer.regionsLookedAt.allSatisfy {
                (108...113).contains($0.width) && (108...113).contains($0.height)
            })
    }

    @Test func aHeadThatTiltsMeanwhileIsToldAsItIsAtTheNextLook() async throws {
        let closer = Self.finder { [Self.face($0, tilted: $0.index < 5 ? 0 : 24)] }
        let tracks = try await run(model: Self.model(Self.finder { [Self.face($0)] }), points: Self.model(closer))
        let rolls = try tracks.map { try Self.roll($0[0]) }
        #expect(rolls[..<9].allSatisfy { abs($0) < 3 } && rolls[9...].allSatisfy { abs($0 - 24) < 3 })
    }

    /// What the model itself tells of a movement in between is told, too.
    @Test func inBetweenThePointsMoveAsTheyAreFound() async throws {
        let level = Self.finder { [Self.face($0, tilted: $0.index > 4 ? 5 : 0)] }
        let closer = Self.finder { [Self.face($0, tilted: 20)] }
        let tracks = try await run(model: Self.model(level), points: Self.model(closer), count: 9)
        let rolls = try tracks.map { try Self.roll($0[0]) }
        #expect(abs(rolls[4] - 20) < 3 && rolls[5...].allSatisfy { $0 > 22 && $0 < 28 })
    }

    @Test func whereNoSuchFaceIsSeenThePointsStayAsTheyWereFound() async throws {
        let elsewhere = Self.finder { [Self.face($0, x: 300, tilted: 30)] }
        let broken = Self.finder { _ in throw SyntheticFailure("broken", isTransient: false) }
        for closer in [elsewhere, broken] {
            let tracks = try await run(model: Self.model(Self.finder { [Self.face($0)] }), points: Self.model(closer))
            #expect(tracks.count == 20)
            #expect(try tracks.allSatisfy { abs(try Self.roll($0[0])) < 3 })
            #expect(closer.regionsLookedAt.count == 3)
        }
    }

    @Test func atMostTwoAreLookedAtInAFrameAndEverybodysTurnComes() async throws {
        @Sendable func crowd(_ time: FrameTime, _ degrees: Double) -> [Detection] {
            (0..<5).map { Self.face(time, x: 20 + 120 * Float($0), tilted: degrees) }
        }
        let looks = Mutex<[Int: Int]>([:])
        let closer = Self.finder { time in
            looks.withLock { $0[time.index, default: 0] += 1 }
            return crowd(time, 30)
        }
        let tracks = try await run(model: Self.model(Self.finder { crowd($0, 0) }), points: Self.model(closer))
        #expect(looks.withLock { $0 } == [2: 2, 3: 2, 4: 1, 9: 2, 10: 2, 11: 1, 16: 2, 17: 2, 18: 1])
        #expect(try tracks[4...].joined().allSatisfy { abs(try Self.roll($0) - 30) < 3 })
    }

    @Test func atLowerRatesALookIsTakenAsOftenInTime() async throws {
        let closer = Self.finder { [Self.face($0, tilted: 30)] }
        let model = Self.model(Self.finder { [Self.face($0)] })
        _ = try await run(model: model, points: Self.model(closer), frameRate: 3)
        #expect(closer.regionsLookedAt.count == 18)
    }

    @Test func facesOfThoseWhoseBodiesAreFollowedAreLookedAtToo() async throws {
        let closer = Self.finder { [Self.face($0, tilted: 30)] }
        let squares = SquareScript { time, _ in [Self.face(time)] }
        let faces = LoadedModel(
            finder: Self.finder { _ in [] }, squares: squares, thresholds: Self.thresholds)
        let bodies = Self.finder { time in
            let box = Self.face(time).box
            return [
                Detection(
                    box: BoundingBox(minX: box.minX - 30, minY: 90, maxX: box.maxX + 30, maxY: 400), confidence: 0.9)
            ]
        }
        let tracks = try await run(model: Self.model(bodies), faces: faces, points: Self.model(closer))
        #expect(try tracks[2...].allSatisfy { abs(try Self.roll($0[0]) - 30) < 3 })
        #expect(closer.regionsLookedAt.count == 3)
    }

    @Test func analyticsThatShareTheirTracksShareTheLooks() async throws {
        let closer = Self.finder { [Self.face($0, tilted: 30)] }
        let tracks = try await run(
            model: Self.model(Self.finder { [Self.face($0)] }), points: Self.model(closer), analytics: 2)
        #expect(tracks.count == 40 && closer.regionsLookedAt.count == 3)
        #expect(try tracks[4...].allSatisfy { abs(try Self.roll($0[0]) - 30) < 3 })
    }

    @Test func withoutAWishNobodyLooks() async throws {
        let tracks = try await run(model: Self.model(Self.finder { [Self.face($0)] }), points: nil)
        #expect(try tracks.allSatisfy { abs(try Self.roll($0[0])) < 3 })
    }
}

extension Float {
    fileprivate var sine: Float { Float(Foundation.sin(Double(self))) }
    fileprivate var cosine: Float { Float(Foundation.cos(Double(self))) }
}
