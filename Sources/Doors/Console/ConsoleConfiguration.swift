public import Records

/// Everything an operator may tune about the console.
public struct ConsoleConfiguration: Hashable, Sendable {
    /// Whether its pages are there.
    public var isServed = true
    public init() {}

    public static let settings: [Setting<ConsoleConfiguration>] = [Setting("api.console", \.isServed)]
}
