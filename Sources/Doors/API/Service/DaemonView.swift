public import Foundation
public import JSON
import Records
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
    /// How it fares now.
    public var status: @Sendable () async -> SystemStatus = { SystemStatus() }
    /// The last so many lines of its log, without secrets, the oldest of them first.
    public var log: @Sendable (_ count: Int) -> [String] = { _ in [] }

    public init(documents: Documents) { self.documents = documents }

    /// Settings in force as anybody may see them who may see any.
    var shownConfiguration: JSONValue {
        .object(
            configuration.mapValues { section in
                .object(Dictionary(uniqueKeysWithValues: section.map { ($0.key, Self.shown($0.value, of: $0.key)) }))
            })
    }
    /// A secret is hidden whole; in any other text, secrets inside addresses are.
    private static func shown(_ value: JSONValue, of key: String) -> JSONValue {
        let isSecret =
            ["PASSWORD", "SECRET", "TOKEN"].contains { key.hasSuffix($0) } || value.string == Redaction.mask
        return isSecret && value != .null ? "********" : value.withoutSecrets
    }
}
