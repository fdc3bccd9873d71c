/// Lets what could be read at once go at the speed at which it was taken: a file, or the segments of a live playlist, of which several
/// seconds come together.
///
/// Who is late, since a segment was, goes on at twice the speed until he is not: so he stays as far behind a live source as he was at
/// first, and whoever takes the frames gets no heap of them at once. Where what follows comes late again and again the source's clock is
/// slower than this machine's: each time moves the schedule a little, or by as much as he was late even when he had had all there is.
struct Pace {
    /// Seconds forward that a clock goes in one step and is still the same clock.
    private static let longestStep = 10.0
    /// Of segments a step of more than a second, and of so many times the one before, comes of segments that are gone.
    private static let jump = 10.0
    /// Who is later than this, since the machine slept say, does not catch up.
    private static let longestLateness: Duration = .seconds(30)
    /// Who waited so long for what follows has had all that there is.
    private static let emptiness: Duration = .milliseconds(100)
    /// The schedule is moved by so much for who waited and is late. Clocks of cameras are off by less than a thousandth.
    private static let slew: Duration = .milliseconds(20)

    private let isSegmented: Bool
    /// When which second of the source was, or would have been, due.
    private var origin: (time: ContinuousClock.Instant, seconds: Double)?
    /// Of the latest: when it was let go, at which second, and how far it was from the one before.
    private var last: (time: ContinuousClock.Instant, seconds: Double, step: Double)?
    /// How late who was least late has been since there was nothing to have.
    private var leastLate: Duration?

    init(isSegmented: Bool) { self.isSegmented = isSegmented }

    /// When what comes next may go on.
    /// - Parameters:
    ///   - seconds: by the source's clock; one that steps far, or back, is tied to ours anew.
    ///   - now: when it came.
    mutating func due(_ seconds: Double, now: ContinuousClock.Instant) -> ContinuousClock.Instant {
        guard let last, let origin, !isBroken(seconds - last.seconds, after: last.step),
            now - origin.time - .seconds(seconds - origin.seconds) < Self.longestLateness
        else {
            origin = (now, seconds)
            leastLate = nil
            last = (now, seconds, 0)
            return now
        }
        let step = seconds - last.seconds
        var schedule = origin.time + .seconds(seconds - origin.seconds)
        if now - last.time > .seconds(step) + Self.emptiness {
            let late = max(leastLate ?? .zero, min(now - schedule, Self.slew), .zero)
            self.origin = (origin.time + late, origin.seconds)
            schedule += late
            leastLate = nil
        }
        leastLate = min(leastLate ?? now - schedule, now - schedule)
        let due = max(schedule, last.time + .seconds(step / 2), now)
        self.last = (due, seconds, step)
        return due
    }

    private func isBroken(_ step: Double, after before: Double) -> Bool {
        !(0...Self.longestStep).contains(step) || isSegmented && step > 1 && before > 0 && step > before * Self.jump
    }
}
