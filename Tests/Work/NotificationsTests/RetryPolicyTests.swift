import Foundation
import Records
import Testing

@testable import Notifications

struct RetryPolicyTests {
    private static let now = Date(timeIntervalSince1970: 1_715_418_701)

    @Test func pausesDoubleUpToTenMinutesAndAreCutByAHalfAtMost() {
        let (longest, shortest) = (RetryPolicy(chance: { 0 }), RetryPolicy(chance: { 1 }))
        #expect(
            (0..<12).map { longest.pause(after: $0) / .seconds(1) } == [
                1, 2, 4, 8, 16, 32, 64, 128, 256, 512, 600, 600,
            ])
        #expect(longest.pause(after: 1000) == .seconds(600))
        #expect(shortest.pause(after: 3) == .seconds(4))
    }

    @Test(arguments: [200, 201, 204, 299])
    func anySuccessIsADelivery(status: Int) {
        #expect(RetryPolicy().verdict(on: .status(status), failures: 3, at: Self.now) == .delivered)
    }

    @Test(arguments: [408, 425, 429, 500, 502, 503, 599])
    func whatMayPassIsTriedAgain(status: Int) {
        let verdict = RetryPolicy(chance: { 0 }).verdict(on: .status(status), failures: 2, at: Self.now)
        #expect(
            verdict
                == .postponed(
                    reason: "The receiver answered with status \(status)", next: Self.now + 4, expiry: Self.now - 86_400
                ))
    }

    @Test(arguments: [(nil, 4.0), (1, 4), (120, 120), (86_400, 600)] as [(Int?, Double)])
    func theReceiversWishCountsUpToTheLongestPause(wish: Int?, pause: Double) {
        let answer = Answer.status(429, retryAfter: wish.map { .seconds($0) })
        guard
            case .postponed(_, let next, _) = RetryPolicy(chance: { 0 }).verdict(on: answer, failures: 2, at: Self.now)
        else { return #expect(Bool(false)) }
        #expect(next == Self.now + pause)
    }
}
