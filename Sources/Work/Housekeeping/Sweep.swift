public import Foundation

/// Something old that is removed again and again.
public struct Sweep: Sendable {
    /// For the log: what is removed.
    public let name: String
    /// Between the end of one sweep and the next.
    public let interval: Duration
    /// Removes what is old at the given time and returns how much that was.
    public let run: @Sendable (Date) async throws -> Int

    public init(name: String, interval: Duration, run: @escaping @Sendable (Date) async throws -> Int) {
        (self.name, self.interval, self.run) = (name, interval, run)
    }
}
