/// Looks whether a part of the daemon does its work; asked when somebody wants to know.
public struct HealthProbe: Sendable {
    /// Of the part, as the health check shows it.
    public let name: String
    /// Whether it is asked always, since without the part the daemon does not do its work; else on request.
    public let isVital: Bool
    /// Throws when the part does not do its work; the error's description is shown to anybody who asks.
    public let check: @Sendable () async throws -> Void
    public init(name: String, isVital: Bool = false, check: @escaping @Sendable () async throws -> Void) {
        (self.name, self.isVital, self.check) = (name, isVital, check)
    }
}
