import Foundation
import Frames
import Inference
import Scene
import Synchronization
import TestSupport
import Testing

/// What is made of the numbers of models, which a script gives; who is shown to them, and as what.
struct FaceEstimationTests {
    private static let cards = URL(fileURLWithPath: #filePath)
        .appending(path: "../../../../analytics/models").standardizedFileURL

    /// Of 640 × 480 pixels, with stripes: sharp everywhere.
    private final class Stripes: Picture {
        let size = PixelSize(width: 640, height: 480)
        func draw(_ region: PixelRect, to target: PixelTarget) {
            for row in 0..<target.size.height {
                for column in 0..<target.size.width {
                    let x = region.x + column * region.width / target.size.width
                    let y = region.y + row * region.height / target.size.height
                    let value: UInt8 = (x / 2 + y / 2) % 2 == 0 ? 90 : 170
                    let pixel = target.base + row * target.bytesPerRow + column * 3
                    (pixel[0], pixel[1], pixel[2]) = (value, value, value)
                }
            }
        }
        func snapshot(
            _ policy: SnapshotPolicy, of region: PixelRect?, retouched: ((PixelTarget) -> Void)?
        ) -> Snapshot { Snapshot(mediaType: policy.mediaType, bytes: []) }
        func snapshot(_ policy: SnapshotPolicy, aligned warp: FaceWarp, of shown: any Picture) -> Snapshot {
            Snapshot(mediaType: policy.mediaType, bytes: [])
        }
    }
    /// An upright face whose box is that high, in the middle of the picture.
    private static func face(height: Float, turned: Float = 0) -> FaceEstimation.Face {
        let scale = height / 175
        var points = FaceWarp.reference.map { Point(x: 320 + ($0.x - 125) * scale, y: 240 + ($0.y - 145) * scale) }
        points.nose.x += turned * height
        let box = BoundingBox(
            minX: 320 - height * 0.4, minY: 240 - height / 2, maxX: 320 + height * 0.4, maxY: 240 + height / 2)
        return FaceEstimation.Face(Detection(box: box, confidence: 0.9, landmarks: points))
    }
    private static func estimates(
        _ wanted: FaceEstimateSet, _ script: ScriptedEstimators, _ faces: [FaceEstimation.Face]
    ) async throws -> [FaceEstimates] {
        let models = wanted.models.intersection(script.estimators).map { script.estimator($0) }
        return try await FaceEstimation(models).estimates(wanted, of: faces, in: Stripes(), urgency: .batch)
    }

    @Test func emotionsAndAgeAreReadInTheOrderOfTheirCards() async throws {
        var years = [Float](repeating: 0, count: 81)
        (years[20], years[40]) = (0.25, 0.75)
        let script = try ScriptedEstimators(
            cards: Self.cards,
            [.emotions: [[0.1, 0, 0, 0.2, 0.1, 0, 0.6]], .age: [years], .gender: [[0.2, 0.8]]])
        let told = try await Self.estimates([.emotions, .basicAttributes], script, [Self.face(height: 200)])
        let emotions = try #require(told[0].emotions), basic = try #require(told[0].basicAttributes)
        // The model's sixth is surprise, its seventh neutral.
        #expect(emotions.predominant == .neutral)
        #expect(abs(emotions[.happiness] - 0.2) < 1e-6 && abs(emotions[.sadness] - 0.1) < 1e-6)
        #expect(basic.years == 35 && basic.gender == .male)
        #expect(told[0].quality == nil && told[0].headPose == nil)
    }

    @Test func noModelIsAskedForWhatNobodyWants() async throws {
        let script = try ScriptedEstimators(cards: Self.cards, [.emotions: [[1, 0, 0, 0, 0, 0, 0]]])
        let told = try await Self.estimates([.quality, .headPose], script, [Self.face(height: 200)])
        #expect(told[0].quality != nil && told[0].headPose != nil && told[0].emotions == nil)
        #expect(script.shown.withLock { $0.isEmpty })
    }

    @Test func facesThatAreTooSmallOrTurnedTooFarAreShownToNoModel() async throws {
        let script = try ScriptedEstimators(
            cards: Self.cards, [.emotions: [[0, 0, 0, 1, 0, 0, 0]]],
            gate: EstimatorCard.Gate(height: 48, sharpness: 0, yaw: 30, pitch: 30))
        let faces = [Self.face(height: 47), Self.face(height: 100, turned: 0.5), Self.face(height: 100)]
        let told = try await Self.estimates(.emotions, script, faces)
        #expect(told.map { $0.emotions?.predominant } == [nil, nil, .happiness])
        #expect(script.shown.withLock { $0.map(\.crops.count) } == [1])
    }

    @Test func whoeverIsNotSharpEnoughIsShownToNoModel() async throws {
        let script = try ScriptedEstimators(
            cards: Self.cards, [.emotions: [[0, 0, 0, 1, 0, 0, 0]]],
            gate: EstimatorCard.Gate(height: 0, sharpness: 1.01, yaw: 180, pitch: 180))
        #expect(try await Self.estimates(.emotions, script, [Self.face(height: 100)])[0].emotions == nil)
    }

    /// The points of a mesh that lies on the aligned face's own coordinates, in pixels of the model's input.
    private static func mesh(_ places: [Int: Point]) throws -> [Float] {
        let card = try EstimatorCard(describedBy: cards.appending(path: "face-mesh.json"))
        let factor = Float(Double(card.input.width) / card.crop.side)
        return (0..<468).flatMap { number -> [Float] in
            let place = places[number] ?? Point(x: 125, y: 150)
            return [(place.x - Float(card.crop.x)) * factor, (place.y - Float(card.crop.y)) * factor, 0]
        }
    }
    private static let eyes: [Int: Point] = [
        33: Point(x: 80, y: 117), 133: Point(x: 108, y: 117), 362: Point(x: 142, y: 117), 263: Point(x: 170, y: 117),
    ]

    @Test func aMouthIsToldByItsWidthItsCornersAndItsGap() async throws {
        func mouth(width: Float, lift: Float, gap: Float) async throws -> MouthEstimate {
            var places = Self.eyes
            let (left, right) = (125 - width / 2, 125 + width / 2)
            (places[61], places[291]) = (Point(x: left, y: 190), Point(x: right, y: 190))
            (places[78], places[308]) = (Point(x: left + 2, y: 190), Point(x: right - 2, y: 190))
            (places[13], places[14]) = (Point(x: 125, y: 190 + lift), Point(x: 125, y: 190 + lift + gap))
            let script = try ScriptedEstimators(
                cards: Self.cards, [.faceMesh: [try Self.mesh(places), [3]]])
            return try #require(try await Self.estimates(.mouth, script, [Self.face(height: 200)])[0].mouth)
        }
        let still = try await mouth(width: 50, lift: 0, gap: 1), smile = try await mouth(width: 66, lift: 2, gap: 14)
        let speaking = try await mouth(width: 52, lift: -8, gap: 30)
        #expect(still.smile == 0 && still.opened < 0.1)
        #expect(smile.smile > 0.9 && (0.2...0.6).contains(smile.opened))
        #expect(speaking.smile == 0 && speaking.opened == 1)
    }

    @Test func the68PointsLieInThePictureAndWithoutAFaceThereAreNone() async throws {
        var places = Self.eyes
        places[152] = Point(x: 125, y: 240)
        for (presence, isThere) in [(Float(2), true), (-2, false)] {
            let script = try ScriptedEstimators(cards: Self.cards, [.faceMesh: [try Self.mesh(places), [presence]]])
            let told = try await Self.estimates(.landmarks68, script, [Self.face(height: 175)])[0]
            #expect((told.landmarks68 != nil) == isThere)
            guard let points = told.landmarks68 else { continue }
            #expect(points.count == 68)
            // The chin is the ninth; the face is as large as its aligned picture, 195 to the right of it and 95 below.
            #expect(abs(points[8].x - 320) < 0.1 && abs(points[8].y - 335) < 0.1)
            // Outer corners of the eyes.
            #expect(abs(points[36].x - 275) < 0.1 && abs(points[45].x - 365) < 0.1)
        }
    }

    /// An eye in the middle of its input, whose corners are `64 / 2.3` pixels apart.
    private static func eye(height: Float, iris: Point, radius: Float) -> [[Float]] {
        let half: Float = 64 / 2.3 / 2
        var contour = [Float](repeating: 0, count: 213)
        func set(_ number: Int, _ x: Float, _ y: Float) { (contour[3 * number], contour[3 * number + 1]) = (x, y) }
        for number in 0...8 { set(number, 32 - half + half / 4 * Float(number), 32 + height / 2) }
        for number in 9...15 { set(number, 32 - half + half / 4 * Float(number - 8), 32 - height / 2) }
        set(0, 32 - half, 32)
        set(8, 32 + half, 32)
        let edge = [(radius, 0), (0, -radius), (-radius, 0), (0, radius)]
        let points = [iris] + edge.map { Point(x: iris.x + $0.0, y: iris.y + $0.1) }
        return [contour, points.flatMap { [$0.x, $0.y, 0] }]
    }

    @Test func eyesAreOpenOrClosedAndTheIrisIsACircleOfThem() async throws {
        for (height, state) in [(Float(9), EyeEstimate.State.open), (2, .closed)] {
            let script = try ScriptedEstimators(
                cards: Self.cards,
                [
                    .faceMesh: [try Self.mesh(Self.eyes), [3]],
                    .iris: Self.eye(height: height, iris: Point(x: 32, y: 30), radius: 6),
                ])
            let told = try await Self.estimates([.eyes, .gaze, .headPose], script, [Self.face(height: 175)])[0]
            let eyes = try #require(told.eyes)
            #expect(eyes.left.state == state && eyes.right.state == state)
            #expect(eyes.left.iris.count == 32)
            // Both eyes are 28 wide in the aligned face, 64.4 with what is around them: a pixel of the input is one of the picture.
            let middle = eyes.left.iris.reduce(into: Point(x: 0, y: 0)) { sum, point in
                (sum.x, sum.y) = (sum.x + point.x / 32, sum.y + point.y / 32)
            }
            #expect(abs(middle.x - 289) < 0.2 && abs(middle.y - 210) < 0.2)
            #expect(abs(eyes.left.iris[0].x - middle.x - 6.04) < 0.1)
            // Straight ahead, as far as eyes that are open tell.
            #expect((told.gaze != nil) == (state == .open))
            if let gaze = told.gaze, let pose = told.headPose {
                #expect(abs(gaze.yaw - pose.yaw) < 1 && abs(gaze.pitch - pose.pitch) < 2)
            }
            // The right eye is shown turned over.
            #expect(script.shown.withLock { $0.last?.crops.map(\.isMirrored) } == [false, true])
        }
    }

    @Test func whatCanBeToldFollowsFromTheModelsThatThereAre() {
        #expect(FaceEstimateSet(of: []) == [.headPose, .quality])
        #expect(FaceEstimateSet(of: [.age]) == [.headPose, .quality])
        let some: FaceEstimateSet = [.headPose, .quality, .basicAttributes, .mouth, .landmarks68]
        #expect(FaceEstimateSet(of: [.age, .gender, .faceMesh]) == some)
        #expect(FaceEstimateSet(of: Set(EstimatorCard.Head.allCases)).contains([.eyes, .gaze, .emotions]))
    }
}
