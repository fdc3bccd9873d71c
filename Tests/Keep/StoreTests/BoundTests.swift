import Foundation
import JSON
import KeepSupport
import Records
import SQL
import Testing

@testable import Store

/// What happens to events when neither the database nor the disk takes them, and memory comes to its bound.
@Suite(.onEachBackend, .timeLimit(.minutes(30))) struct BoundTests {
    private let unwell: UnwellStore

    init() async throws { unwell = try await UnwellStore() }

    /// A store that has nothing but memory, so many bytes of it.
    private func store(memory: Int, last: Int = 0) throws -> Store {
        unwell.database.become(.gone)
        return try unwell.process(limits: EventSpool.Limits(file: 0, memory: memory, last: last))
    }
    private func records() async throws -> [EventRecord] { try await unwell.records() }
    private func size(_ event: Event, _ change: EventUpdate.Change) -> Int {
        EventBatch(
            [event.update(change)], deliveries: [], of: unwell.stream, at: TemporaryStore.noon,
            vault: unwell.fixture.store.vault)!
            .line.count
    }

    @Test func whatIsInMemoryAloneIsDurableWhenTheDatabaseHasIt() async throws {
        let store = try store(memory: 1 << 20), event = Event.crowd(from: 0, to: 1)
        let opened = try #require(try await store.record([event.update(.opened)], deliveries: [], of: unwell.stream))
        let closed = try #require(try await store.record([event.update(.closed)], deliveries: [], of: unwell.stream))
        #expect(opened < closed && store.eventWritesInMemory == 2)
        let impatient = Task { await store.untilDurable(opened) }
        impatient.cancel()
        #expect(await impatient.value == false)
        let waiting = Task { await store.untilDurable(closed) }
        unwell.database.become(.well)
        #expect(await waiting.value)
        #expect(try await records().count == 2 && store.eventWritesInMemory == 0)
        #expect(await store.untilDurable(opened))
        try await store.settle()
        #expect(
            try await store.record([Event.crowd(from: 2, to: 2).update(.opened)], deliveries: [], of: unwell.stream)
                == nil)
    }

    @Test func streamsWaitAndNoEventIsLost() async throws {
        let events = (0..<3).map { Event.crowd(from: Double($0), to: Double($0) + 0.5) }
        let store = try store(memory: size(events[0], .opened) + size(events[0], .closed) + 300)
        try await store.record([events[0]], of: unwell.stream)
        let others = Task { _ = try await store.record(Array(events[1...]), of: unwell.stream) }
        while store.heldUpEventWrites == 0 { try await Task.sleep(for: .milliseconds(2)) }
        #expect(store.spooledEventWrites == 2)
        await #expect(throws: StoreTrouble(kind: .streamsWait(count: 1), detail: "gone")) { try await store.check() }
        try await Task.sleep(for: .milliseconds(200))  // ten tries and more
        #expect(store.spooledEventWrites == 2 && store.heldUpEventWrites == 1)
        #expect(unwell.reports.list.contains(.full(reason: "gone")))
        unwell.database.become(.well)
        try await others.value
        try await store.settle()
        #expect(try await records().map(\.event.id) == events.flatMap { [$0.id, $0.id] })
        try await unwell.reports.until(.roomAgain)
        #expect(store.lostEventWrites == 0)
        try await store.check()
    }

    @Test func aStreamThatIsStoppedMeanwhileHasItsEndKept() async throws {
        let events = (0..<3).map { Event.crowd(from: Double($0), to: Double($0) + 0.5) }
        let store = try store(
            memory: size(events[0], .opened), last: size(events[1], .closed))
        try await store.record([events[0].update(.opened)], deliveries: [], of: unwell.stream)
        let ending = Task {
            try await store.record([events[1].update(.closed)], deliveries: [], of: unwell.stream)
        }
        while store.heldUpEventWrites == 0 { try await Task.sleep(for: .milliseconds(2)) }
        ending.cancel()
        _ = try await ending.value
        #expect(store.spooledEventWrites == 2)

        // There is a bound to that, too, and who is beyond it is told.
        let late = Task { _ = try await store.record([events[2].update(.closed)], deliveries: [], of: unwell.stream) }
        late.cancel()
        await #expect(throws: StoreError.unavailable(reason: "gone")) { try await late.value }
        #expect(store.lostEventWrites == 1 && unwell.reports.list.contains(.lost(count: 1)))
        unwell.database.become(.well)
        try await store.settle()
        #expect(try await records().map(\.event.id) == [events[0].id, events[1].id, events[1].id])
    }

    @Test func whoIsStoppedDoesNotWaitForADatabaseThatStandsStill() async throws {
        let store = try unwell.directory.store(on: unwell.database), event = Event.crowd(from: 1, to: 2)
        unwell.database.become(.stuck)
        let ending = Task { _ = try await store.record([event.update(.closed)], deliveries: [], of: unwell.stream) }
        ending.cancel()
        try await ending.value
        #expect(store.spooledEventWrites == 1)
        unwell.database.become(.well)
        try await store.settle()
        #expect(try await records().map(\.phase) == [.started, .finished])
    }

    @Test func whatWaitsInMemoryIsWrittenBeforeTheStoreIsClosed() async throws {
        let events = (0..<2).map { Event.crowd(from: Double($0), to: Double($0) + 0.5) }
        let store = try store(memory: 1 << 20)
        try await store.record(events, of: unwell.stream)
        unwell.database.become(.well)
        await store.events.stop()
        #expect(try await records().count == 4 && store.lostEventWrites == 0)
    }

    @Test func whatNothingTakesBeforeTheStoreIsClosedIsReported() async throws {
        let store = try store(memory: 1 << 20)
        try await store.record([Event.crowd(from: 0, to: 1)], of: unwell.stream)
        let told = Task { await store.untilDurable(EventTicket(2)) }
        await store.events.stop()
        #expect(await told.value == false)
        #expect(store.lostEventWrites == 2 && unwell.reports.list.last == .lost(count: 2))
    }
}
