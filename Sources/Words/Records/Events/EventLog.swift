/// Where events become durable: the daemon's database, or memory in tests.
public protocol EventLog: Sendable {
    /// Stores the `opened` and `closed` updates (others are ignored) together with the deliveries that are due, and returns
    /// when they are kept and no longer the caller's concern. Said twice, an update is stored once.
    /// - Throws: when they could not be stored; then none of them was.
    func record(_ updates: [EventUpdate], deliveries: [Delivery], of stream: StreamDefinition) async throws
}
