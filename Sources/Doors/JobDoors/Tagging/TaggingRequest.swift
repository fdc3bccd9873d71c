import HTTPTypes
import JSON
import Jobs

/// What `POST /process` is sent (`docs/contract/jobs.md` §4.1).
struct TaggingRequest: Sendable {
    static let documentLimit = 1000
    /// Of all that is in a body, members of documents too.
    static let valueLimit = 1_000_000
    private static let standardCount = 5

    let documents: [TaggingDocument]
    let form: Tagger.Form

    /// - Throws: `TaggingError`.
    init(_ bytes: [UInt8], output: JobDoorConfiguration.TaggingOutput) throws {
        let value: JSONValue
        guard JSONScan(bytes).mostValues <= Self.valueLimit else {
            throw TaggingError.tooManyValues(limit: Self.valueLimit)
        }
        do { value = try JSONValue(parsing: bytes) } catch { throw TaggingError("JSONDecodeError", "\(error)") }
        guard let documents = value["documents"]?.array else {
            throw TaggingError("TypeError", "Expected a list of Documents")
        }
        guard documents.count <= Self.documentLimit else {
            throw TaggingError.tooManyDocuments(limit: Self.documentLimit)
        }
        self.documents = documents.map(TaggingDocument.init)
        // Whatever is wanted of classes must be readable, also where nobody wants any.
        let count = try Self.count(value["num_labels"]) ?? Self.count(value["num_classes"]) ?? Self.standardCount
        form = output == .counts || value["prompt"] == "OD" ? .counts : .classes(count: count)
    }

    /// Within `1...1000`; `nil`: nothing is said.
    private static func count(_ value: JSONValue?) throws -> Int? {
        let limits = 1...1000
        func clamped(_ count: Int64) -> Int { Int(min(max(count, Int64(limits.lowerBound)), Int64(limits.upperBound))) }
        switch value {
        case nil, .null, .string(""): return nil
        case .string(let text):
            let digits = text.hasPrefix("-") || text.hasPrefix("+") ? text.dropFirst() : text[...]
            guard !digits.isEmpty, digits.utf8.allSatisfy({ (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) })
            else { throw TaggingError("ValueError", "num_labels is no number") }
            return Int64(text).map(clamped) ?? (text.hasPrefix("-") ? limits.lowerBound : limits.upperBound)
        case let value?:
            guard let count = value.integer else { throw TaggingError("ValueError", "num_labels is no whole number") }
            return clamped(count)
        }
    }
}

/// One of its documents.
struct TaggingDocument: Sendable {
    private static let pictures: Set = ["jpeg", "jpg", "tiff", "png", "tif", "gif", "bmp"]
    private static let videos: Set = ["mp4", "mov", "avi", "wmv", "flv", "webm", "mkv"]
    let value: JSONValue

    /// As it is listed when it has no tags.
    var id: String {
        switch value["id"] {
        case .string(let text): text
        case .integer(let number): "\(number)"
        default: ""
        }
    }
    /// `nil`: of no kind that is looked at.
    var medium: Tagger.Medium? {
        guard let type = value["source"]?["file_type"]?.string?.lowercased() else { return nil }
        return Self.pictures.contains(type) ? .picture : Self.videos.contains(type) ? .video : nil
    }
    /// `nil`: there is none.
    var bytes: [UInt8]? {
        guard var text = value["source"]?["content"]?.string.map({ Substring($0) }) else { return nil }
        if text.hasPrefix("data:") { text = text.drop { $0 != "," }.dropFirst() }
        return [UInt8](lenientBase64: text)
    }

    /// With its tags in place of its content.
    func wire(_ tags: Tags) -> JSONValue {
        var source = value["source"]?.object ?? [:]
        source["content"] = tags.wire
        return ["id": value["id"] ?? .null, "index": value["index"] ?? .null, "source": .object(source)]
    }
}

extension Tags {
    fileprivate var wire: JSONValue {
        switch self {
        case .classes(let classes):
            .array(classes.map { ["label": .string($0.name), "probability": .number($0.probability)] })
        case .counts(let counts):
            .array(counts.sorted { $0.key < $1.key }.map { [$0.key: .integer(Int64($0.value))] })
        }
    }
}

extension [UInt8] {
    /// What base64 stands for; all that is none of its letters is passed over, and it may break off anywhere.
    init(lenientBase64 text: Substring) {
        self = []
        reserveCapacity(text.utf8.count / 4 * 3)
        var bits: UInt32 = 0, count = 0
        for byte in text.utf8 {
            let value: UInt8
            switch byte {
            case UInt8(ascii: "A")...UInt8(ascii: "Z"): value = byte - UInt8(ascii: "A")
            case UInt8(ascii: "a")...UInt8(ascii: "z"): value = byte - UInt8(ascii: "a") + 26
            case UInt8(ascii: "0")...UInt8(ascii: "9"): value = byte - UInt8(ascii: "0") + 52
            case UInt8(ascii: "+"): value = 62
            case UInt8(ascii: "/"): value = 63
            default: continue
            }
            bits = bits << 6 | UInt32(value)
            count += 6
            if count >= 8 {
                count -= 8
                append(UInt8(truncatingIfNeeded: bits >> UInt32(count)))
            }
        }
    }
}
