import Analytics
import Frames
import Inference
import Pipeline
import Records
import Scene
import Synchronization
import TestSupport
import Testing

/// Where faces are looked for, frame by frame.
struct FaceLookTests {
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
    private static func box(_ time: FrameTime, y: Float = 100, width: Float = 16, height: Float = 20) -> BoundingBox {
        let x = 100 + 2 * Float(time.index)
        return BoundingBox(minX: x, minY: y, maxX: x + width, maxY: y + height)
    }
    /// A face that walks to the right, 2 pixels a frame.
    private static func face(_ time: FrameTime, confidence: Float = 0.8) -> Detection {
        Detection(box: box(time), confidence: confidence)
    }
    private static func contains(_ squares: [PixelRect], _ box: BoundingBox) -> Bool {
        squares.contains { square in
            Float(square.x) <= box.minX && Float(square.y) <= box.minY
                && Float(square.x + square.width) >= box.maxX && Float(square.y + square.height) >= box.maxY
        }
    }

    private func run(
        _ requirements: AnalyticRequirements, model: LoadedModel, faces: LoadedModel? = nil, frameRate: Double = 25,
        count: Int = 20
    ) async throws -> [[Track]] {
        let seen = Witness.Seen()
        var plan = Plan()
        plan.add(
            PreparedAnalytic(Witness(requirements: requirements, seen: seen)), name: "witness", resultName: "crowd",
            model: model, faces: faces)
        let workshop = Workshop(
            opener: SyntheticOpener { SyntheticSource(frameRate: frameRate, count: count, rates: $0) },
            models: Models(ScriptedFinder { _ in [] }), catalogue: AnalyticCatalogue(entries: []))
        let source = try await workshop.open(SourceSpecification(kind: .file, reference: "synthetic"), for: plan)
        var pipeline = workshop.pipeline(of: source, sink: EventCollector())
        try await pipeline.run()
        return seen.tracks.withLock { $0 }
    }
    private static let following = AnalyticRequirements(
        rate: .frames(1), tracking: TrackingRequirement(probeCount: 3), model: .faces)

    @Test func theWholeFrameIsLookedAtInEverySeventhFrameAndKnownFacesInBetween() async throws {
        let whole = ScriptedFinder { [Self.face($0)] }
        let squares = SquareScript { time, squares in
            Self.contains(squares, Self.box(time)) ? [Self.face(time)] : []
        }
        let model = LoadedModel(finder: whole, squares: squares, thresholds: Self.thresholds)
        let tracks = try await run(Self.following, model: model)
        #expect(whole.regionsLookedAt.count == 3)
        #expect(squares.squaresLookedAt.map(\.frame) == [1, 2, 3, 4, 5, 6, 8, 9, 10, 11, 12, 13, 15, 16, 17, 18, 19])
        #expect(squares.squaresLookedAt.allSatisfy { $0.squares.count == 1 && $0.squares[0].width == 80 })
        #expect(tracks.allSatisfy { $0.count == 1 && $0[0].confidence == 0.8 })
        #expect(Set(tracks.flatMap { $0.map(\.id) }).count == 1 && tracks[2][0].phase == .confirmed)
    }
    @Test func aFaceThatTheWholeFrameDoesNotShowIsLookedForWhereItWas() async throws {
        let whole = ScriptedFinder { $0.index == 0 ? [Self.face($0)] : [] }
        let squares = SquareScript { time, _ in [Self.face(time)] }
        let model = LoadedModel(finder: whole, squares: squares, thresholds: Self.thresholds)
        let tracks = try await run(Self.following, model: model)
        #expect(squares.squaresLookedAt.map(\.frame) == Array(1..<20))
        #expect(tracks.allSatisfy { $0.map(\.confidence) == [0.8] })
    }
    @Test func whereNobodyIsKnownNothingIsLookedAtInBetween() async throws {
        let whole = ScriptedFinder { _ in [] }, squares = SquareScript { _, _ in [] }
        let model = LoadedModel(finder: whole, squares: squares, thresholds: Self.thresholds)
        let tracks = try await run(Self.following, model: model)
        #expect(whole.regionsLookedAt.count == 3 && squares.squaresLookedAt.isEmpty)
        #expect(tracks.count == 20 && tracks.allSatisfy(\.isEmpty))
    }
    @Test(arguments: [(30.0, 20, 3), (10, 20, 7), (3, 20, 20)])
    func atLowerRatesTheWholeFrameIsLookedAtAsOftenInTime(rate: Double, count: Int, looks: Int) async throws {
        let whole = ScriptedFinder { _ in [] }
        let model = LoadedModel(
            finder: whole, squares: SquareScript { _, _ in [] }, thresholds: Self.thresholds)
        _ = try await run(Self.following, model: model, frameRate: rate, count: count)
        #expect(whole.regionsLookedAt.count == looks)
    }
    @Test func aCrowdIsLookedAtWhole() async throws {
        @Sendable func crowd(_ count: Int) -> [Detection] {
            (0..<count).map { number in
                let x = 10 + 60 * Float(number)
                return Detection(
                    box: BoundingBox(minX: x, minY: 50, maxX: x + 20, maxY: 75), confidence: 0.8)
            }
        }
        for (count, looks) in [(8, 3), (9, 20)] {
            let whole = ScriptedFinder { _ in crowd(count) }
            let squares = SquareScript { _, _ in crowd(count) }
            let model = LoadedModel(finder: whole, squares: squares, thresholds: Self.thresholds)
            let tracks = try await run(Self.following, model: model)
            #expect(whole.regionsLookedAt.count == looks && tracks.last?.count == count)
        }
    }
    @Test func aLookThatFailsIsAFrameThatFails() async throws {
        let standing = Detection(
            box: BoundingBox(minX: 100, minY: 100, maxX: 116, maxY: 120), confidence: 0.8)
        let squares = SquareScript { _, _ in throw SyntheticFailure("broken", isTransient: false) }
        let model = LoadedModel(
            finder: ScriptedFinder { _ in [standing] }, squares: squares, thresholds: Self.thresholds)
        let tracks = try await run(Self.following, model: model)
        // The frames that are looked at whole, and show the face where it was.
        #expect(tracks.count == 3)
    }

    @Test func whatTheWholeFrameShowsStaysWhereALookAtWhoIsMissingFails() async throws {
        @Sendable func standing(_ x: Float) -> Detection {
            Detection(box: BoundingBox(minX: x, minY: 100, maxX: x + 16, maxY: 120), confidence: 0.8)
        }
        // One of two is missing from the second whole frame on.
        let whole = ScriptedFinder { $0.index == 0 ? [standing(100), standing(300)] : [standing(100)] }
        let squares = SquareScript { time, _ in
            if time.index >= 7 { throw SyntheticFailure("broken", isTransient: false) }
            return [standing(100), standing(300)]
        }
        let model = LoadedModel(finder: whole, squares: squares, thresholds: Self.thresholds)
        let tracks = try await run(Self.following, model: model, count: 8)
        #expect(tracks.count == 8)
        #expect(tracks.last?.compactMap(\.confidence) == [0.8])
    }

    // MARK: Faces of those whose bodies are followed

    private static let human = AnalyticRequirements(
        rate: .frames(1), tracking: TrackingRequirement(probeCount: 3), findsFaces: true)
    private static func body(_ time: FrameTime) -> Detection {
        Detection(box: box(time, y: 96, width: 40, height: 120), confidence: 0.8)
    }
    private static func bodies(_ find: @escaping @Sendable (FrameTime) -> [Detection]) -> LoadedModel {
        LoadedModel(
            finder: ScriptedFinder(find),
            thresholds: ModelCard.Thresholds(confidence: 0.5, candidate: 0.25, nmsIoU: 0.6))
    }
    private static func faceOf(_ time: FrameTime) -> Detection {
        var face = face(time)
        (face.box.minX, face.box.maxX) = (face.box.minX + 12, face.box.maxX + 12)
        return face
    }

    @Test func facesAreLookedForAtTheHeadsOfBodiesAndBelongToTheirTracks() async throws {
        let whole = ScriptedFinder { _ in [] }
        let squares = SquareScript { time, squares in
            Self.contains(squares, Self.faceOf(time).box) ? [Self.faceOf(time)] : []
        }
        let faces = LoadedModel(finder: whole, squares: squares, thresholds: Self.thresholds)
        let tracks = try await run(Self.human, model: Self.bodies { [Self.body($0)] }, faces: faces)
        #expect(squares.squaresLookedAt.map(\.frame) == Array(0..<20) && whole.regionsLookedAt.isEmpty)
        #expect(tracks.allSatisfy { $0.count == 1 && $0[0].confidence == 0.8 })
        #expect(tracks.map { $0[0].face?.confidence } == [nil] + [Float?](repeating: 0.8, count: 19))
        #expect(Set(tracks.map { $0[0].id }).count == 1)
    }
    @Test func withoutBodiesNobodyLooksForFaces() async throws {
        let whole = ScriptedFinder { _ in [] }, squares = SquareScript { _, _ in [] }
        let faces = LoadedModel(finder: whole, squares: squares, thresholds: Self.thresholds)
        _ = try await run(Self.human, model: Self.bodies { _ in [] }, faces: faces)
        #expect(squares.squaresLookedAt.isEmpty && whole.regionsLookedAt.isEmpty)
    }
    @Test func amongManyBodiesFacesAreLookedForInTheWholeFrame() async throws {
        let whole = ScriptedFinder { _ in [] }, squares = SquareScript { _, _ in [] }
        let faces = LoadedModel(finder: whole, squares: squares, thresholds: Self.thresholds)
        let bodies = Self.bodies { _ in
            (0..<9).map { number in
                let x = 10 + 60 * Float(number)
                return Detection(box: BoundingBox(minX: x, minY: 50, maxX: x + 30, maxY: 140), confidence: 0.8)
            }
        }
        _ = try await run(Self.human, model: bodies, faces: faces, count: 5)
        #expect(whole.regionsLookedAt.count == 5 && squares.squaresLookedAt.isEmpty)
    }
}
