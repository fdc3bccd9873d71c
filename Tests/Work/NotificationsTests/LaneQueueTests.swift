import Foundation
import Records
import Testing

@testable import Notifications

struct LaneQueueTests {
    private static func lanes(_ count: Int, of receiver: UUID) -> [DueLane] {
        (0..<count).map { DueLane(id: UUID(), receiver: receiver, time: Date(timeIntervalSince1970: Double($0))) }
    }

    @Test func receiversTakeTurnsAndNoneHasMoreThanItsShare() {
        let (a, b) = (UUID(), UUID())
        var queue = LaneQueue(places: 5, placesOfReceiver: 3)
        queue.found(Self.lanes(10, of: a) + Self.lanes(1, of: b))
        var begun: [DueLane] = []
        while let lane = queue.next() { begun.append(lane) }
        #expect(begun.map(\.receiver) == [a, b, a, a])
        queue.ended(begun[0])
        #expect(queue.next()?.receiver == a && queue.next() == nil)
    }

    @Test func allPlacesTogetherAreBounded() {
        var queue = LaneQueue(places: 4, placesOfReceiver: 3)
        queue.found((0..<10).flatMap { _ in Self.lanes(1, of: UUID()) })
        var count = 0
        while queue.next() != nil { count += 1 }
        #expect(count == 4 && !queue.hasPlace)
    }

    @Test func aLaneThatRunsIsNotBegunASecondTime() throws {
        var queue = LaneQueue(places: 4, placesOfReceiver: 3)
        let lanes = Self.lanes(1, of: UUID())
        queue.found(lanes)
        let begun = queue.next()
        let running = try #require(begun)
        queue.clear()
        queue.found(lanes)
        #expect(queue.next() == nil)
        queue.ended(running)
        queue.found(lanes)
        #expect(queue.next() == running)
    }

    /// Of a receiver with thousands only some are remembered, and it is said that there are more.
    @Test func whatIsRememberedIsBounded() {
        var queue = LaneQueue(places: 1, placesOfReceiver: 1)
        queue.found(Self.lanes(1000, of: UUID()))
        #expect(queue.isCut)
        queue.clear()
        #expect(!queue.isCut && queue.next() == nil)
    }
}
