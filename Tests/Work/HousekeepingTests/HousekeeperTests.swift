import Foundation
import Logging
import Synchronization
import Testing

@testable import Housekeeping

struct HousekeeperTests {
    private struct Trouble: Error {}

    /// Counts its runs, fails at the first `failures` of them.
    private final class Counter: Sendable {
        let count = Atomic(0)
        private let failures: Int
        init(failures: Int = 0) { self.failures = failures }
        func run() throws -> Int {
            if count.add(1, ordering: .relaxed).newValue <= failures { throw Trouble() }
            return 1
        }
        func sweep(_ name: String, every interval: Duration) -> Sweep {
            Sweep(name: name, interval: interval) { _ in try self.run() }
        }
    }

    private func run(_ sweeps: [Sweep], until isDone: @escaping @Sendable () -> Bool) async {
        let housekeeper = Housekeeper(sweeps: sweeps, logger: Logger(label: "test"))
        await withTaskGroup(of: Void.self) { group in
            group.addTask { await housekeeper.run() }
            while !isDone() { await Task.yield() }
            group.cancelAll()
            await group.waitForAll()
        }
    }

    @Test func aSweepThatFailsIsTriedAgainAndDisturbsNoOther() async {
        let (bad, good) = (Counter(failures: 3), Counter())
        await run([bad.sweep("bad", every: .milliseconds(1)), good.sweep("good", every: .milliseconds(1))]) {
            bad.count.load(ordering: .relaxed) > 4 && good.count.load(ordering: .relaxed) > 4
        }
    }

    @Test func everySweepHasItsOwnInterval() async {
        let (often, seldom) = (Counter(), Counter())
        await run([often.sweep("often", every: .milliseconds(1)), seldom.sweep("seldom", every: .seconds(3600))]) {
            often.count.load(ordering: .relaxed) > 5 && seldom.count.load(ordering: .relaxed) > 0
        }
        #expect(seldom.count.load(ordering: .relaxed) == 1)
    }
}
