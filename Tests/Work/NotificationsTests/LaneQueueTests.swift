import Foundation
import Records
import Testing

@testable import Notifications

struct LaneQueueTests {
    private static func lanes(
        _ count: Int, of receiver: UUID, from second: Int = 0, haveFailed: Bool = false
    ) -> [DueLane] {
        (0..<count).map {
            DueLane(
                id: UUID(), receiver: receiver, time: Date(timeIntervalSince1970: Double(second + $0)),
                hasFailed: haveFailed)
        }
    }
    private static func begun(_ queue: inout LaneQueue) -> [DueLane] {
        var begun: [DueLane] = []
        while let lane = queue.next() { begun.append(lane) }
        return begun
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

    /// One that failed takes its turn, the others that did wait until none that works does, and hold half of the places at most.
    @Test func lanesThatFailLeavePlacesToThoseThatWork() {
        let receiver = UUID()
        let failing = Self.lanes(10, of: receiver, haveFailed: true)
        let working = Self.lanes(4, of: receiver, from: 20), later = Self.lanes(9, of: receiver, from: 40)
        var queue = LaneQueue(places: 64, placesOfReceiver: 8)
        queue.found(failing + working)
        #expect(Self.begun(&queue) == [failing[0]] + working + failing[1...3])
        for lane in working { queue.ended(lane) }
        #expect(queue.next() == nil)
        queue.found(later)
        #expect(Self.begun(&queue) == Array(later.prefix(4)))
        queue.ended(failing[2])
        #expect(queue.next() == later[4])
    }
    /// However many work, and are due again as soon as they are served.
    @Test func aLaneThatFailedIsTriedAlthoughOthersWaitAllTheTime() {
        let receiver = UUID()
        let failing = Self.lanes(1, of: receiver, from: 5, haveFailed: true)
        var queue = LaneQueue(places: 64, placesOfReceiver: 2)
        queue.found(failing + Self.lanes(4, of: receiver) + Self.lanes(100, of: receiver, from: 10))
        for _ in 0..<4 { if let lane = queue.next() { queue.ended(lane) } }
        #expect(queue.next() == failing[0])
    }
    @Test func aReceiverWithOnePlaceGivesItToWhoHasWaitedLongest() {
        let receiver = UUID()
        let failing = Self.lanes(1, of: receiver, from: 5, haveFailed: true), working = Self.lanes(1, of: receiver)
        var queue = LaneQueue(places: 2, placesOfReceiver: 1)
        queue.found(failing + working)
        #expect(queue.next() == working[0] && queue.next() == nil)
        queue.ended(working[0])
        #expect(queue.next() == failing[0])
    }
    /// Receivers that do not answer, however many, leave half of all places.
    @Test func lanesThatFailHoldHalfOfAllPlacesAtMost() {
        var queue = LaneQueue(places: 8, placesOfReceiver: 4)
        queue.found((0..<10).flatMap { _ in Self.lanes(4, of: UUID(), haveFailed: true) })
        #expect(Self.begun(&queue).count == 4)
        let working = Self.lanes(1, of: UUID())
        queue.found(working)
        #expect(queue.next() == working[0])
    }
    @Test func thoseThatFailTakeNoRoomInMemoryFromThoseThatWork() {
        let receiver = UUID(), working = Self.lanes(1, of: receiver, from: 5000)
        var queue = LaneQueue(places: 8, placesOfReceiver: 2)
        queue.found(Self.lanes(1000, of: receiver, haveFailed: true) + working)
        #expect(queue.isCut && Self.begun(&queue).contains(working[0]))
    }
}
