public import Foundation
public import JSON
public import Scene

/// Everything the pipeline needs to run a stream.
public struct StreamDefinition: Hashable, Sendable, Identifiable {
    public let id: UUID
    public let accountID: UUID
    /// Raised by each replacement of the stream, so that what an older version reports is not taken for the newer's.
    public let version: Int
    /// As its owner calls it; events say it as their `source`.
    public let name: String
    public let source: SourceSpecification
    public let analytics: [AnalyticChoice]
    /// Copied into events as it is: `location` on the wire.
    public let location: JSONValue
    /// What its pictures show nobody; `nil`: nothing is hidden.
    public let privacy: Privacy?
    public init(
        id: UUID, accountID: UUID, version: Int, name: String = "", source: SourceSpecification,
        analytics: [AnalyticChoice], location: JSONValue, privacy: Privacy? = nil
    ) {
        (self.id, self.accountID, self.version, self.name) = (id, accountID, version, name)
        (self.source, self.analytics, self.location, self.privacy) = (source, analytics, location, privacy)
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
