import Frames
import Inference
import Media
import Scene
import Synchronization
import TestSupport
import Testing

@testable import Recognition

struct PictureLookerTests {
    /// Faces and people that lie in a picture, found by whoever looks at a region that holds their middle, cut off where it ends.
    private final class Scenery: ModelShelf, ObjectFinder {
        let faces, people: [Detection]
        let looks = Mutex<[(region: PixelRect, urgency: Urgency)]>([])
        let asked = Mutex<[ModelChoice]>([])
        init(faces: [Detection] = [], people: [Detection] = []) { (self.faces, self.people) = (faces, people) }

        func model(_ choice: ModelChoice) async throws -> LoadedModel {
            asked.withLock { $0.append(choice) }
            return LoadedModel(
                finder: self,
                thresholds: ModelCard.Thresholds(confidence: 0.4, candidate: 0.2, nmsIoU: 0.3, birth: 0.6))
        }
        func find(in frame: Frame, region: PixelRect, urgency: Urgency) async throws -> [Detection] {
            looks.withLock { $0.append((region, urgency)) }
            let part = BoundingBox(
                minX: Float(region.x), minY: Float(region.y), maxX: Float(region.x + region.width),
                maxY: Float(region.y + region.height))
            let all = asked.withLock { $0.last } == .faces ? faces : people
            return all.filter { $0.box.intersection(part).area > $0.box.area / 3 }.map {
                Detection(box: $0.box.intersection(part), confidence: $0.confidence, landmarks: $0.landmarks)
            }
        }
    }
    private static func face(_ x: Float, _ y: Float, _ side: Float = 60, _ confidence: Float = 0.9) -> Detection {
        let scale = side / 120
        let landmarks = FaceWarp.reference.map {
            Point(x: x + ($0.x - 65) * scale, y: y + ($0.y - 65) * scale)
        }
        return Detection(
            box: BoundingBox(minX: x, minY: y, maxX: x + side, maxY: y + side), confidence: confidence,
            landmarks: landmarks)
    }
    private static func still(_ width: Int, _ height: Int, shrunk: Int = 1) -> StillPicture {
        StillPicture(
            picture: BlankPicture(size: PixelSize(width: width / shrunk, height: height / shrunk)),
            size: PixelSize(width: width, height: height), exif: nil)
    }
    private static func looker(_ scenery: Scenery) -> PictureLooker { PictureLooker(models: scenery, findsFaces: true) }

    @Test func aSmallPictureIsLookedAtOnceAndALargeOneInPartsToo() async throws {
        for (size, count) in [((640, 480), 1), ((1600, 1200), 5), ((2000, 300), 3)] {
            let scenery = Scenery()
            _ = try await Self.looker(scenery).faces(in: Self.still(size.0, size.1))
            let looks = scenery.looks.withLock { $0 }
            #expect(looks.count == count)
            #expect(looks[0].region == PixelRect(x: 0, y: 0, width: size.0, height: size.1))
            // Whatever follows a stream goes first.
            #expect(looks.allSatisfy { $0.urgency == .batch })
            for look in looks {
                #expect(look.region.x >= 0 && look.region.x + look.region.width <= size.0)
                #expect(look.region.y >= 0 && look.region.y + look.region.height <= size.1)
            }
        }
    }

    @Test func aModelThatLooksInTilesLooksAtPicturesSoToo() async throws {
        let scenery = Scenery(people: [Self.face(630, 370, 30), Self.face(30, 30, 30, 0.3)])
        let shelf = Tiled(scenery: scenery)
        let looker = PictureLooker(models: shelf, findsFaces: false)
        let found = try await looker.likelyPeople(in: Self.still(1280, 720), with: .precise, from: 0.2)
        #expect(found.map(\.box) == scenery.people.map(\.box))
        let looks = scenery.looks.withLock { $0 }
        #expect(looks.count == 10 && looks.allSatisfy { $0.urgency == .batch })
        #expect(try await looker.people(in: Self.still(1280, 720)).bodies.count == 1)
        #expect(scenery.looks.withLock { $0 }.count == 11)
    }
    /// Whose precise model looks in tiles.
    private struct Tiled: ModelShelf {
        let scenery: Scenery
        func model(_ choice: ModelChoice) async throws -> LoadedModel {
            let model = try await scenery.model(choice)
            return choice == .people(.precise)
                ? LoadedModel(model, tile: PixelSize(width: 640, height: 384)) : model
        }
    }

    /// As a library does, which lets go of what nobody holds.
    private actor Library: ModelShelf {
        private weak var model: LoadedModel?
        private(set) var loads = 0
        var isLoaded: Bool { model != nil }
        func model(_ choice: ModelChoice) -> LoadedModel {
            if let model { return model }
            loads += 1
            let new = LoadedModel(
                finder: Scenery(), thresholds: ModelCard.Thresholds(confidence: 0.4, candidate: 0.2, nmsIoU: 0.3))
            model = new
            return new
        }
    }
    @Test func aModelIsKeptForTheNextPictureAndThenLetGoOf() async throws {
        let library = Library()
        let patient = PictureLooker(models: library, findsFaces: true, hold: .seconds(3600))
        for _ in 0..<5 { _ = try await patient.people(in: Self.still(64, 48)) }
        #expect(await library.loads == 1)

        let other = Library(), hasty = PictureLooker(models: other, findsFaces: true, hold: .milliseconds(1))
        _ = try await hasty.people(in: Self.still(64, 48))
        while await other.isLoaded { try await Task.sleep(for: .milliseconds(5)) }
        _ = try await hasty.people(in: Self.still(64, 48))
        #expect(await other.loads == 2)
    }

    /// Wherever it lies, and though some parts show half of it.
    @Test func eachFaceIsFoundOnce() async throws {
        for x in stride(from: Float(0), through: 1500, by: 93) {
            let face = Self.face(x, 600 - x / 3)
            let found = try await Self.looker(Scenery(faces: [face])).faces(in: Self.still(1600, 1200))
            #expect(found.map(\.detection.box) == [face.box], "at \(x)")
        }
    }

    @Test func whatIsNotSureIsNoFaceAndTheSurestComesFirst() async throws {
        let faces = [Self.face(10, 10, 60, 0.7), Self.face(300, 10, 60, 0.59), Self.face(200, 200, 60, 0.95)]
        let found = try await Self.looker(Scenery(faces: faces)).faces(in: Self.still(640, 480))
        #expect(found.map(\.detection.confidence) == [0.95, 0.7])
        let people = try await Self.looker(Scenery(people: faces)).people(in: Self.still(640, 480))
        #expect(people.bodies.count == 3 && people.counted.count == 3)
    }

    @Test func ofAPlaceThatIsNamedTheFaceThatLiesThereIsTold() async throws {
        let scenery = Scenery(faces: [Self.face(10, 10, 60, 0.99), Self.face(300, 100, 60, 0.7)])
        let place = BoundingBox(minX: 305, minY: 95, maxX: 370, maxY: 150)
        let found = try await Self.looker(scenery).faces(in: Self.still(640, 480), at: place)
        #expect(found.map(\.detection.box.minX) == [300])
        // However roughly it is named: the middle must lie there, and of several the one that fills the place most is meant.
        let rough = BoundingBox(minX: 200, minY: 0, maxX: 640, maxY: 480)
        let roughly = try await Self.looker(scenery).faces(in: Self.still(640, 480), at: rough)
        #expect(roughly.map(\.detection.box.minX) == [300])
        let sizes = Scenery(faces: [Self.face(10, 10, 60, 0.99), Self.face(300, 100, 200, 0.7)])
        let whole = BoundingBox(minX: 0, minY: 0, maxX: 640, maxY: 480)
        let largest = try await Self.looker(sizes).faces(in: Self.still(640, 480), at: whole)
        #expect(largest.map(\.detection.box.minX) == [300])
        let beside = BoundingBox(minX: 335, minY: 100, maxX: 400, maxY: 160)
        #expect(try await Self.looker(scenery).faces(in: Self.still(640, 480), at: beside).isEmpty)
        let nowhere = BoundingBox(minX: 500, minY: 300, maxX: 560, maxY: 360)
        #expect(try await Self.looker(scenery).faces(in: Self.still(640, 480), at: nowhere).isEmpty)
    }

    /// Finds the faces of a scenery level, and in a closer look the points of one that is tilted.
    private struct Tilted: ModelShelf {
        let scenery: Scenery
        let closer: ScriptedFinder
        func model(_ choice: ModelChoice) async throws -> LoadedModel {
            guard choice == .facePoints else { return try await scenery.model(choice) }
            return LoadedModel(
                finder: closer, thresholds: ModelCard.Thresholds(confidence: 0.35, candidate: 0.2, nmsIoU: 0.3))
        }
    }
    @Test func pointsAreThoseOfACloserLookAtTheSameFace() async throws {
        let level = Self.face(100, 50), other = Self.face(400, 300)
        // As a head that is tilted by 30 degrees has them.
        let middle = level.box.center, points = try #require(level.landmarks)
        var tilted = Self.face(104, 52, 56, 0.5)
        tilted.landmarks = points.map { point in
            let (x, y) = (point.x - middle.x, point.y - middle.y)
            return Point(x: middle.x + 0.866 * x - 0.5 * y, y: middle.y + 0.5 * x + 0.866 * y)
        }
        let found = tilted
        let closer = ScriptedFinder { _ in [found] }
        let looker = PictureLooker(
            models: Tilted(scenery: Scenery(faces: [level, other]), closer: closer), findsFaces: true,
            findsFacePoints: true)
        let faces = try await looker.faces(in: Self.still(640, 480))
        #expect(faces.map(\.detection.box) == [level.box, other.box] && faces[0].detection.confidence == 0.9)
        let rolls = try faces.map { try #require($0.pose).roll }
        #expect(abs(rolls[0] - 30) < 3 && abs(rolls[1]) < 3)
        let looks = closer.regionsLookedAt
        #expect(
            looks.count == 2 && looks.allSatisfy { (131...134).contains($0.width) && (131...134).contains($0.height) })
        let plain = PictureLooker(models: Scenery(faces: [level]), findsFaces: true)
        #expect(abs(try #require(try await plain.faces(in: Self.still(640, 480)).first?.pose).roll) < 3)
    }

    /// It is too small for the face to be seen around it.
    @Test func aSmallBoxInAFaceIsThatFaces() async throws {
        let scenery = Scenery(faces: [Self.face(10, 10, 60, 0.99), Self.face(300, 100, 200, 0.7)])
        let place = BoundingBox(minX: 330, minY: 130, maxX: 334, maxY: 134)
        let found = try await Self.looker(scenery).faces(in: Self.still(640, 480), at: place)
        #expect(found.map(\.detection.box.minX) == [300])
        #expect(scenery.people.best(at: place) == nil && scenery.faces.best(at: place)?.box.minX == 300)
    }

    @Test func placesAreThoseInThePictureAsItWasSent() async throws {
        let face = Self.face(100, 50)
        let found = try await Self.looker(Scenery(faces: [face])).faces(in: Self.still(2560, 1920, shrunk: 4))
        let first = try #require(found.first)
        #expect(first.detection.box == BoundingBox(minX: 400, minY: 200, maxX: 640, maxY: 440))
        #expect(first.detection.landmarks?.nose.x == face.landmarks.map { $0.nose.x * 4 })
        let pose = try #require(first.pose)
        #expect(abs(pose.yaw) < 8 && abs(pose.roll) < 3)
    }

    @Test func aFaceHasItsSampleAndItsQuality() async throws {
        let still = Self.still(640, 480)
        let found = try await Self.looker(Scenery(faces: [Self.face(100, 50)])).faces(in: still)
        let face = try #require(found.first)
        #expect(try face.sample(in: still, SnapshotPolicy())?.bytes == [4, 5, 6])
        // All of it is one grey.
        let quality = try #require(try face.quality(in: still))
        #expect(quality.blurriness == 0 && quality.illumination == 1 && quality.dark == 1)
        var without = Self.face(300, 50)
        without.landmarks = nil
        let bare = try #require(try await Self.looker(Scenery(faces: [without])).faces(in: still).first)
        #expect(try bare.sample(in: still, SnapshotPolicy()) == nil && bare.pose == nil)
    }
}

struct PersonPartsTests {
    private static func box(_ x: Float, _ y: Float, _ width: Float, _ height: Float) -> BoundingBox {
        BoundingBox(minX: x, minY: y, maxX: x + width, maxY: y + height)
    }

    @Test func facesComeFirstAndThenBodiesWithoutOne() {
        let bodies = [Self.box(0, 0, 100, 300), Self.box(60, 20, 100, 300), Self.box(400, 0, 100, 300)]
        let faces = [Self.box(90, 30, 30, 40), Self.box(600, 30, 30, 40), Self.box(35, 10, 30, 40)]
        #expect(
            PersonParts.join(faces: faces, bodies: bodies) == [
                PersonParts(face: 0, body: 1), PersonParts(face: 1, body: nil), PersonParts(face: 2, body: 0),
                PersonParts(face: nil, body: 2),
            ])
        #expect(PersonParts.join(faces: [], bodies: []).isEmpty)
    }
}
