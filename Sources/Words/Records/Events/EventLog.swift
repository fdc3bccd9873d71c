/// Where events become durable: the daemon's database, or memory in tests.
public protocol EventLog: Sendable {
    /// Stores the `opened` and `closed` updates (others are ignored) together with the deliveries that are due, and returns
    /// when they are kept and no longer the caller's concern. Said twice, an update is stored once. While nothing can take them
    /// the caller waits; one whose task is cancelled waits a moment at most.
    /// - Returns: `nil` when they are on disk, and with them all that was recorded of the stream before; a ticket while they are
    ///   in memory alone. Nobody outside is told of them before `untilDurable` says so.
    /// - Throws: when they can never be stored, or the task is cancelled and nothing takes them; then none of them was.
    func record(
        _ updates: [EventUpdate], deliveries: [Delivery], of stream: StreamDefinition
    ) async throws -> EventTicket?
    /// Adds what was counted to what is kept of the same minutes.
    func add(_ minutes: [PeopleMinute]) async throws
    /// Keeps why events began, went on and ended.
    /// - Returns: those whose events are not there yet.
    func add(_ traces: [KeptTrace]) async throws -> [KeptTrace]
    /// Returns when all that was recorded up to `ticket` is on disk.
    /// - Returns: false when some of it never will be, or the calling task is cancelled.
    func untilDurable(_ ticket: EventTicket) async -> Bool
}
extension EventLog {
    public func add(_ minutes: [PeopleMinute]) async throws {}
    public func add(_ traces: [KeptTrace]) async throws -> [KeptTrace] { [] }
}

/// The place of what was recorded among all that went into memory: what has the lower reaches the disk first.
public struct EventTicket: Hashable, Comparable, Sendable {
    public let number: Int
    public init(_ number: Int) { self.number = number }
    public static func < (a: Self, b: Self) -> Bool { a.number < b.number }
}
