public import Scene

/// Where the hub makes events durable.
public protocol EventStore: Sendable {
    /// Stores the `opened` and `closed` updates (others are ignored) and returns when they are on disk.
    func record(_ updates: [EventUpdate], of stream: StreamDefinition) async throws
}
