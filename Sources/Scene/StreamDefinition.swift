public import Foundation
public import JSON

/// Where a stream's pictures come from: `data` on the wire.
public struct SourceRequest: Hashable, Sendable {
    public enum Kind: String, Sendable {
        /// Live: a slow consumer loses the oldest frames.
        case stream
        /// Lossless, as fast as it can be processed.
        case file = "videofile"
    }
    public enum TimestampSource: String, Sendable, CaseIterable {
        case auto, pts, server
        case frameRate = "frame_rate"
    }
    public var kind: Kind
    /// A URL or a path. May hold a password: show it only through `Redaction`.
    public var reference: String
    /// Whether to fetch the reference by HTTP GET before processing it.
    public var isDownloadable: Bool
    public var timestampSource: TimestampSource
    /// Clockwise rotation of the picture in degrees before anything sees it: 0, 90, 180 or 270.
    public var rotation: Int
    /// Added to every `pts`, in seconds; at least 0.
    public var startTime: Double

    public init(
        kind: Kind, reference: String, isDownloadable: Bool = false, timestampSource: TimestampSource = .auto,
        rotation: Int = 0, startTime: Double = 0
    ) {
        (self.kind, self.reference, self.isDownloadable) = (kind, reference, isDownloadable)
        (self.timestampSource, self.rotation, self.startTime) = (timestampSource, rotation, startTime)
    }
}

/// One analytic of a stream as its owner wrote it: `analytics[]` on the wire.
public struct AnalyticRequest: Hashable, Sendable {
    public var name: String
    public var parameters: JSONValue
    public init(name: String, parameters: JSONValue = .emptyObject) {
        (self.name, self.parameters) = (name, parameters)
    }
}

/// Everything the pipeline needs to run a stream.
public struct StreamDefinition: Hashable, Sendable, Identifiable {
    public let id: UUID
    public let accountID: UUID
    /// Raised by each replacement of the stream, so that what an older version reports is not taken for the newer's.
    public let version: Int
    public let source: SourceRequest
    public let analytics: [AnalyticRequest]
    /// Copied into events as it is: `location` on the wire.
    public let location: JSONValue
    public init(
        id: UUID, accountID: UUID, version: Int, source: SourceRequest, analytics: [AnalyticRequest],
        location: JSONValue
    ) {
        (self.id, self.accountID, self.version) = (id, accountID, version)
        (self.source, self.analytics, self.location) = (source, analytics, location)
    }
}

/// One version of one stream: what is said of an older one must not be taken for the newer.
public struct StreamVersion: Hashable, Sendable {
    public let id: UUID
    public let version: Int
    public init(id: UUID, version: Int) { (self.id, self.version) = (id, version) }
}
extension StreamDefinition {
    public var streamVersion: StreamVersion { StreamVersion(id: id, version: version) }
}

/// `status` of a stream on the wire.
public enum StreamStatus: Int, Sendable, CaseIterable {
    case pending = 0, inProgress = 1, done = 2, restart = 3, failure = 4, stop = 5

    public var name: String {
        switch self {
        case .pending: "pending"
        case .inProgress: "in_progress"
        case .done: "done"
        case .restart: "restart"
        case .failure: "failure"
        case .stop: "stop"
        }
    }
}
