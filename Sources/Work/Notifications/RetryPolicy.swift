import Foundation
import Records

/// What an answer means for a letter, and when the next try is: 1, 2, 4 … 600 s later, for a day.
struct RetryPolicy: Sendable {
    var first = Duration.seconds(1), longest = Duration.seconds(600)
    /// Beyond it a report is a dead letter, counted from when it became due.
    var lifetime = Duration.seconds(86_400)
    /// Gives numbers from 0 to 1, by which pauses are cut short.
    var chance: @Sendable () -> Double = { .random(in: 0..<1) }

    /// Answers beside 5xx after which the same may go through: too slow, too early, too many.
    private static let passing: Set<Int> = [408, 425, 429]

    func verdict(on answer: Answer, failures: Int, at now: Date) -> Verdict {
        switch answer {
        case .status(200..<300, _): .delivered
        case .status(let code, _) where (300..<400).contains(code):
            .dead(reason: "The receiver redirects (status \(code)), and redirects are not followed")
        case .status(let code, _) where (400..<500).contains(code) && !Self.passing.contains(code):
            .dead(reason: "The receiver refused it (status \(code))")
        case .status(let code, let wish):
            postponed("The receiver answered with status \(code)", failures, wish, now)
        case .unreachable(let reason): postponed(reason, failures, nil, now)
        case .impossible(let reason): .dead(reason: reason)
        }
    }

    private func postponed(_ reason: String, _ failures: Int, _ wish: Duration?, _ now: Date) -> Verdict {
        let pause = max(pause(after: failures), min(wish ?? .zero, longest))
        return .postponed(reason: reason, next: now + pause / .seconds(1), expiry: now - lifetime / .seconds(1))
    }
    /// - Parameter failures: in a row, before this one.
    func pause(after failures: Int) -> Duration {
        var pause = GrowingPause(from: first, upTo: longest, after: failures, chance: chance)
        return pause.next()
    }
}
