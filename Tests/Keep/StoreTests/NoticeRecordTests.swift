import Foundation
import JSON
import KeepSupport
import Records
import Scene
import Testing

@testable import Store

/// Which records subscribers of events are told of, and when they are there.
struct NoticeRecordTests {
    private let unwell: UnwellStore
    init() async throws { unwell = try await UnwellStore() }

    private func notices(_ store: Store) async throws -> [UUID] {
        try await store.records(of: .everything, after: 0).records.filter(\.isNotice).map(\.eventID)
    }
    private func crowd(_ callbacks: [String]) throws -> AnalyticUpdates {
        let origin = EventOrigin(
            name: "people_count", resultName: "crowd",
            callbacks: try callbacks.map { try Callback(JSONReader(["type": .string($0)])) })
        let event = Event.crowd(from: 0, to: 1)
        var updates = [event.update(.opened), event.update(.closed)]
        updates[0].isReported = false
        updates[1].isReported = true
        return AnalyticUpdates(origin: origin, updates: updates)
    }
    private func record(_ updates: AnalyticUpdates, in store: Store) async throws -> UUID {
        try await store.record(updates.durable, deliveries: [], of: unwell.stream)
        return updates.updates[0].event.id
    }

    @Test func nobodyIsToldOfWhatTheDatabaseHasNotTaken() async throws {
        let store = try unwell.process()
        let first = try await record(crowd(["luna-ws-notification"]), in: store)
        #expect(try await notices(unwell.fixture.store) == [first])
        unwell.database.become(.gone)
        let second = try await record(crowd(["luna-ws-notification"]), in: store)
        // It is on disk, in the spool, but no record of it is there.
        #expect(store.spooledEventWrites == 1)
        #expect(try await notices(unwell.fixture.store) == [first])
        unwell.database.become(.well)
        while store.spooledEventWrites > 0 { try await Task.sleep(for: .milliseconds(2)) }
        #expect(try await notices(unwell.fixture.store) == [first, second])
        try await store.close()
    }

    @Test func aRawEventIsAlwaysToldOfAndOneOfAStreamByItsCallback() async throws {
        let store = unwell.fixture.store, account = unwell.fixture.account.id
        _ = try await record(crowd([]), in: store)
        _ = try await record(crowd(["luna-event"]), in: store)
        let told = try await record(crowd(["luna-event", "luna-ws-notification"]), in: store)
        let raw = RawEvent(
            accountID: account, handlerID: BuiltInHandler.id(of: account), begin: .now, end: .now, members: [:])
        try await store.save(raw)
        #expect(try await notices(store) == [told, raw.id])
    }
}
