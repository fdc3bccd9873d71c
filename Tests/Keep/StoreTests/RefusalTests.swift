import Foundation
import JSON
import KeepSupport
import Records
import SQL
import Testing

@testable import Store

/// What is wrong with one batch of events, and what is wrong with the database.
@Suite(.onEachBackend, .timeLimit(.minutes(30))) struct RefusalTests {
    private let unwell: UnwellStore

    init() async throws { unwell = try await UnwellStore() }
    private func process(on other: (any Database)? = nil) throws -> Store { try unwell.process(on: other) }
    private func records() async throws -> [EventRecord] { try await unwell.records() }
    private var refused: URL { unwell.directory.url.appending(path: "events.spool.refused") }

    @Test func aTableThatIsMissingForAWhileCostsNoEvent() async throws {
        let store = try process(), events = (0..<3).map { Event.crowd(from: Double($0), to: Double($0) + 0.5) }
        try await unwell.fixture.store.write { try $0.script("ALTER TABLE delivery RENAME TO elsewhere") }
        try await store.record(events, of: unwell.stream)
        await #expect(throws: StoreTrouble.self) { try await store.check() }
        #expect(store.spooledEventWrites > 0)
        try await Task.sleep(for: .milliseconds(100))  // until it has been tried a few times
        try await unwell.fixture.store.write { try $0.script("ALTER TABLE elsewhere RENAME TO delivery") }
        try await store.settle()
        #expect(try await records().map(\.event.id) == events.flatMap { [$0.id, $0.id] })
        #expect(!FileManager.default.fileExists(atPath: refused.path))
    }

    @Test func aDatabaseWithoutItsAccountsIsNotBelieved() async throws {
        unwell.database.become(.gone)
        let first = try process()
        try await first.record([Event.crowd(from: 0, to: 1)], of: unwell.stream)
        await first.events.stop()
        let emptied = try await TemporaryStore()
        try await emptied.store.write { _ = try $0.script("DELETE FROM handler; DELETE FROM account") }
        await #expect(throws: SQLError(.unworkable, "the database has lost its accounts")) {
            try await process(on: emptied.store.database).events.drainLeftOver()
        }
        unwell.database.become(.well)
        try await process().events.drainLeftOver()
        #expect(try await records().count == 2 && !FileManager.default.fileExists(atPath: refused.path))
    }

    @Test func whatCannotBePutAsideHoldsNobodyUp() async throws {
        let store = try process(), events = (0..<2).map { Event.crowd(from: Double($0), to: Double($0) + 0.5) }
        let stranger = StreamDefinition(
            id: UUID(), accountID: UUID(), version: 1, source: unwell.stream.source, analytics: [],
            location: .emptyObject)
        try FileManager.default.createDirectory(at: refused, withIntermediateDirectories: true)  // no file can be there
        unwell.database.become(.gone)
        try await store.record([Event.crowd(from: 1, to: 1).update(.opened)], deliveries: [], of: stranger)
        try await store.record([events[0]], of: unwell.stream)
        unwell.database.become(.well)
        try await store.settle()
        #expect(try await records().map(\.event.id) == [events[0].id, events[0].id])
        // It waits for its place, and after a crash it would be found again.
        let file = unwell.file
        #expect(try String(contentsOf: file, encoding: .utf8).contains(stranger.accountID.wire))

        try FileManager.default.removeItem(at: refused)
        unwell.database.become(.gone)
        try await store.record([events[1]], of: unwell.stream)
        unwell.database.become(.well)
        try await store.settle()
        #expect(try String(contentsOf: refused, encoding: .utf8).contains(stranger.accountID.wire))
        #expect(try Data(contentsOf: file).isEmpty)
    }

    @Test func theTrueEndOfAnEventWinsOverItsInterruption() async throws {
        let store = try process(), opened = Event.crowd(from: 1, to: 1)
        try await store.record([opened.update(.opened)], deliveries: [], of: unwell.stream, at: TemporaryStore.noon)
        unwell.database.become(.gone)
        var closed = opened
        closed.end = Event.crowd(from: 1, to: 9).end
        closed.facts = Crowd(people: 5)
        let callback = try Callback(JSONReader(["type": "luna-event"]))
        try await store.record(
            [closed.update(.closed)], deliveries: [Delivery(eventID: closed.id, callback: callback)], of: unwell.stream)
        // Somebody else takes the database over meanwhile.
        let later = TemporaryStore.noon.addingTimeInterval(60)
        try await unwell.fixture.store.recoverFromUncleanStop(at: later)
        #expect(try await records().map(\.event.state) == [.interrupted, .interrupted])
        unwell.database.become(.well)
        try await store.settle()
        for _ in 0..<2 {
            let records = try await records()
            #expect(records.map(\.phase) == [.started, .finished, .finished] && records.map(\.sequence) == [1, 2, 3])
            let event = try #require(records.last?.event)
            #expect(event.state == .closed && event.body["event"]?["people_count"] == 5)
            #expect(event.end.time == TemporaryStore.noon.addingTimeInterval(9))
            #expect(try await unwell.fixture.store.outboxLevel().due == 1)
            // Said again, it changes nothing.
            try await store.record(
                [closed.update(.closed)], deliveries: [Delivery(eventID: closed.id, callback: callback)],
                of: unwell.stream)
        }
    }
}
