import Foundation
import Frames
import Media
import Models
import Scene
import Synchronization
import TestSupport
import Testing

@testable import Inference
@testable import Recognition

struct SeenThingsTests {
    /// Two breeds of a dog, a cat, and two cranes.
    private static let taxonomy = Taxonomy(
        [
            ("b", "border collie", [5]), ("p", "pug", [5]), ("c", "tabby", [6]), ("c1", "crane", [6]),
            ("c2", "crane", []), ("d", "dog", [6, 7]), ("a", "animal", [8]), ("da", "domestic animal", [6]),
            ("o", "organism", []),
        ], classCount: 5)
    private static func seen(_ probabilities: [Float]) -> SeenThings {
        SeenThings(probabilities: probabilities, taxonomy: taxonomy)
    }
    private static func agrees(_ label: ThingLabel, _ name: String, _ confidence: Double) -> Bool {
        label.name == name && abs(label.confidence - confidence) < 1e-3
    }

    @Test func classesComeByProbabilityUnderTheirOwnNames() {
        let classes = Self.seen([0.1, 0.2, 0.6, 0.05, 0.05]).classes(3)
        #expect(classes.map(\.name) == ["tabby", "pug", "border collie"])
        #expect(classes.map(\.index) == [2, 1, 0] && classes[0].probability == 0.6)
        #expect(Self.seen([0, 0, 0, 0.5, 0.5]).classes(2).map(\.index) == [3, 4])
        #expect(Self.seen([1, 0, 0, 0, 0]).classes(1000).count == 5 && Self.seen([1, 0, 0, 0, 0]).classes(0).isEmpty)
    }

    @Test func whoseBreedIsUnsureIsADog() {
        let labels = Self.seen([0.5, 0.45, 0.04, 0, 0.01]).labels()
        #expect(labels.map(\.name) == ["Animal", "Organism", "Dog", "Domestic Animal"])
        #expect(Self.agrees(labels[0], "Animal", 99) && Self.agrees(labels[2], "Dog", 95))
        #expect(labels[2].parents == ["Animal", "Domestic Animal", "Organism"])
        #expect(labels[1].parents.isEmpty)
    }

    @Test func theNearerOfTwoThatAreEquallySureComesFirst() {
        let labels = Self.seen([1, 0, 0, 0, 0]).labels()
        #expect(labels.map(\.name) == ["Border Collie", "Dog", "Domestic Animal", "Animal", "Organism"])
        #expect(labels.allSatisfy { $0.confidence == 100 })
        #expect(labels[0].parents == ["Dog", "Animal", "Domestic Animal", "Organism"])
    }

    @Test func labelsEndAtTheLeastConfidenceAndTheMost() {
        let seen = Self.seen([0.75, 0.125, 0.0625, 0, 0.0625])
        #expect(seen.labels(from: 75).map(\.name) == ["Animal", "Organism", "Dog", "Domestic Animal", "Border Collie"])
        #expect(seen.labels(from: 75.1).count == 4)
        #expect(seen.labels(count: 2).map(\.name) == ["Animal", "Organism"])
        #expect(seen.labels(from: 0).map(\.confidence) == seen.labels(from: 0).map(\.confidence).sorted(by: >))
    }

    @Test func aNameStandsOnceThoughSeveralKindsHaveIt() {
        #expect(Self.seen([0, 0, 0, 0.5, 0.5]).labels(from: 40).map(\.name) == ["Crane", "Animal", "Organism"])
        let food = Taxonomy(
            [("l", "loaf", [1]), ("f1", "food", [2]), ("s", "solid", [3]), ("f2", "food", [])], classCount: 1)
        let labels = SeenThings(probabilities: [1], taxonomy: food).labels()
        #expect(labels.map(\.name) == ["Loaf", "Food", "Solid"])
        #expect(labels.map(\.parents) == [["Food", "Solid"], ["Solid"], ["Food"]])
    }

    @Test func sumsBeyondOneAreAHundred() {
        #expect(Self.seen([0.6, 0.41, 0, 0, 0]).labels().allSatisfy { $0.confidence <= 100 })
    }

    @Test func anEgyptianCatIsAllThatItIs() throws {
        let root = URL(fileURLWithPath: #filePath).appending(path: "../../../..").standardizedFileURL
        let taxonomy = try Taxonomy(contentsOf: root.appending(path: "analytics/models/imagenet.json"))
        var probabilities = [Float](repeating: 0, count: taxonomy.classCount)
        probabilities[285] = 0.9
        probabilities[282] = 0.06  // tiger cat, which WordNet has for a wild one
        let labels = SeenThings(probabilities: probabilities, taxonomy: taxonomy).labels()
        let cat = try #require(labels.first { $0.name == "Egyptian Cat" })
        #expect(cat.parents.prefix(4) == ["Domestic Cat", "Cat", "Domestic Animal", "Feline"])
        #expect(cat.parents.contains("Carnivore") && cat.parents.contains("Organism"))
        #expect(!cat.parents.contains("Entity") && !cat.parents.contains("Whole"))
        #expect(Self.agrees(try #require(labels.first { $0.name == "Feline" }), "Feline", 96))
    }
}

struct ThingLookTests {
    private final class Shelf: ClassifierShelf, Classifier {
        let looks = Mutex<[(region: PixelRect, urgency: Urgency)]>([])
        let taxonomy = Taxonomy(names: ["cat", "dog"])
        func classifier() async throws -> LoadedClassifier { LoadedClassifier(classifier: self, taxonomy: taxonomy) }
        func classify(_ frame: Frame, region: PixelRect, urgency: Urgency) async throws -> [Float] {
            looks.withLock { $0.append((region, urgency)) }
            return [0.25, 0.75]
        }
    }
    private static let still = StillPicture(
        picture: BlankPicture(size: PixelSize(width: 320, height: 200)), size: PixelSize(width: 640, height: 400),
        exif: nil)

    @Test func theWholePictureIsLookedAtOnceAfterAllThatIsLive() async throws {
        let shelf = Shelf()
        let looker = PictureLooker(
            models: Models(ScriptedFinder(walkerIn: 0..<1)), findsFaces: false, classifiers: shelf)
        let seen = try #require(try await looker.things(in: Self.still))
        #expect(looker.namesThings && seen.classes(1).map(\.name) == ["dog"])
        let looks = shelf.looks.withLock { $0 }
        #expect(looks.count == 1 && looks[0].region == PixelRect(x: 0, y: 0, width: 320, height: 200))
        #expect(looks[0].urgency == .batch)
    }

    @Test func withoutAModelNothingIsSaid() async throws {
        let looker = PictureLooker(models: Models(ScriptedFinder(walkerIn: 0..<1)), findsFaces: false)
        #expect(!looker.namesThings)
        #expect(try await looker.things(in: Self.still) == nil)
    }

    /// As a library does, which lets go of what nobody holds.
    private actor Library: ClassifierShelf {
        private weak var model: LoadedClassifier?
        private(set) var loads = 0
        var isLoaded: Bool { model != nil }
        func classifier() -> LoadedClassifier {
            if let model { return model }
            loads += 1
            let new = LoadedClassifier(classifier: Shelf(), taxonomy: Taxonomy(names: ["cat", "dog"]))
            model = new
            return new
        }
    }

    @Test func theModelIsHeldForAWhileAfterTheLook() async throws {
        let library = Library(), models = Models(ScriptedFinder(walkerIn: 0..<1))
        let looker = PictureLooker(models: models, findsFaces: false, classifiers: library, hold: .milliseconds(300))
        for _ in 0..<3 { _ = try await looker.things(in: Self.still) }
        #expect(await library.loads == 1)
        while await library.isLoaded { try await Task.sleep(for: .milliseconds(5)) }
        _ = try await looker.things(in: Self.still)
        #expect(await library.loads == 2)
    }
}

/// The model that `scripts/setup` puts together, on a picture as it is sent.
struct NamedPictureTests {
    private static let home = URL(fileURLWithPath: #filePath).appending(path: "../../../..").standardizedFileURL
    private static let isThere = FileManager.default.fileExists(
        atPath: home.appending(path: ".deps/models/efficientnet-lite1.onnx").path)
    private static let looker: PictureLooker = {
        let models = home.appending(path: "analytics/models")
        let library = ModelLibrary(
            ModelLibrary.Configuration(
                engineFolder: home.appending(path: ".deps/openvino"), parallelism: 1,
                defaultCard: models.appending(path: "person-fast.json"),
                bundledCard: { models.appending(path: "person-\($0.rawValue).json") },
                faceCard: models.appending(path: "face.json"), thingCard: models.appending(path: "things.json"),
                facePointsCard: models.appending(path: "face-points.json"),
                facesAgainCard: models.appending(path: "face-again.json")))
        return PictureLooker(models: library, findsFaces: false, classifiers: library)
    }()

    /// A crossword puzzle, as a portable grey map of 40 pixels a field.
    private static func crossword(_ columns: Int, _ rows: Int) -> [UInt8] {
        var bytes = Array("P5 \(columns * 40) \(rows * 40) 255\n".utf8)
        for y in 0..<rows * 40 {
            for x in 0..<columns * 40 {
                let (column, row) = (x / 40, y / 40)
                let isLine = x % 40 < 3 || y % 40 < 3
                bytes.append(isLine || (column * 7 + row * 13 + column * row * 3) % 10 < 3 ? 0 : 255)
            }
        }
        return bytes
    }

    @Test(.enabled(if: isThere), arguments: [(16, 12), (12, 16), (14, 14), (24, 14)])
    func aCrosswordIsAPuzzleAndAGame(columns: Int, rows: Int) async throws {
        let still = try StillWork.open(Self.crossword(columns, rows), StillWishes(maximumPixels: 1 << 22))
        let seen = try #require(try await Self.looker.things(in: still))
        let best = seen.classes(5)
        #expect(best[0].name == "crossword puzzle" && best[0].probability > 0.7 && best.count == 5)
        let labels = seen.labels()
        let label = try #require(labels.first { $0.name == "Crossword Puzzle" })
        #expect(label.parents.prefix(3) == ["Puzzle", "Game", "Game Equipment"])
        // All that it is, and nothing else.
        #expect(Set(labels.map(\.name)) == Set([label.name] + label.parents))
    }
}
