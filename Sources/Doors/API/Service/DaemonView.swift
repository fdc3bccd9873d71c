public import JSON

/// What the API tells of the daemon around it.
public struct DaemonView: Sendable {
    /// Of the parts that the daemon needs to do its work, besides the database.
    public var probes: [HealthProbe] = []
    /// Settings in force: section, key, value.
    public var configuration: [String: [String: JSONValue]] = [:]
    public var documents: Documents

    public init(documents: Documents) { self.documents = documents }
}
