/// Where events become durable: the daemon's database, or memory in tests.
public protocol EventLog: Sendable {
    /// Stores the `opened` and `closed` updates (others are ignored) together with the deliveries that are due, and returns
    /// when they are kept and no longer the caller's concern. Said twice, an update is stored once. While nothing can take them
    /// the caller waits; one whose task is cancelled waits a moment at most.
    /// - Throws: when they can never be stored, or the task is cancelled and nothing takes them; then none of them was.
    func record(_ updates: [EventUpdate], deliveries: [Delivery], of stream: StreamDefinition) async throws
}
