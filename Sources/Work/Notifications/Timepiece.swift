public import Foundation

/// The time of day, and how to wait: the system's, or one that a test holds.
public struct Timepiece: Sendable {
    public let now: @Sendable () -> Date
    /// Returns when it is that time. Throws `CancellationError` when the task is cancelled before.
    public let sleepUntil: @Sendable (Date) async throws -> Void
    public init(
        now: @escaping @Sendable () -> Date, sleepUntil: @escaping @Sendable (Date) async throws -> Void
    ) {
        (self.now, self.sleepUntil) = (now, sleepUntil)
    }
    public static let system = Timepiece(
        now: { .now }, sleepUntil: { try await Task.sleep(for: .seconds(max(0, $0.timeIntervalSinceNow))) })

    /// Returns after so long.
    func sleep(for duration: Duration) async throws { try await sleepUntil(now() + duration / .seconds(1)) }
}
