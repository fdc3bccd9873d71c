public import Foundation
public import JSON
public import Media
import Records
public import Scene

/// A picture that a handler is given, decoded, with what is said of it.
public struct HandledPicture: Sendable {
    public enum Kind: Int, Sendable {
        /// Whoever is in it is looked for.
        case raw
        /// It is an aligned face, or the crop of a body, itself.
        case faceWarp, bodyWarp
    }
    /// Bytes that can be kept.
    public struct File: Sendable {
        public let bytes: [UInt8]
        public let contentType: String
        public init(bytes: [UInt8], contentType: String) { (self.bytes, self.contentType) = (bytes, contentType) }
    }
    /// The picture that this one was cut out of, or stands for.
    public enum Origin: Sendable {
        /// Of at most 256 characters.
        case link(String)
        case file(File)
    }
    public let kind: Kind
    public let still: StillPicture
    /// Of the file that it came in.
    public let bytes: [UInt8]
    /// Itself, in a form that is given back; asked for when it is to be kept.
    public let file: @Sendable () async throws -> File
    public var fileName = GeneratedEvent.rawImage
    /// Where somebody says that a face or a body is, in pixels of the picture as it was sent.
    public var face, body: BoundingBox?
    /// When it was taken, and in seconds of its source's own clock.
    public var time = Date.now
    public var offset: Double?
    public var origin: Origin?
    /// Where it was fetched from.
    public var link: String?
    /// The sample that it is.
    public var sample: UUID?
    /// What is kept beside it where it is kept as an origin, by the rest of the headers' names.
    public var notes: [String: String] = [:]
    public var meta: JSONValue?

    public init(
        _ kind: Kind, _ still: StillPicture, bytes: [UInt8], file: @escaping @Sendable () async throws -> File
    ) {
        (self.kind, self.still, self.bytes, self.file) = (kind, still, bytes, file)
    }
}

/// What is said of an event by whoever wants it made.
public struct EventData: Sendable {
    /// `nil`: when it is made; when it begins.
    public var begin, end: Date?
    public var source, trackID: String?
    public var streamID: UUID?
    public var externalID = "", userData = ""
    public var tags: [String]?
    /// As events tell it.
    public var location: JSONValue?
    public var meta: JSONValue?
    public init() {}

    /// Of an event.
    var members: [String: JSONValue] {
        var members: [String: JSONValue] = ["external_id": .string(externalID), "user_data": .string(userData)]
        members["source"] = source.map { .string($0) }
        members["track_id"] = trackID.map { .string($0) }
        members["stream_id"] = streamID.map { .string($0.wire) }
        members["location"] = location
        members["meta"] = meta
        return members
    }
}
