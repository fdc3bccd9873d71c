import Foundation
public import JSON

/// What the anonymisation of a file was asked for, as its job keeps it (`docs/contract/jobs.md` §6).
public struct CoverRequest: Hashable, Sendable {
    /// How what was sent is called among the objects of its job.
    public static let uploadName = "upload"
    /// For which results are kept, and uploads at most.
    public static let keeping = Duration.seconds(7 * 86_400)
    /// Of a file, in bytes.
    public static let largest = 4_294_967_296
    /// Of one account, that are not over, at most.
    public static let waitingLimit = 1000
    /// What says of an object that it is a file of the archive that was sent.
    static let entryKey = "Entry"
    /// What says of an object that it is a finished part of a video that is being covered: of which item, of which look, which one.
    static let partKey = "Part"
    /// Of files that are taken.
    public static let endings: Set = [
        "mp4", "mkv", "webm", "ts", "mov", "avi", "mts", "jpg", "png", "jpeg", "bmp", "zip", "rar", "7z",
    ]
    /// The ending of a name, with its point, when it is none of those; one without any is known by its bytes.
    public static func unknownEnding(of name: String) -> String? {
        let ending = FileName(name).ending.lowercased()
        return ending.isEmpty || endings.contains(String(ending.dropFirst())) ? nil : ending
    }

    /// The last part of a path, where that is a name of 1 to 255 bytes without control characters.
    public static func name(of path: String) -> String? {
        // By scalars: "/" and a mark that combines with it are one character.
        let name = path.unicodeScalars.split { $0 == "/" || $0 == "\\" }.last.map { String($0) } ?? ""
        guard !name.isEmpty, name != ".", name != "..", name.utf8.count <= 255,
            !name.unicodeScalars.contains(where: { $0.value < 0x20 || (0x7f...0x9f).contains($0.value) })
        else { return nil }
        return name
    }

    public var fileName: String
    /// In bytes; `nil`: nobody said.
    public var fileSize: Int?
    public var wishes: CoverWishes
    /// As it was sent.
    public var configuration: JSONValue
    /// Whether nobody has to approve of it.
    public var needsNoApproval: Bool
    /// Of one that needs no approval: credits that its account may have used with it; `nil`: any.
    public var creditLimit: Int?

    public init(
        fileName: String, fileSize: Int?, wishes: CoverWishes, configuration: JSONValue, needsNoApproval: Bool
    ) {
        (self.fileName, self.fileSize, self.wishes) = (fileName, fileSize, wishes)
        (self.configuration, self.needsNoApproval) = (configuration, needsNoApproval)
    }

    public init(_ parameters: JSONValue) {
        self.init(
            fileName: parameters["file_name"]?.string ?? "",
            fileSize: parameters["file_size"]?.integer.map(Int.init),
            wishes: CoverWishes(parameters["wishes"] ?? [:]), configuration: parameters["model_config"] ?? [:],
            needsNoApproval: parameters["needs_no_approval"]?.bool ?? false)
        creditLimit = parameters["credit_limit"]?.integer.map(Int.init)
    }
    public var parameters: JSONValue {
        [
            "file_name": .string(fileName), "file_size": fileSize.map { .integer(Int64($0)) } ?? .null,
            "wishes": wishes.json, "model_config": configuration, "needs_no_approval": .bool(needsNoApproval),
            "credit_limit": creditLimit.map { .integer(Int64($0)) } ?? .null,
        ]
    }
}

/// Whom and how: `model_config`.
public struct CoverWishes: Hashable, Sendable {
    public var faces = true
    /// Least confidence of a face, on the contract's scale: 0.5 is where the model is best.
    public var threshold = 0.5
    /// Whether the form of a face is covered, and not a circle.
    public var isShaped = true
    /// Whether large pictures are looked at in parts too.
    public var slices = false
    /// Whole people.
    public var bodies = false
    /// Whether people are followed through the frames in which a model misses them.
    public var follows = true
    public init() {}

    init(_ json: JSONValue) {
        faces = json["faces"]?.bool ?? faces
        threshold = json["threshold"]?.double ?? threshold
        isShaped = json["is_shaped"]?.bool ?? isShaped
        slices = json["slices"]?.bool ?? slices
        bodies = json["bodies"]?.bool ?? bodies
        follows = json["follows"]?.bool ?? follows
    }
    var json: JSONValue {
        [
            "faces": .bool(faces), "threshold": .number(threshold), "is_shaped": .bool(isShaped),
            "slices": .bool(slices), "bodies": .bool(bodies), "follows": .bool(follows),
        ]
    }

    /// A confidence on the scale of a model: 0 and 1 are themselves, 0.5 is from where on it is sure, and between these it is straight.
    static func confidence(_ threshold: Double, sureFrom point: Float) -> Float {
        let threshold = Float(threshold)
        return threshold <= 0.5 ? threshold * 2 * point : point + (threshold - 0.5) * 2 * (1 - point)
    }
}
