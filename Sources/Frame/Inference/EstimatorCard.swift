public import Foundation
import JSON

/// What must be known about a model that estimates something of a face that is known. A JSON file like `ModelCard`, with the part of the face that
/// the model is shown, and with how large and how good a face must be for what it says to be worth anything.
public struct EstimatorCard: NetworkCard, Hashable {
    /// How the network's numbers are read.
    public enum Head: String, Sendable, CaseIterable {
        /// `probabilities` [1, 7]: how likely each emotion of `classes` is.
        case emotions
        /// `probabilities` [1, C]: how likely each year of age is, from 0 on.
        case age
        /// `probabilities` [1, 2]: how likely each of `classes` is, `female` and `male`.
        case gender
        /// `points` [1, 1, 1, 1404]: x, y, z of 468 points in pixels of the input; `presence` [1, 1, 1, 1]: whether there is a face, as a logit.
        case faceMesh = "face_mesh"
        /// `contour` [1, 213]: 71 points around an eye, x, y, z in pixels of the input; `iris` [1, 15]: the middle of the iris, and four points
        /// of its edge.
        case iris

        /// What the card calls the outputs.
        var outputs: [String] {
            switch self {
            case .emotions, .age, .gender: ["probabilities"]
            case .faceMesh: ["points", "presence"]
            case .iris: ["contour", "iris"]
            }
        }
        /// How many numbers each has; `nil` for any number.
        public var counts: [Int?] {
            switch self {
            case .emotions: [7]
            case .age: [nil]
            case .gender: [2]
            case .faceMesh: [1404, 1]
            case .iris: [213, 15]
            }
        }
        /// Names of the classes that a card must put into an order.
        var classes: Set<String> {
            switch self {
            case .emotions: ["anger", "disgust", "fear", "happiness", "neutral", "sadness", "surprise"]
            case .gender: ["female", "male"]
            case .age, .faceMesh, .iris: []
            }
        }
    }
    /// The square that the model is shown.
    public struct Crop: Hashable, Sendable {
        /// Its upper left corner and its side, in pixels of the aligned face, see `FaceWarp`; of a model that is shown an eye, the side in
        /// widths of that, around its middle.
        public var x, y, side: Double
    }
    /// For less than this nothing is estimated.
    public struct Gate: Hashable, Sendable {
        /// Height of the face's box, in pixels of the picture.
        public var height: Float
        /// `WarpQuality.blurriness`, which is 1 for a sharp face.
        public var sharpness: Double
        /// The most that the head is turned, either way, in degrees.
        public var yaw, pitch: Double
        public init(height: Float, sharpness: Double, yaw: Double, pitch: Double) {
            (self.height, self.sharpness, self.yaw, self.pitch) = (height, sharpness, yaw, pitch)
        }
    }

    public var name: String
    public var description: String
    public var file: URL
    public var sha256: String?
    public var input: ModelCard.Input
    public var head: Head
    /// In the order of the head's own.
    public var outputs: [String]
    public var classes: [String]
    public var crop: Crop
    public var gate: Gate

    /// - Throws: `ModelError`.
    public init(contentsOf url: URL) throws(ModelError) {
        try self.init(describedBy: url)
        guard isFileReadable else { throw .missingModel(path: file.path) }
    }
    /// The same, whether the model's file is there or not.
    /// - Throws: `ModelError`.
    public init(describedBy url: URL) throws(ModelError) {
        let folder = url.deletingLastPathComponent()
        self = try url.cardDocument { (card) throws(JSONViolation) in try Self(card, beside: folder) }
    }

    private init(_ card: JSONReader, beside folder: URL) throws(JSONViolation) {
        head = Head(rawValue: try card.required("head").string(oneOf: Head.allCases.map(\.rawValue)))!
        if let task = try card.optional("task") { _ = try task.string(oneOf: ["face_estimate"]) }
        name = try card.required("name").string(maximumLength: 128)
        description = try card.optional("description")?.string() ?? ""
        file = URL(fileURLWithPath: try card.required("file").string(), relativeTo: folder).standardizedFileURL
        sha256 = try card.optional("sha256")?.string().lowercased()
        input = try ModelCard.readInput(try card.required("input"))
        outputs = []
        let names = try card.required("outputs")
        for name in head.outputs { outputs.append(try names.required(name).string()) }
        classes = []
        if !head.classes.isEmpty {
            let given = try card.required("classes")
            for item in try given.items(minimum: 1) { classes.append(try item.string()) }
            guard Set(classes) == head.classes, classes.count == head.classes.count else {
                let wanted = head.classes.sorted().joined(separator: ", ")
                throw given.violation("the classes should be, in the model's order: \(wanted)")
            }
        }
        crop = try Crop(try card.required("crop"))
        gate = try Gate(try card.required("gate"))
    }
}

extension EstimatorCard.Crop {
    fileprivate init(_ reader: JSONReader) throws(JSONViolation) {
        x = try reader.optional("x")?.number(in: -1000...1000) ?? 0
        y = try reader.optional("y")?.number(in: -1000...1000) ?? 0
        side = try reader.required("side").number(in: 0.1...2000)
    }
}
extension EstimatorCard.Gate {
    fileprivate init(_ reader: JSONReader) throws(JSONViolation) {
        self.init(
            height: Float(try reader.required("height").number(in: 0...10_000)),
            sharpness: try reader.required("sharpness").number(in: 0...1),
            yaw: try reader.required("yaw").number(in: 0...180),
            pitch: try reader.required("pitch").number(in: 0...180))
    }
}
