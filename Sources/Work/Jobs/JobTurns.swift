import Foundation

/// Which job gets the next free place: the account that has fewest goes first, of equals the one that was served longest ago; of its jobs
/// the one that was served longest ago. So neither a large job nor many of them keep others waiting.
struct JobTurns: Sendable {
    /// A job that could use a place now.
    struct Candidate: Hashable, Sendable {
        let job: UUID
        let account: UUID
        /// The order in which jobs were handed in.
        let sequence: Int
    }
    private var turn = 0
    private var latestOfJob: [UUID: Int] = [:]
    private var latestOfAccount: [UUID: Int] = [:]

    /// - Parameter running: places that accounts have.
    mutating func next(of candidates: [Candidate], running: [UUID: Int]) -> UUID? {
        func rank(_ candidate: Candidate) -> (Int, Int, Int, Int) {
            (
                running[candidate.account] ?? 0, latestOfAccount[candidate.account] ?? 0,
                latestOfJob[candidate.job] ?? 0, candidate.sequence
            )
        }
        guard let next = candidates.min(by: { rank($0) < rank($1) }) else { return nil }
        turn += 1
        (latestOfJob[next.job], latestOfAccount[next.account]) = (turn, turn)
        return next.job
    }
    /// Forgets what is over.
    mutating func forget(_ job: UUID) { latestOfJob[job] = nil }
    mutating func forget(account: UUID) { latestOfAccount[account] = nil }
}
