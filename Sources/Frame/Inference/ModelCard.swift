public import Foundation
import JSON
public import Scene

/// What must be known about a model to use it: a JSON file beside the model, so that an operator can bring another.
public struct ModelCard: NetworkCard, Hashable {
    /// What the model is for.
    public enum Task: String, Sendable, CaseIterable {
        /// Finds people, whole bodies.
        case person
        /// Finds faces, with five points each.
        case face
    }
    /// How the network's numbers become boxes.
    public enum Head: String, Sendable, CaseIterable {
        /// `boxes` [1, A, 4]: x1, y1, x2, y2 in input pixels; `scores` [1, A, C] in `0...1`.
        case boxesScores = "boxes_scores"
        /// One output [1, A, 5 + C]: centre and size to be decoded on grids of stride 8, 16, 32, objectness, class scores.
        case yolox
        /// One output [1, 4 + C, A]: centre x, centre y, width, height in input pixels, class scores.
        case yolov8
        /// Of faces, on grids of stride 8, 16, 32: class scores and objectness [1, A, 1], boxes [1, A, 4], points [1, A, 10].
        case yunet

        /// Of faces, on a grid of stride 4: heat map [1, 1, H/4, W/4], scales and offsets [1, 2, H/4, W/4], points [1, 10, H/4, W/4].
        case centerface

        /// Of the grids that the numbers belong to, in pixels of the input; none where they are pixels already.
        var strides: [Int] {
            switch self {
            case .boxesScores, .yolov8: []
            case .yolox, .yunet: [8, 16, 32]
            case .centerface: [4]
            }
        }
        /// What the card calls the outputs.
        var outputs: [String] {
            switch self {
            case .boxesScores: ["boxes", "scores"]
            case .yolox, .yolov8: ["output"]
            case .centerface: ["heat_map", "scale", "offset", "points"]
            case .yunet: ["cls", "obj", "bbox", "kps"].flatMap { name in strides.map { "\(name)_\($0)" } }
            }
        }
        var task: Task {
            switch self {
            case .boxesScores, .yolox, .yolov8: .person
            case .yunet, .centerface: .face
            }
        }
    }
    /// Regions of more pixels are looked at with the large input, where there is one.
    public static let largeRegion = 1280 * 720
    /// Confidences on the model's own scale, `0...1`.
    public struct Thresholds: Hashable, Sendable {
        /// A detection this sure is a person, where single frames are counted.
        public var confidence: Float
        /// Less sure ones down to this are kept for the tracker's second stage.
        public var candidate: Float
        /// A detection this sure is covered where people are hidden: a cover too many harms nobody.
        public var cover: Float
        /// Boxes that overlap a surer one by more than this are dropped.
        public var nmsIoU: Float
        /// What scores mean: pairs of a score and of how many of those who have it are what is looked for, both rising.
        public var calibration: [Likelihood] = []
        /// The tracker's own, see `TrackerConfiguration`; absent ones keep its defaults.
        public var birth, high, low, still: Float?
        public init(
            confidence: Float, candidate: Float, cover: Float? = nil, nmsIoU: Float, birth: Float? = nil,
            high: Float? = nil, low: Float? = nil, still: Float? = nil
        ) {
            (self.confidence, self.candidate, self.nmsIoU) = (confidence, candidate, nmsIoU)
            self.cover = cover ?? max(candidate, 0.6 * confidence)
            (self.birth, self.high, self.low, self.still) = (birth, high, low, still)
        }
    }

    /// How many of the detections with a score are what is looked for, `0...1`.
    public struct Likelihood: Hashable, Sendable {
        public var score, precision: Float
        public init(score: Float, precision: Float) { (self.score, self.precision) = (score, precision) }
    }

    public var name: String
    public var description: String
    /// The one of its head.
    public var task: Task { head.task }
    /// The model file.
    public var file: URL
    /// Lower-case hexadecimal; checked when present.
    public var sha256: String?
    public var input: Input
    public var head: Head
    /// Names of the network's outputs, in the order of the head's own.
    public var outputs: [String]
    public var classes: [String]
    /// Index of the class that is a person.
    public var personClass: Int
    public var thresholds: Thresholds
    /// `nil`: whom the model is sure of are counted, and nobody else.
    public var counting: CountCalibration?
}

/// Why a model cannot be used; each case is one sentence for the operator.
public enum ModelError: Error, Hashable, Sendable, CustomStringConvertible {
    case unreadableCard(path: String, reason: String)
    case invalidCard(path: String, member: String, reason: String)
    case missingModel(path: String)
    case wrongHash(path: String, expected: String, found: String)
    case wrongTask(path: String, expected: ModelCard.Task, found: ModelCard.Task)

    public var description: String {
        switch self {
        case .unreadableCard(let path, let reason): "The model card \(path) cannot be read: \(reason)."
        case .invalidCard(let path, let member, let reason):
            "The model card \(path) is wrong at '\(member)': \(reason)."
        case .missingModel(let path): "The model card names the file \(path), which is not there."
        case .wrongHash(let path, let expected, let found):
            "The model \(path) has the SHA-256 \(found), but its card says \(expected)."
        case .wrongTask(let path, let expected, let found):
            "The model card \(path) is of a model for the task '\(found.rawValue)'; one for '\(expected.rawValue)' is wanted."
        }
    }
}

extension ModelCard {
    /// Reads a card.
    /// - Throws: `ModelError`.
    public init(contentsOf url: URL) throws(ModelError) {
        self = try url.cardDocument { (card) throws(JSONViolation) in
            try Self.read(card, beside: url.deletingLastPathComponent())
        }
        guard isFileReadable else { throw .missingModel(path: file.path) }
    }

    private static func read(_ card: JSONReader, beside folder: URL) throws(JSONViolation) -> ModelCard {
        let head = Head(rawValue: try card.required("head").string(oneOf: Head.allCases.map(\.rawValue)))!
        if let task = try card.optional("task") { try check(task, of: head) }
        let outputs = try card.required("outputs")
        var outputNames: [String] = []
        for name in head.outputs { outputNames.append(try outputs.required(name).string()) }
        var classes: [String] = []
        for item in try card.required("classes").items(minimum: 1) { classes.append(try item.string()) }
        let input = try readInput(try card.required("input"))
        let counting = try card.optional("counting").map { (reader) throws(JSONViolation) in
            try CountCalibration(reader, input: PixelSize(width: input.width, height: input.height))
        }
        return ModelCard(
            name: try card.required("name").string(maximumLength: 128),
            description: try card.optional("description")?.string() ?? "",
            file: URL(fileURLWithPath: try card.required("file").string(), relativeTo: folder).standardizedFileURL,
            sha256: try card.optional("sha256")?.string().lowercased(),
            input: input, head: head, outputs: outputNames, classes: classes,
            personClass: try card.required("person_class").integer(in: 0...(classes.count - 1)),
            thresholds: try readThresholds(try card.required("thresholds")), counting: counting)
    }

    private static func check(_ reader: JSONReader, of head: Head) throws(JSONViolation) {
        let name = try reader.string()
        guard let task = Task(rawValue: name) else {
            let known = Task.allCases.map { "'\($0.rawValue)'" }.joined(separator: ", ")
            throw reader.violation("the task '\(name)' is none of those known: \(known)")
        }
        guard task == head.task else {
            throw reader.violation("the head '\(head.rawValue)' is for the task '\(head.task.rawValue)', not '\(name)'")
        }
    }

    private static func readThresholds(_ reader: JSONReader) throws(JSONViolation) -> Thresholds {
        func optional(_ key: String) throws(JSONViolation) -> Float? {
            try reader.optional(key).map { (value) throws(JSONViolation) in Float(try value.number(in: 0...1)) }
        }
        let confidence = Float(try reader.required("confidence").number(in: 0...1))
        var thresholds = Thresholds(
            confidence: confidence, candidate: try optional("candidate") ?? confidence / 2,
            cover: try optional("cover"), nmsIoU: Float(try reader.required("nms_iou").number(in: 0...1)),
            birth: try optional("birth"), high: try optional("high"), low: try optional("low"),
            still: try optional("still"))
        thresholds.calibration = try reader.optional("calibration").map(readCalibration) ?? []
        return thresholds
    }
    private static func readCalibration(_ reader: JSONReader) throws(JSONViolation) -> [Likelihood] {
        var points: [Likelihood] = []
        for item in try reader.items(minimum: 2) {
            let pair = try item.items(minimum: 2, maximum: 2)
            let point = Likelihood(
                score: Float(try pair[0].number(in: 0...1)), precision: Float(try pair[1].number(in: 0...1)))
            if let last = points.last, point.score <= last.score || point.precision < last.precision {
                throw item.violation("scores and how likely they are should rise")
            }
            points.append(point)
        }
        return points
    }
}

extension ModelCard.Thresholds {
    /// How likely a detection is what is looked for, between the points that the card has; the score itself where it has none.
    public func likelihood(of score: Float) -> Float {
        guard let first = calibration.first, let last = calibration.last else { return score }
        if score <= first.score { return first.score > 0 ? first.precision * score / first.score : first.precision }
        guard let index = calibration.firstIndex(where: { $0.score >= score }) else { return last.precision }
        let (low, high) = (calibration[index - 1], calibration[index])
        return low.precision + (high.precision - low.precision) * (score - low.score) / (high.score - low.score)
    }
}

extension ModelCard.Thresholds {
    /// The same for whom another confidence is asked for than the model's own: all others keep their places between nothing, it, and
    /// certainty.
    public func moved(to confidence: Float) -> Self {
        func moved(_ value: Float) -> Float { move(value, to: confidence) }
        var result = self
        (result.confidence, result.candidate, result.cover) = (confidence, moved(candidate), moved(cover))
        (result.birth, result.high) = (birth.map(moved), high.map(moved))
        (result.low, result.still) = (low.map(moved), still.map(moved))
        return result
    }

    /// Whether a detection lies just under the confidence: at two thirds of it or more.
    public func doubts(_ score: Float) -> Bool { score < confidence && score >= confidence * 2 / 3 }

    /// Where a confidence on the model's scale comes to lie when the model's own is moved.
    public func move(_ value: Float, to confidence: Float) -> Float {
        if value <= self.confidence {
            return self.confidence > 0 ? value * confidence / self.confidence : confidence
        }
        return confidence + (value - self.confidence) * (1 - confidence) / (1 - self.confidence)
    }
}

extension ModelCard {
    /// The same model with another input.
    public func with(_ size: PixelSize, batch: Int = 1) -> ModelCard {
        var card = self
        (card.input.width, card.input.height, card.input.batch) = (size.width, size.height, batch)
        return card
    }
}

extension CountCalibration {
    fileprivate init(_ reader: JSONReader, input: PixelSize) throws(JSONViolation) {
        self.init(
            floor: Float(try reader.required("floor").number(in: 0...1)),
            intercept: try reader.coefficient("intercept"),
            score: try reader.coefficient("score"), height: try reader.coefficient("height"),
            heightSquared: try reader.coefficient("height_squared"), inside: try reader.coefficient("inside"),
            alike: try reader.coefficient("alike"), presence: try Presence(reader.required("presence")), input: input)
    }
}
extension CountCalibration.Presence {
    fileprivate init(_ reader: JSONReader) throws(JSONViolation) {
        self.init(
            least: Float(try reader.required("least").number(in: 0...1)),
            intercept: try reader.coefficient("intercept"),
            first: try reader.coefficient("first"), second: try reader.coefficient("second"),
            third: try reader.coefficient("third"), sum: try reader.coefficient("sum"))
    }
}

extension JSONReader {
    fileprivate func coefficient(_ key: String) throws(JSONViolation) -> Float {
        Float(try required(key).number(in: -100...100))
    }
}
