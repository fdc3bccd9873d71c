import Foundation
import Inference
import JSON
import Testing

/// The cards of models that estimate something of faces.
struct EstimatorCardTests {
    private static let cards = URL(fileURLWithPath: #filePath)
        .appending(path: "../../../../analytics/models").standardizedFileURL
    private static let names = ["emotions", "age", "gender", "mesh", "iris"]

    @Test(arguments: names) func theCardsThatComeWithSightlineAreWhole(name: String) throws {
        let card = try EstimatorCard(describedBy: Self.cards.appending(path: "face-\(name).json"))
        #expect(card.outputs.count == card.head.counts.count && card.sha256?.count == 64)
        #expect(card.input.width == card.input.height && card.crop.side > 0 && card.gate.height > 0)
    }

    /// The card of emotions with something wrong in it.
    private static func spoilt(_ change: (inout [String: JSONValue]) -> Void) throws -> URL {
        let text = try Data(contentsOf: cards.appending(path: "face-emotions.json"))
        var members = try #require(try JSONValue(parsing: text).object)
        change(&members)
        let file = FileManager.default.temporaryDirectory.appending(path: "card-\(UUID()).json")
        try Data(JSONValue.object(members).text.utf8).write(to: file)
        return file
    }
    @Test func whatIsWrongInACardIsNamed() throws {
        for (member, change) in [
            ("head", { $0["head"] = "moods" }), ("classes", { $0["classes"] = ["anger", "disgust"] }),
            ("crop.side", { $0["crop"] = ["x": 0, "y": 0, "side": 0] }), ("gate", { $0["gate"] = nil }),
            ("gate.yaw", { $0["gate"] = ["height": 40, "sharpness": 0, "yaw": 200, "pitch": 0] }),
            ("outputs.probabilities", { $0["outputs"] = ["scores": "x"] }),
            ("input.layout", { $0["input"] = Self.input(layout: "hwc") }),
        ] as [(String, (inout [String: JSONValue]) -> Void)] {
            let file = try Self.spoilt(change)
            defer { try? FileManager.default.removeItem(at: file) }
            let error = #expect(throws: ModelError.self) { try EstimatorCard(describedBy: file) }
            guard case .invalidCard(_, let found, _) = try #require(error) else {
                Issue.record("\(member): \(String(describing: error))")
                continue
            }
            #expect(found == member)
        }
    }
    private static func input(layout: String) -> JSONValue {
        [
            "width": 64, "height": 64, "color": "gray", "scale": 1, "letterbox_fill": 0, "letterbox_align": "top_left",
            "layout": .string(layout),
        ]
    }

    @Test func aModelThatIsNotThereIsMissed() throws {
        let file = try Self.spoilt { $0["file"] = "nowhere.tflite" }
        defer { try? FileManager.default.removeItem(at: file) }
        #expect(throws: ModelError.self) { try EstimatorCard(contentsOf: file) }
    }
}
