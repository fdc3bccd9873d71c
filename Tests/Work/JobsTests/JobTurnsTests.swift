import Foundation
import Testing

@testable import Jobs

struct JobTurnsTests {
    private func candidates(_ counts: [(account: UUID, jobs: Int)]) -> [JobTurns.Candidate] {
        var sequence = 0
        return counts.flatMap { account, jobs in
            (0..<jobs).map { _ in
                sequence += 1
                return JobTurns.Candidate(job: UUID(), account: account, sequence: sequence)
            }
        }
    }

    @Test func accountsTakeTurnsHoweverManyJobsTheyHave() {
        let (a, b) = (UUID(), UUID()), all = candidates([(a, 50), (b, 1)])
        var turns = JobTurns(), served: [UUID: Int] = [:]
        for _ in 0..<20 {
            let next = turns.next(of: all, running: [:])!
            served[all.first { $0.job == next }!.account, default: 0] += 1
        }
        #expect(served == [a: 10, b: 10])
    }
    @Test func whoeverHasFewerPlacesComesFirst() {
        let (a, b) = (UUID(), UUID()), all = candidates([(a, 1), (b, 1)])
        var turns = JobTurns()
        for _ in 0..<3 { #expect(turns.next(of: all, running: [a: 2, b: 1]) == all[1].job) }
    }
    @Test func jobsOfOneAccountTakeTurnsTheOldestFirst() {
        let all = candidates([(UUID(), 3)])
        var turns = JobTurns()
        let order = (0..<6).map { _ in turns.next(of: all.reversed(), running: [:])! }
        #expect(order == all.map(\.job) + all.map(\.job))
    }
    @Test func nobodyIsServedWhereNobodyWaits() {
        var turns = JobTurns()
        #expect(turns.next(of: [], running: [:]) == nil)
    }
}
