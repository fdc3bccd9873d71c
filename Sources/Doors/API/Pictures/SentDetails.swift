import Foundation
import HTTPEdge
import JSON
import Records

/// What is said of a picture that an event is to be made of: `docs/contract/events.md §8`.
struct SentDetails: Sendable {
    enum Origin: Sendable {
        case link(String)
        case bytes(ArraySlice<UInt8>, contentType: String)
    }
    /// When it was taken, and in seconds of its source's own clock.
    var time: Date?
    var offset: Double?
    /// The picture that it was cut out of.
    var origin: Origin?
    /// What is kept beside it, by the rest of the headers' names.
    var notes: [String: String] = [:]
    var meta: JSONValue?

    static let members: Set = ["detect_time", "detect_ts", "image_origin", "image_origin_mimetype", "meta"]
    static let longestMeta = 2 << 20, longestLink = 256
    static let offsets = 0...158_731_466_399.999
    private static let metaPrefix = "x-luna-meta-"

    init() {}
    /// Of an object that has these members beside others.
    init(_ reader: JSONReader) throws {
        time = try reader.present("detect_time")?.moment()
        offset = try reader.present("detect_ts")?.number(in: Self.offsets)
        origin = try Origin(reader.present("image_origin"), type: reader.present("image_origin_mimetype"))
        meta = try reader.present("meta")?.freeMeta()
    }
    /// - Parameter headers: of a part, names in lower case.
    mutating func note(_ headers: [String: String]) {
        for (name, value) in headers where name.hasPrefix(Self.metaPrefix) {
            notes[String(name.dropFirst(Self.metaPrefix.count))] = value
        }
    }
}

extension SentDetails.Origin {
    /// - Parameter type: of the picture, whose bytes the text is in Base64 then; `nil`: it is an address.
    init?(_ reader: JSONReader?, type: JSONReader?) throws {
        guard let reader else { return nil }
        guard let type else {
            self = .link(try reader.string(maximumLength: SentDetails.longestLink))
            return
        }
        let known = SentPicture.types.union(SentPicture.base64Types).sorted()
        let word = try type.string(oneOf: known)
        guard let data = Data(base64Encoded: try reader.string(), options: .ignoreUnknownCharacters), !data.isEmpty
        else { throw APIError.badBase64 }
        self = .bytes(ArraySlice(data), contentType: word)
    }
}

extension JSONReader {
    func moment() throws(JSONViolation) -> Date {
        guard let time = value.string.flatMap({ Date(rfc3339: $0) }) else {
            throw violation("Input should be a valid datetime")
        }
        return time
    }
    /// Free members, of 2 MB at most.
    func freeMeta() throws(JSONViolation) -> JSONValue {
        _ = try object()
        guard value.bytes.count <= SentDetails.longestMeta else { throw violation("Input should have at most 2 MB") }
        return value
    }
}
