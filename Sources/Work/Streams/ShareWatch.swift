import Foundation

/// Whether an undue share of what is counted goes wrong, judged every ten seconds.
struct ShareWatch {
    private static let period: Duration = .seconds(10)
    private let share: Double
    private let least: Int
    private var start: (time: ContinuousClock.Instant, date: Date, right: Int, wrong: Int)?
    /// Since when it does; `nil` while it does not.
    private(set) var since: Date?

    /// - Parameters:
    ///   - share: from which on it is undue, `0...1`.
    ///   - least: fewer that go wrong in ten seconds do not count.
    init(share: Double, least: Int) { (self.share, self.least) = (share, least) }

    /// - Parameters: counts so far, which only grow.
    mutating func look(right: Int, wrong: Int, at now: ContinuousClock.Instant, _ date: Date) {
        guard let start else {
            self.start = (now, date, right, wrong)
            return
        }
        guard now - start.time >= Self.period else { return }
        let (newRight, newWrong) = (right - start.right, wrong - start.wrong)
        let isUndue = newWrong >= least && Double(newWrong) >= share * Double(newRight + newWrong)
        since = isUndue ? since ?? start.date : nil
        self.start = (now, date, right, wrong)
    }
}
