import Foundation
import KeepSupport
import Records
import SQL
import Testing

@testable import Store

/// The machine's clock is set while events come: what is numbered, ordered and deleted goes by more than the clock.
@Suite(.onEachBackend) struct ClockStepTests {
    private let fixture: TemporaryStore
    private let stream: StreamDefinition
    private let noon = TemporaryStore.noon
    private var store: Store { fixture.store }
    private var account: UUID { fixture.account.id }

    init() async throws {
        fixture = try await TemporaryStore()
        stream = try await fixture.createStream().definition
    }
    private func hours(_ count: Double) -> Date { noon.addingTimeInterval(3600 * count) }

    @Test func recordsKeepTheirOrderAndTheirNumbers() async throws {
        let events = (0..<6).map { Event.crowd(from: Double($0), to: Double($0) + 0.5) }
        for (event, hour) in zip(events, [0.0, 1, -1, -24, 48, 0]) {
            try await store.record([event], of: stream, at: hours(hour))
        }
        let records = try await store.events(account: account)
        #expect(records.map(\.event.id) == events.flatMap { [$0.id, $0.id] })
        #expect(records.map(\.sequence) == Array(1...12))
        let numbers: [Int] = try await store.read {
            try $0.rows("SELECT number FROM event_record ORDER BY account_id, sequence", []) { $0[0] }
        }
        #expect(numbers == Array(1...12))
    }

    /// An event that ends before it began is still one event that ended.
    @Test func anEventThatIsOpenWhenTheClockGoesBackEnds() async throws {
        let event = Event.crowd(from: 1, to: 2)
        try await store.record([event.update(.opened)], deliveries: [], of: stream, at: hours(1))
        try await store.record([event.update(.closed)], deliveries: [], of: stream, at: hours(-1))
        let records = try await store.events(account: account)
        #expect(records.map(\.phase) == [.started, .finished] && records[1].event.state == .closed)
        try await store.recoverFromUncleanStop(at: hours(-2))
        #expect(try await store.events(account: account).count == 2, "nothing was left open")
    }

    @Test func whatIsDueIsSentAlthoughTheClockHasGoneBack() async throws {
        try await store.record([.crowd(from: 1, to: 2)], of: stream, at: hours(5))
        #expect(try await store.dueLanes(at: noon).isEmpty)
        #expect(try await store.forgetTimesAhead(of: hours(5)) == 0)
        #expect(try await store.forgetTimesAhead(of: noon) == 1)
        #expect(try await store.dueLanes(at: noon).count == 1)
        #expect(try await store.forgetTimesAhead(of: noon) == 0)
    }
    /// What waits after a failure goes on waiting.
    @Test func aPauseBetweenTwoTriesIsNoTimeAhead() async throws {
        try await store.record([.crowd(from: 1, to: 2)], of: stream, at: noon)
        let lane = try #require(try await store.dueLanes(at: noon).first)
        let letter = try #require(try await store.nextLetter(of: lane.id))
        let next = noon.addingTimeInterval(600)
        try await store.settle(
            letter, .postponed(reason: "busy", next: next, expiry: hours(-24)), at: noon)
        #expect(try await store.forgetTimesAhead(of: noon) == 0)
        #expect(try await store.nextLaneTime(after: noon) == next)
    }

    @Test func aFailedStreamIsTriedAgainAlthoughTheClockHasGoneBack() async throws {
        let policy = AutorestartPolicy(isAllowed: true, attemptCount: 3, delay: 10)
        let stream = try await fixture.createStream(TemporaryStore.specification(autorestart: policy))
        try await fixture.move(stream, .pending, .inProgress, at: hours(5))
        try await fixture.move(stream, .inProgress, .failure, error: "gone", at: hours(5))
        #expect(try await !store.performAutorestarts(at: noon.addingTimeInterval(11)))
        #expect(try await store.forgetTimesAhead(of: noon) == 1)
        #expect(try await !store.performAutorestarts(at: noon.addingTimeInterval(9)))
        #expect(try await store.performAutorestarts(at: noon.addingTimeInterval(11)))
    }
}
