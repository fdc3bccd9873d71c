import Foundation
import Inference
import JSON
import Scene
import Testing

struct ModelCardTests {
    private static let good: JSONValue = [
        "name": "tiny", "file": "tiny.onnx", "head": "boxes_scores",
        "outputs": ["boxes": "b", "scores": "s"], "classes": ["person"], "person_class": 0,
        "input": [
            "width": 64, "height": 32, "color": "bgr", "scale": 255, "letterbox_fill": 114, "letterbox_align": "center",
        ],
        "thresholds": ["confidence": 0.4, "nms_iou": 0.6],
    ]
    private static func load(_ card: JSONValue, withModel: Bool = true) throws -> ModelCard {
        let folder = FileManager.default.temporaryDirectory.appending(path: UUID().uuidString)
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: folder) }
        if withModel { try Data("model".utf8).write(to: folder.appending(path: "tiny.onnx")) }
        let url = folder.appending(path: "card.json")
        try card.data.write(to: url)
        return try ModelCard(contentsOf: url)
    }
    private static func changed(_ path: [String], _ value: JSONValue?) -> JSONValue {
        func change(_ card: JSONValue, _ path: ArraySlice<String>) -> JSONValue {
            var members = card.object!
            let key = path.first!
            members[key] = path.count == 1 ? value : change(members[key]!, path.dropFirst())
            return .object(members)
        }
        return change(good, path[...])
    }

    @Test func anotherConfidenceMovesTheRestWithIt() throws {
        let thresholds = ModelCard.Thresholds(
            confidence: 0.4, candidate: 0.1, cover: 0.2, nmsIoU: 0.6, birth: 0.7, high: 0.3, still: 1)
        let low = thresholds.moved(to: 0.2), high = thresholds.moved(to: 0.7)
        #expect(low.confidence == 0.2 && high.confidence == 0.7 && low.nmsIoU == 0.6 && low.low == nil)
        for (found, wanted) in [
            (low.candidate, 0.05), (low.cover, 0.1), (low.high, 0.15), (low.birth, 0.6), (low.still, 1),
            (high.candidate, 0.175), (high.birth, 0.85), (high.still, 1),
        ] as [(Float?, Float)] { #expect(abs((found ?? -1) - wanted) < 1e-6) }
        #expect(thresholds.moved(to: 0.4).birth == 0.7)
        #expect(thresholds.moved(to: 0).candidate == 0 && thresholds.moved(to: 1).birth == 1)
    }

    @Test func aCardIsReadWithItsDefaults() throws {
        let card = try Self.load(Self.good)
        #expect(card.input.width == 64 && card.input.scale == [255, 255, 255] && card.input.mean == [0, 0, 0])
        #expect(card.outputs == ["b", "s"])
        #expect(card.thresholds.candidate == 0.2 && abs(card.thresholds.cover - 0.24) < 1e-6)
        #expect(card.thresholds.birth == nil)
        #expect(card.task == .person)
    }

    @Test(arguments: [
        (["head"], JSONValue.string("resnet"), "head"),
        (["task"], .integer(1), "task"),
        (["input", "width"], .string("wide"), "input.width"),
        (["input", "width"], .integer(7), "input.width"),
        (["input", "color"], .string("grey"), "input.color"),
        (["input", "scale"], .array([1, 2]), "input.scale"),
        (["person_class"], .integer(1), "person_class"),
        (["classes"], .array([]), "classes"),
        (["thresholds", "confidence"], .number(1.5), "thresholds.confidence"),
        (["outputs"], .object([:]), "outputs.boxes"),
        (["file"], nil, "file"),
    ])
    func aWrongCardIsRefusedAtTheMember(path: [String], value: JSONValue?, member: String) {
        #expect {
            try Self.load(Self.changed(path, value))
        } throws: { error in
            guard case .invalidCard(_, let found, let reason) = error as? ModelError else { return false }
            return found == member && !reason.isEmpty
        }
    }

    @Test func aTaskIsReadAndOneThatIsNotKnownIsRefusedByName() throws {
        #expect(try Self.load(Self.changed(["task"], "person")).task == .person)
        #expect { try Self.load(Self.changed(["task"], "weather")) } throws: { error in
            guard case .invalidCard(_, "task", let reason) = error as? ModelError else { return false }
            return reason == "the task 'weather' is none of those known: 'person', 'face'"
        }
        #expect { try Self.load(Self.changed(["task"], "face")) } throws: { error in
            guard case .invalidCard(_, "task", let reason) = error as? ModelError else { return false }
            return reason == "the head 'boxes_scores' is for the task 'person', not 'face'"
        }
    }

    @Test func scoresMeanWhatTheCardSays() throws {
        #expect(try Self.load(Self.good).thresholds.likelihood(of: 0.37) == 0.37)
        let points: JSONValue = [[0.2, 0.1], [0.4, 0.5], [0.8, 0.9]]
        let thresholds = try Self.load(Self.changed(["thresholds", "calibration"], points)).thresholds
        for (score, expected): (Float, Float) in [
            (0.1, 0.05), (0.2, 0.1), (0.3, 0.3), (0.4, 0.5), (0.6, 0.7), (0.8, 0.9), (0.95, 0.9),
        ] { #expect(abs(thresholds.likelihood(of: score) - expected) < 1e-5) }
        for wrong: JSONValue in [
            [[0.2, 0.1]], [[0.2, 0.5], [0.4, 0.4]], [[0.4, 0.1], [0.4, 0.5]], [[0.2], [0.4, 1]],
        ] {
            #expect(throws: ModelError.self) {
                try Self.load(Self.changed(["thresholds", "calibration"], wrong))
            }
        }
    }

    @Test func whatScoresMeanForCountsIsReadWhole() throws {
        #expect(try Self.load(Self.good).counting == nil)
        let counting: JSONValue = [
            "floor": 0.1, "intercept": 1.5, "score": 2, "height": -0.5, "height_squared": 0, "inside": -3,
            "alike": 0.25,
            "presence": ["least": 0.9, "intercept": 2, "first": 1, "second": 0.5, "third": 0.25, "sum": -1],
        ]
        #expect(
            try Self.load(Self.changed(["counting"], counting)).counting
                == CountCalibration(
                    floor: 0.1, intercept: 1.5, score: 2, height: -0.5, heightSquared: 0, inside: -3, alike: 0.25,
                    presence: CountCalibration.Presence(
                        least: 0.9, intercept: 2, first: 1, second: 0.5, third: 0.25, sum: -1),
                    input: PixelSize(width: 64, height: 32)))
        for (key, value): (String, JSONValue?) in [
            ("alike", nil), ("floor", 1.5), ("score", "much"), ("inside", 101), ("presence", nil),
        ] {
            var members = counting.object!
            members[key] = value
            #expect {
                try Self.load(Self.changed(["counting"], .object(members)))
            } throws: { error in
                guard case .invalidCard(_, let member, _) = error as? ModelError else { return false }
                return member == "counting.\(key)"
            }
        }
    }

    @Test func aModelThatIsReshapedMayHaveMoreSizes() throws {
        let reshaped = Self.changed(["input", "reshape"], true)
        #expect(try Self.load(reshaped).input.large == nil && Self.load(reshaped).input.square == nil)
        func with(_ card: JSONValue) -> JSONValue {
            var members = card.object!, input = members["input"]!.object!
            input["large"] = ["width": 128, "height": 96]
            input["square"] = ["side": 32, "batch": 4]
            members["input"] = .object(input)
            return .object(members)
        }
        let card = try Self.load(with(reshaped))
        #expect(card.input.large == PixelSize(width: 128, height: 96))
        #expect(card.input.square == ModelCard.Square(side: 32, batch: 4))
        let batch = card.with(PixelSize(width: 32, height: 32), batch: 4).input
        #expect(batch.width == 32 && batch.height == 32 && batch.batch == 4)
        #expect { try Self.load(with(Self.good)) } throws: { error in
            guard case .invalidCard(_, "input.large", let reason) = error as? ModelError else { return false }
            return reason == "only a model that is reshaped has more sizes than one"
        }
    }

    @Test func aMissingModelIsNamed() {
        #expect { try Self.load(Self.good, withModel: false) } throws: { error in
            "\(error)".contains("tiny.onnx, which is not there")
        }
    }

    @Test func aMissingCardAndOneThatIsNotJSONSaySo() throws {
        #expect { try ModelCard(contentsOf: URL(fileURLWithPath: "/nowhere/card.json")) } throws: { error in
            "\(error)" == "The model card /nowhere/card.json cannot be read: there is no such file."
        }
        let url = FileManager.default.temporaryDirectory.appending(path: "\(UUID()).json")
        try Data("not json".utf8).write(to: url)
        defer { try? FileManager.default.removeItem(at: url) }
        #expect { try ModelCard(contentsOf: url) } throws: { "\($0)".contains("it is not JSON") }
    }
}
