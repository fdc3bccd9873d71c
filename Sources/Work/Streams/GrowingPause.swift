/// The pause between two tries: twice as long each time, up to a limit.
struct GrowingPause {
    private let first, limit: Duration
    private var next: Duration

    init(from first: Duration = .milliseconds(100), upTo limit: Duration = .seconds(5)) {
        (self.first, self.limit, next) = (first, limit, first)
    }

    /// - Throws: `CancellationError` at once when the task is cancelled.
    mutating func wait() async throws {
        defer { next = min(next * 2, limit) }
        try await Task.sleep(for: next)
    }
    /// The next pause is the first one again.
    mutating func reset() { next = first }
}
