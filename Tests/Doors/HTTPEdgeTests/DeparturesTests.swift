import NIOCore
import Synchronization
import Testing

@testable import HTTPEdge

struct DeparturesTests {
    @Test func whoLeavesAloneLeavesAtOnceAndACrowdTakesTurns() {
        let departures = Departures()
        let now = NIODeadline.uptimeNanoseconds(1_000_000_000)
        let turns = (0..<100).map { _ in departures.turn(now: now) }
        #expect(turns == (0..<100).map { now + Departures.pace * $0 })
        let later = turns[99] + Departures.pace
        #expect(departures.turn(now: later) == later)
    }

    @Test func memoryIsGivenBackOnceAfterEachCrowd() {
        let count = Atomic(0)
        let departures = Departures { count.add(1, ordering: .relaxed) }
        func become(_ numbers: some Sequence<Int>) -> Int {
            for number in numbers { departures.connectionsAre(number) }
            return count.load(ordering: .relaxed)
        }
        #expect(become(Array(0...255) + (0...255).reversed()) == 0, "too few to be worth while")
        #expect(become(0...1000) == 0)
        #expect(become((251...1000).reversed()) == 0, "a quarter stays")
        #expect(become((0...250).reversed()) == 1)
        #expect(become(Array(0...2000) + (0...2000).reversed()) == 2)
    }
}
