public import Foundation
public import JSON
public import Streams

/// What the API tells of the daemon around it.
public struct DaemonView: Sendable {
    /// Of the parts that the daemon needs to do its work, besides the database.
    public var probes: [HealthProbe] = []
    /// What is wrong with streams that are being processed; those that are well need not be there.
    public var streamHealth: @Sendable () async -> [UUID: StreamHealth] = { [:] }
    /// Settings in force: section, key, value.
    public var configuration: [String: [String: JSONValue]] = [:]
    public var documents: Documents

    public init(documents: Documents) { self.documents = documents }
}
