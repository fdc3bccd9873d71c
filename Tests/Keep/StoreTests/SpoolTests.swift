import Foundation
import JSON
import KeepSupport
import Records
import SQL
import Scene
import Synchronization
import Testing

@testable import Store

/// What streams have to say while the database is gone.
@Suite(.onEachBackend, .timeLimit(.minutes(30))) struct SpoolTests {
    private let unwell: UnwellStore

    init() async throws { unwell = try await UnwellStore() }

    private var file: URL { unwell.file }
    /// A store as a process would have it, on the same database and the same spool.
    private func process(fileLimit: Int = 1 << 20, memoryLimit: Int = 1 << 20) throws -> Store {
        try unwell.process(limits: EventSpool.Limits(file: fileLimit, memory: memoryLimit, last: 0))
    }
    /// Opens and closes `events`, each with a report that is due.
    private func record(_ events: [Event], to store: Store, at now: Date = TemporaryStore.noon) async throws {
        try await store.record(events, of: unwell.stream, at: now)
    }
    @Test func anotherDatabaseIsRefusedAsLongAsEventsWait() async throws {
        unwell.database.become(.gone)
        let store = try process()
        try await record([.crowd(from: 0, to: 1)], to: store)
        let other = try await TemporaryStore()
        let stranger = try unwell.directory.store(on: other.store.database)
        await #expect(throws: OpeningError.eventsOfAnother(path: file.path)) {
            try await stranger.checkSpool(in: unwell.directory.url)
        }
        #expect(stranger.spooledEventWrites == 2)

        unwell.database.become(.well)
        let next = try process()
        try await next.checkSpool(in: unwell.directory.url)
        try await untilEmpty(store)
    }
    private func untilEmpty(_ store: Store) async throws {
        while store.spooledEventWrites > 0 { try await Task.sleep(for: .milliseconds(5)) }
    }
    private func records() async throws -> [EventRecord] { try await unwell.records() }
    private func expectOnce(_ events: [Event]) async throws {
        let records = try await records()
        #expect(records.map(\.event.id) == events.flatMap { [$0.id, $0.id] })
        #expect(records.map(\.phase) == events.flatMap { _ in [.started, .finished] as [EventRecord.Phase] })
        #expect(records.map(\.sequence) == Array(1...Int64(events.count * 2)))
        #expect(Set(records.map(\.event.state)) == [.closed])
        #expect(try await unwell.fixture.store.outboxLevel().due == events.count)
    }
    private static func events(_ count: Int) -> [Event] {
        (0..<count).map { .crowd(from: Double($0), to: Double($0) + 0.5) }
    }

    @Test func itIsKeptAndWrittenInItsOrderWhenTheDatabaseIsBack() async throws {
        let store = try process(), events = Self.events(100)
        try await record(Array(events[..<10]), to: store)
        unwell.database.become(.gone)
        try await record(Array(events[10..<90]), to: store)
        #expect(store.spooledEventWrites == 160)
        await #expect(throws: StoreTrouble(kind: .eventsWait(count: 160), detail: "gone")) { try await store.check() }
        #expect(unwell.reports.list == [.began(reason: "gone")])

        unwell.database.become(.well)
        try await record(Array(events[90...]), to: store)  // behind what waits
        try await untilEmpty(store)
        try await expectOnce(events)
        #expect(try await records().allSatisfy { $0.time == TemporaryStore.noon })
        try await unwell.reports.until(.ended)
        #expect(unwell.reports.list == [.began(reason: "gone"), .ended])
        try await store.check()
        #expect(try Data(contentsOf: file).isEmpty)
        await store.events.stop()
    }

    @Test func whoDiesWhileTheDatabaseIsGoneLosesNothing() async throws {
        let first = try process(), events = Self.events(3), open = Event.crowd(from: 9, to: 9)
        unwell.database.become(.gone)
        try await record(events, to: first)
        try await first.record([open.update(.opened)], deliveries: [], of: unwell.stream, at: TemporaryStore.noon)
        await first.events.stop()

        let second = try process()
        #expect(second.spooledEventWrites == 7)
        await #expect(throws: StoreError.unavailable(reason: "gone")) { try await second.recoverFromUncleanStop() }
        unwell.database.become(.well)
        try await second.recoverFromUncleanStop(at: TemporaryStore.noon.addingTimeInterval(60))
        #expect(second.spooledEventWrites == 0)
        let last = try #require(try await records().last)
        #expect((last.event.id, last.event.state, last.phase) == (open.id, .interrupted, .finished))
        #expect(last.time == TemporaryStore.noon.addingTimeInterval(60))
        #expect(try await records().count == 8)
    }

    @Test func whoDiesWhileItIsBeingWrittenDoublesNothing() async throws {
        let first = try process(), events = Self.events(100)
        unwell.database.become(.gone)
        try await record(events, to: first)
        let before = try Data(contentsOf: file)
        unwell.database.become(.well)
        try await first.events.drainLeftOver()
        await first.events.stop()
        try before.write(to: file)  // as if the file had not been emptied yet
        try await process().recoverFromUncleanStop(at: TemporaryStore.noon)
        try await expectOnce(events)
    }

    @Test func twoWhoEmptyTheSpoolAtOnceDoAndForgetNothingTwice() async throws {
        let store = try process(), events = Self.events(100)
        unwell.database.become(.gone)
        try await record(events, to: store)
        unwell.database.become(.well)
        try await withThrowingTaskGroup(of: Void.self) { group in
            for _ in 0..<3 { group.addTask { try await store.events.drainLeftOver() } }
            try await group.waitForAll()
        }
        try await expectOnce(events)
        #expect(store.spooledEventWrites == 0)
    }

    @Test func aCommitThatNobodyHeardOfIsThereOnce() async throws {
        let store = try process(), events = Self.events(3)
        unwell.database.become(.deaf)
        try await record(events, to: store)
        try await Task.sleep(for: .milliseconds(300))  // until it has been tried again
        await #expect(throws: StoreTrouble(kind: .eventsWait(count: 6), detail: "lost")) { try await store.check() }
        unwell.database.become(.well)
        try await untilEmpty(store)
        try await expectOnce(events)
    }

    @Test func whatTheDiskDidNotTakeForAMomentReachesItWithTheNext() async throws {
        let store = try process(), events = Self.events(2)
        unwell.database.become(.gone)
        let away = unwell.directory.url.appendingPathExtension("away")
        try FileManager.default.moveItem(at: unwell.directory.url, to: away)
        try await record([events[0]], to: store)
        #expect(store.spooledEventWrites == 2 && !FileManager.default.fileExists(atPath: file.path))
        try FileManager.default.moveItem(at: away, to: unwell.directory.url)
        #expect(store.eventWritesInMemory == 2)
        try await record([events[1]], to: store)
        #expect(store.eventWritesInMemory == 0)
        #expect(await store.untilDurable(EventTicket(2)))
        let lines = try String(contentsOf: file, encoding: .utf8).split(separator: "\n")
        #expect(lines.count == 4 && lines[0].contains(events[0].id.wire) && lines[3].contains(events[1].id.wire))
        unwell.database.become(.well)
        try await untilEmpty(store)
        try await expectOnce(events)
    }

    @Test func aSpoolThatIsDeletedIsMadeAnewWithAllThatWasInIt() async throws {
        let store = try process(), events = Self.events(3)
        unwell.database.become(.gone)
        try await record([events[0]], to: store)
        try FileManager.default.removeItem(at: file)
        try await record([events[1]], to: store)
        #expect(try String(contentsOf: file, encoding: .utf8).split(separator: "\n").count == 4)
        await store.events.stop()

        // What somebody else put in its place is left alone.
        let next = try process()
        let away = file.appendingPathExtension("away")
        try FileManager.default.moveItem(at: file, to: away)
        try Data("mine\n".utf8).write(to: file)
        try await record([events[2]], to: next)
        #expect(try String(contentsOf: file, encoding: .utf8) == "mine\n" && next.eventWritesInMemory == 2)
        try FileManager.default.removeItem(at: file)
        try FileManager.default.moveItem(at: away, to: file)
        unwell.database.become(.well)
        try await untilEmpty(next)
        try await expectOnce(events)
    }

    @Test func whatTheDatabaseNeverTakesIsPutAsideAndHoldsNobodyUp() async throws {
        let store = try process(), events = Self.events(2)
        let stranger = StreamDefinition(
            id: UUID(), accountID: UUID(), version: 1, source: unwell.stream.source, analytics: [],
            location: .emptyObject)
        unwell.database.become(.gone)
        try await record([events[0]], to: store)
        try await store.record([Event.crowd(from: 1, to: 1).update(.opened)], deliveries: [], of: stranger)
        try await record([events[1]], to: store)
        unwell.database.become(.well)
        try await untilEmpty(store)
        try await expectOnce(events)
        try await unwell.reports.until(.putAside(count: 1))
        let aside = try String(contentsOf: file.appendingPathExtension("refused"), encoding: .utf8)
        #expect(aside.contains(stranger.accountID.wire) && aside.hasSuffix("\n"))
    }

    @Test func linesThatTheDiskHasBrokenArePutAsideAndHoldNobodyUp() async throws {
        let first = try process(), events = Self.events(2)
        unwell.database.become(.gone)
        try await record(events, to: first)
        await first.events.stop()
        var lines = try Data(contentsOf: file)
        lines.insert(contentsOf: Data("\0\0\0\n{}\n".utf8), at: 0)
        lines.append(contentsOf: Data("{\"stream\":".utf8))  // cut off, and never promised to anybody
        try lines.write(to: file)
        unwell.database.become(.well)
        try await process().recoverFromUncleanStop(at: TemporaryStore.noon)
        try await expectOnce(events)
        try await unwell.reports.until(.putAside(count: 2))
    }
}
