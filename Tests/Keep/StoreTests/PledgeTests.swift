import Foundation
import JSON
import KeepSupport
import Records
import Sealing
import Testing

@testable import Store

/// What those are told of an event that nobody saw end.
@Suite(.onEachBackend) struct PledgeTests {
    private static let noon = TemporaryStore.noon

    /// What begins and ends with callbacks to two receivers and to subscribers.
    private static func begin(_ fixture: TemporaryStore, _ stream: RegisteredStream, endsAreTold: Bool = true)
        async throws
        -> (event: Event, origin: EventOrigin)
    {
        let origin = EventOrigin(
            name: "people_count", resultName: "crowd",
            callbacks: try [
                ["type": "http", "url": "http://a.example/"], ["type": "http", "url": "http://b.example/"],
                ["type": "luna-ws-notification"], ["type": "luna-event"],
            ].map { try Callback(JSONReader($0)) })
        let event = Event.crowd(from: 1, to: 2)
        var update = event.update(.opened)
        (update.isReported, update.isReportedAtEnd) = (false, endsAreTold)
        try await record(update, of: origin, fixture, stream)
        return (event, origin)
    }
    private static func record(
        _ update: EventUpdate, of origin: EventOrigin, _ fixture: TemporaryStore, _ stream: RegisteredStream
    ) async throws {
        let updates = AnalyticUpdates(origin: origin, updates: [update])
        try await fixture.store.record(
            updates.durable, deliveries: updates.deliveries, of: stream.definition, at: noon)
    }
    private static func due(_ fixture: TemporaryStore, _ event: Event) async throws -> Int {
        try await fixture.store.deliveries(ofEvent: event.id, account: fixture.account.id)?.pending.count ?? 0
    }
    private static func notices(_ fixture: TemporaryStore) async throws -> [UUID] {
        try await fixture.store.records(of: .account(fixture.account.id), after: 0).records
            .filter(\.isNotice).map(\.eventID)
    }

    @Test func whoIsToldOfEndsIsToldOfOneThatNobodySaw() async throws {
        let fixture = try await TemporaryStore(), stream = try await fixture.createStream()
        let (event, _) = try await Self.begin(fixture, stream)
        #expect(try await Self.due(fixture, event) == 0)
        #expect(try await Self.notices(fixture) == [])
        for _ in 0..<2 { try await fixture.store.recoverFromUncleanStop(at: Self.noon + 60) }
        #expect(try await Self.due(fixture, event) == 2)
        #expect(try await Self.notices(fixture) == [event.id])
        let lanes = try await fixture.store.dueLanes(at: Self.noon + 60)
        #expect(lanes.count == 2)
        for lane in lanes {
            let letter = try #require(try await fixture.store.nextLetter(of: lane.id))
            #expect(letter.eventID == event.id && letter.number == 1 && letter.streamID == stream.id)
        }
    }

    @Test func whereBeginningsAreToldEndsAreNot() async throws {
        let fixture = try await TemporaryStore(), stream = try await fixture.createStream()
        let (event, _) = try await Self.begin(fixture, stream, endsAreTold: false)
        try await fixture.store.recoverFromUncleanStop(at: Self.noon + 60)
        #expect(try await Self.due(fixture, event) == 0)
        #expect(try await Self.notices(fixture) == [])
    }

    @Test func anEndThatWasSeenIsToldOnce() async throws {
        let fixture = try await TemporaryStore(), stream = try await fixture.createStream()
        let (event, origin) = try await Self.begin(fixture, stream)
        var end = event.update(.closed)
        end.isReported = true
        try await Self.record(end, of: origin, fixture, stream)
        #expect(try await Self.due(fixture, event) == 2)
        try await fixture.store.recoverFromUncleanStop(at: Self.noon + 60)
        #expect(try await Self.due(fixture, event) == 2)
        #expect(try await Self.notices(fixture) == [event.id])
    }

    @Test func whatIsDueAtTheEndOutlivesTheKey() async throws {
        let fixture = try await TemporaryStore(), stream = try await fixture.createStream()
        let (event, _) = try await Self.begin(fixture, stream)
        try await fixture.store.changeKey(to: .random())
        try await fixture.store.recoverFromUncleanStop(at: Self.noon + 60)
        for lane in try await fixture.store.dueLanes(at: Self.noon + 60) {
            let letter = try #require(try await fixture.store.nextLetter(of: lane.id))
            #expect(letter.eventID == event.id && letter.callback != nil)
        }
        #expect(try await Self.due(fixture, event) == 2)
    }

    @Test func whatIsDueAtTheEndWaitsInTheSpool() async throws {
        let fixture = try await TemporaryStore(), stream = try await fixture.createStream()
        let event = Event.crowd(from: 1, to: 2)
        let callback = try Callback(JSONReader(["type": "http", "url": "http://a.example/"]))
        var update = event.update(.opened)
        update.isReportedAtEnd = true
        let updates = AnalyticUpdates(
            origin: EventOrigin(name: "people_count", resultName: "crowd", callbacks: [callback]), updates: [update])
        let batch = try #require(
            EventBatch(
                updates.durable, deliveries: updates.deliveries, of: stream.definition, at: Self.noon,
                vault: fixture.store.vault))
        #expect(batch.deliveries.map(\.isAtEnd) == [true])
        #expect(try EventBatch(line: batch.line) == batch)
    }
}
