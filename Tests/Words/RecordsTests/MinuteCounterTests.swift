import Foundation
import Testing

@testable import Records

struct MinuteCounterTests {
    private static let start = Date(timeIntervalSince1970: 1_715_418_660)  // a full minute

    @Test func aCountHoldsUntilTheNextFrameAndIsSplitAtMinutes() {
        var counter = MinuteCounter(patience: .seconds(10))
        var over: [(minute: Int64, count: SeenPeople)] = []
        for (second, people) in [(50.0, 2), (55, 4), (62, 1), (66, 3), (120, 0)] {
            over += counter.see(people, at: Self.start + second)
        }
        let minute = Int64(Self.start.timeIntervalSince1970 / 60)
        #expect(over.map(\.minute) == [minute, minute + 1])
        // Two for five seconds, four for five more.
        #expect(over[0].count == SeenPeople(covered: 10_000, sum: 30_000, minimum: 2, maximum: 4))
        // Four for two, one for four, three for ten, and then nobody looked.
        #expect(over[1].count == SeenPeople(covered: 16_000, sum: 42_000, minimum: 1, maximum: 4))
        let last = counter.finish()
        #expect(last.map(\.count) == [SeenPeople(covered: 0, sum: 0, minimum: 0, maximum: 0)])
        #expect(last[0].count.mean == nil)
    }

    @Test func aClockThatGoesBackCountsNothingTwice() {
        var counter = MinuteCounter(patience: .seconds(10))
        _ = counter.see(5, at: Self.start + 5)
        _ = counter.see(1, at: Self.start + 2)
        _ = counter.see(1, at: Self.start + 4)
        let last = counter.finish()
        #expect(last.map(\.count) == [SeenPeople(covered: 2000, sum: 2000, minimum: 1, maximum: 5)])
    }
}
