import Foundation
import JSON
import Testing

@testable import Inference

struct TaxonomyTests {
    private static let root = URL(fileURLWithPath: #filePath).appending(path: "../../../..").standardizedFileURL
    private static func read(_ document: JSONValue) throws -> Taxonomy {
        let file = FileManager.default.temporaryDirectory.appending(path: "\(UUID()).json")
        try document.data.write(to: file)
        defer { try? FileManager.default.removeItem(at: file) }
        return try Taxonomy(contentsOf: file)
    }
    private static func ancestors(_ number: Int, _ taxonomy: Taxonomy) -> [String] {
        taxonomy.kinds[number].ancestors.map { taxonomy.kinds[$0].name }
    }

    @Test func ancestorsComeBreadthFirstEachOnce() throws {
        // A dog is a canine and a pet, and both are animals.
        let taxonomy = try Self.read([
            "count": 1,
            "things": [
                ["d", "dog", "c", "p"], ["a", "animal"], ["m", "mammal", "a"], ["c", "canine", "m"],
                ["p", "pet", "a"],
            ],
        ])
        #expect(taxonomy.classCount == 1 && taxonomy.kinds.count == 5)
        #expect(Self.ancestors(0, taxonomy) == ["canine", "pet", "mammal", "animal"])
    }

    @Test func kindsOfEachOtherEndSomewhere() throws {
        let taxonomy = try Self.read(["count": 1, "things": [["a", "one", "b"], ["b", "two", "a", "b"]]])
        #expect(Self.ancestors(0, taxonomy) == ["two"] && Self.ancestors(1, taxonomy) == ["one"])
    }

    @Test func theClassesOfImageNetHaveTheirNamesAndParents() throws {
        let taxonomy = try Taxonomy(contentsOf: Self.root.appending(path: "analytics/models/imagenet.json"))
        #expect(taxonomy.classCount == 1000)
        #expect(taxonomy.kinds[975].name == "lakeside" && taxonomy.kinds[912].name == "worm fence")
        #expect(taxonomy.kinds[285].id == "n02124075")
        #expect(
            Self.ancestors(285, taxonomy) == [
                "domestic cat", "cat", "domestic animal", "feline", "animal", "carnivore", "organism", "placental",
                "living thing", "mammal", "vertebrate", "chordate",
            ])
    }

    @Test(
        arguments: [
            (["count": 2, "things": [["a", "one"]]], "count"),
            (["count": 0, "things": [["a", "one"]]], "count"),
            (["count": 1, "things": [["a"]]], "things.0"),
            (["count": 1, "things": [["a", "one", "b"]]], "things.0"),
            (["count": 1, "things": [["a", "one"], ["a", "two"]]], "things.1"),
            (["count": 1, "things": [["a", 1]]], "things.0.1"),
            (["count": 1], "things"),
        ] as [(JSONValue, String)])
    func aFileThatIsWrongIsRefusedAtTheMember(document: JSONValue, member: String) {
        #expect { try Self.read(document) } throws: { error in
            guard case .invalidCard(_, let found, let reason) = error as? ModelError else { return false }
            return found == member && !reason.isEmpty
        }
    }
}

struct ClassifierCardTests {
    private static let good: [String: JSONValue] = [
        "name": "tiny", "file": "tiny.onnx", "head": "probabilities", "outputs": ["probabilities": "p"],
        "classes": ["cat", "dog"],
        "input": [
            "width": 64, "height": 64, "color": "rgb", "scale": 128, "mean": [127, 127, 127], "letterbox_fill": 127,
            "letterbox_align": "center",
        ],
    ]
    private static func load(_ changes: [String: JSONValue] = [:], files: [String: String] = [:]) throws
        -> ClassifierCard
    {
        let folder = FileManager.default.temporaryDirectory.appending(path: UUID().uuidString)
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: folder) }
        try Data("model".utf8).write(to: folder.appending(path: "tiny.onnx"))
        for (name, text) in files { try Data(text.utf8).write(to: folder.appending(path: name)) }
        let url = folder.appending(path: "card.json")
        try JSONValue.object(good.merging(changes) { $1 }).data.write(to: url)
        return try ClassifierCard(contentsOf: url)
    }

    @Test func classesStandInTheCardOrInAFileBesideIt() throws {
        let card = try Self.load()
        #expect(card.outputs == ["p"] && card.input.mean == [127, 127, 127] && card.sha256 == nil)
        #expect(card.taxonomy == Taxonomy(names: ["cat", "dog"]))
        let beside = try Self.load(
            ["classes": "kinds.json", "task": "thing"],
            files: ["kinds.json": #"{"count": 1, "things": [["c", "cat", "a"], ["a", "animal"]]}"#])
        #expect(beside.taxonomy.kinds.map(\.name) == ["cat", "animal"] && beside.taxonomy.classCount == 1)
    }

    @Test(
        arguments: [
            (["head": "yolox"], "head"), (["task": "person"], "task"), (["classes": []], "classes"),
            (["outputs": ["boxes": "b"]], "outputs.probabilities"), (["classes": 7], "classes"),
        ] as [([String: JSONValue], String)])
    func aWrongCardIsRefusedAtTheMember(changes: [String: JSONValue], member: String) {
        #expect { try Self.load(changes) } throws: { error in
            guard case .invalidCard(_, let found, _) = error as? ModelError else { return false }
            return found == member
        }
    }

    @Test func missingFilesAreNamed() {
        #expect { try Self.load(["file": "other.onnx"]) } throws: { "\($0)".contains("other.onnx, which is not there") }
        #expect { try Self.load(["classes": "kinds.json"]) } throws: {
            "\($0)".contains("kinds.json cannot be read: there is no such file")
        }
    }
}
