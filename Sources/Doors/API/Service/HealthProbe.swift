/// Looks whether a part of the daemon does its work; asked when somebody wants to know.
public struct HealthProbe: Sendable {
    /// Of the part, as the health check shows it.
    public let name: String
    /// Throws when the part does not do its work; the error's description is shown to anybody who asks.
    public let check: @Sendable () async throws -> Void
    public init(name: String, check: @escaping @Sendable () async throws -> Void) {
        (self.name, self.check) = (name, check)
    }
}
