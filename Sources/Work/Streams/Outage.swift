/// Says that something fails when that begins, every five minutes while it lasts, and when it is over, however often it is tried.
struct Outage {
    enum Word: Hashable { case begins, lasts(Duration), isOver(Duration) }
    private static let interval: Duration = .seconds(300)
    private var since: ContinuousClock.Instant?
    private var lastWord = ContinuousClock.now

    /// A try failed.
    mutating func fails(at now: ContinuousClock.Instant = .now) -> Word? {
        guard let since else {
            (since, lastWord) = (now, now)
            return .begins
        }
        guard now - lastWord >= Self.interval else { return nil }
        lastWord = now
        return .lasts(now - since)
    }
    /// A try went well.
    mutating func works(at now: ContinuousClock.Instant = .now) -> Word? {
        defer { since = nil }
        return since.map { .isOver(now - $0) }
    }
}
