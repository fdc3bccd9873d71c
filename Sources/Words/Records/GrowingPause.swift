/// The pause between two tries: twice as long each time, up to a limit, and cut short by chance to between a half and the whole,
/// so that what broke at one moment is not tried again at one moment.
public struct GrowingPause: Sendable {
    private let first, limit: Duration
    private let chance: @Sendable () -> Double
    private var whole: Duration

    /// - Parameters:
    ///   - tries: that there were already.
    ///   - chance: gives numbers from 0 to 1.
    public init(
        from first: Duration = .milliseconds(100), upTo limit: Duration = .seconds(5), after tries: Int = 0,
        chance: @escaping @Sendable () -> Double = { .random(in: 0..<1) }
    ) {
        (self.first, self.limit, self.chance) = (first, limit, chance)
        whole = min(first * (1 << min(max(tries, 0), 30)), limit)
    }

    /// The next pause.
    public mutating func next() -> Duration {
        defer { whole = min(whole * 2, limit) }
        return whole * (1 - chance() / 2)
    }
    /// - Parameter spent: how much of the pause is over already.
    /// - Throws: `CancellationError` at once when the task is cancelled.
    public mutating func wait(after spent: Duration = .zero) async throws { try await Task.sleep(for: next() - spent) }
    /// The next pause is the first one again.
    public mutating func reset() { whole = first }
}
