public import Records

/// How fast a job goes and how long it will take, from how far it was in the last half minute.
struct JobPace: Sendable {
    /// What is looked back upon.
    private static let window = Duration.seconds(30)
    private var samples: [(time: ContinuousClock.Instant, done: Double)] = []

    /// - Parameter done: of its weight.
    mutating func add(_ done: Double, at time: ContinuousClock.Instant) {
        samples.append((time, done))
        samples.removeAll { $0.time < time - Self.window }
    }
    /// Weight in a second; `nil` before anything can be said.
    var rate: Double? {
        guard let first = samples.first, let last = samples.last else { return nil }
        let seconds = first.time.duration(to: last.time) / .seconds(1)
        guard seconds >= 0.5, last.done > first.done else { return nil }
        return (last.done - first.done) / seconds
    }
}

/// How far a job is, as it is told while it runs.
public struct JobProgress: Hashable, Sendable {
    public var tally: JobTally
    /// Of the weight, in a second, of late; `nil` before anything can be said, or when it does not run.
    public var rate: Double?
    /// Seconds until all of it is done, if it goes on like that.
    public var secondsLeft: Double?
    /// Why it cannot go on at the moment: there is no room for what it makes. It is tried again by itself.
    public var hindrance: String?
    public init(tally: JobTally, rate: Double? = nil, hindrance: String? = nil) {
        (self.tally, self.rate, self.hindrance) = (tally, rate, hindrance)
        guard let rate, rate > 0, tally.weight > tally.weightDone else { return }
        secondsLeft = Double(tally.weight - tally.weightDone) / rate
    }
}
