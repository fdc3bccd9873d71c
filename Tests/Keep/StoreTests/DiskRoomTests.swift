import Foundation
import KeepSupport
import Records
import SQL
import Synchronization
import Testing

@testable import Store

/// The reserve of the disk: what is stored when it is touched, and what is deleted so that it is not.
@Suite(.onEachBackend, .timeLimit(.minutes(30))) struct DiskRoomTests {
    private let fixture: TemporaryStore
    private let stream: StreamDefinition
    private let directory = TemporaryDirectory()
    private let reports = Reports()
    /// What the disk has free, in bytes.
    private final class Free: Sendable {
        let bytes = Atomic(10_000)
        func set(_ bytes: Int) { self.bytes.store(bytes, ordering: .relaxed) }
    }
    private let free = Free()

    init() async throws {
        fixture = try await TemporaryStore()
        stream = try await fixture.createStream().definition
        try FileManager.default.createDirectory(at: directory.url, withIntermediateDirectories: true)
    }
    private func store(on database: (any Database)? = nil, reserve: Int? = 8000) throws -> Store {
        let report: @Sendable (StoreReport) -> Void = { [reports] in reports.add($0) }
        let room = DiskRoom(
            DiskReserveConfiguration(bytes: reserve), holding: .zero,
            measure: { [free] in DiskRoom.Space(free: free.bytes.load(ordering: .relaxed), size: 1 << 40) },
            report: report)
        return try directory.store(on: database ?? fixture.store.database, room: room, report: report)
    }
    private var isFile: Bool { fixture.store.database.dialect == .sqlite }
    private func records() async throws -> [EventRecord] {
        try await fixture.store.events(account: fixture.account.id)
    }

    @Test(arguments: [(1 << 30, (1 << 30) / 50), (1 << 40, 512 << 20), (64 << 20, (64 << 20) / 50)])
    func theReserveIsSmallerOnASmallDisk(size: Int, reserve: Int) {
        #expect(DiskReserveConfiguration().reserve(ofSize: size) == reserve)
        #expect(DiskReserveConfiguration(bytes: 7).reserve(ofSize: size) == 7)
    }

    @Test func itIsFreeOnWhateverDiskIsAsked() {
        let folder = FileManager.default.temporaryDirectory
        #expect(DiskReserveConfiguration(bytes: 1).isFree(on: folder))
        #expect(!DiskReserveConfiguration(bytes: 1 << 50).isFree(on: folder))
        #expect(DiskReserveConfiguration(bytes: 1 << 50).isFree(on: folder.appending(path: UUID().uuidString)))
    }

    @Test func whenItIsTouchedEventsAreStoredWithoutPictures() async throws {
        let store = try store(), events = (0..<3).map { Event.crowd(from: Double($0), to: Double($0) + 0.5).pictured() }
        try await store.record([events[0].update(.closed)], deliveries: [], of: stream)
        try await store.check()
        free.set(7999)
        try await store.record([events[1].update(.closed)], deliveries: [], of: stream)
        await #expect(throws: StoreTrouble(kind: .reserveTouched(room: 7999, reserve: 8000), detail: "")) {
            try await store.check()
        }
        free.set(9000)
        try await store.record([events[2].update(.closed)], deliveries: [], of: stream)
        try await store.check()
        try await store.lookAtRoom()
        let records = try await records().filter { $0.phase == .finished }
        #expect(records.map(\.hasPicture) == [true, false, true] && records.map(\.event.id) == events.map(\.id))
        #expect(store.droppedPictures == 1)
        #expect(
            reports.list == [.reserveTouched(room: 7999, reserve: 8000), .reserveFree(room: 9000)]
                + [.picturesDropped(count: 1)])
    }

    @Test func whatIsLeftOfItIsNotForEvents() async throws {
        let database = FlakyDatabase(fixture.store.database)
        let store = try store(on: database), event = Event.crowd(from: 0, to: 1)
        free.set(999)
        if !isFile { database.become(.gone) }
        try await store.record([event], of: stream)
        #expect(store.spooledEventWrites == 2 && store.lostEventWrites == 0)
        #expect(!FileManager.default.fileExists(atPath: directory.url.appending(path: "events.spool").path))
        await #expect { try await store.check() } throws: { ($0 as? StoreTrouble)?.kind == .eventsWait(count: 2) }
        free.set(1000)
        database.become(.well)
        try await store.settle()
        #expect(try await records().map(\.event.id) == [event.id, event.id])
    }

    @Test func theOldestFinishedEventsGoWithAllThatIsTheirs() async throws {
        let store = try store(), later = TemporaryStore.noon.addingTimeInterval(86_400)
        let open = Event.crowd(from: 0, to: 0)
        try await store.record([open.update(.opened)], deliveries: [], of: stream, at: TemporaryStore.noon)
        let old = (0..<120).map { Event.crowd(from: Double($0), to: Double($0) + 0.5) }
        try await store.record(old, of: stream)
        let young = (0..<3).map { Event.crowd(from: Double($0), to: Double($0) + 0.5) }
        try await store.record(young, of: stream, at: later)

        #expect(try await store.deleteEvents(before: TemporaryStore.noon) == 0)
        #expect(try await store.deleteEvents(before: later) == 120)
        let left = try await records()
        #expect(left.map(\.event.id) == [open.id] + young.flatMap { [$0.id, $0.id] })
        #expect(left.map(\.sequence) == [1] + Array(242...247))  // numbers are never given again
        #expect(try await fixture.store.outboxLevel().due == 3)
        #expect(store.deletedEventCount == 120 && reports.list == [.eventsDeleted(count: 120, reason: .age)])
        // An event that is open is never deleted, and counts on when it is closed.
        try await store.record([open.update(.closed)], deliveries: [], of: stream, at: later)
        #expect(try await records().last?.sequence == 248)
    }

    /// An event that lasted long was begun before many others, and ends after them.
    @Test func eventsGoInTheOrderInWhichTheirEndsWereStored() async throws {
        let store = try store(), day = TemporaryStore.noon.addingTimeInterval(86_400)
        let (long, longer) = (Event.crowd(from: 0, to: 900), Event.crowd(from: 1, to: 2000))
        try await store.record(
            [long.update(.opened), longer.update(.opened)], deliveries: [], of: stream, at: TemporaryStore.noon)
        let short = (2..<22).map { Event.crowd(from: Double($0), to: Double($0) + 0.5) }
        try await store.record(short, of: stream, at: TemporaryStore.noon)
        try await store.record([long.update(.closed)], deliveries: [], of: stream, at: day)
        func ended() async throws -> [UUID] { try await records().filter { $0.phase == .finished }.map(\.event.id) }

        // The latest that ended are kept; the one that goes on does not count.
        #expect(try await store.deleteEvents(beyond: 3) == 18)
        #expect(try await ended() == short[18...].map(\.id) + [long.id])
        #expect(try await store.deleteEvents(beyond: 1) == 2)
        #expect(try await ended() == [long.id])
        try await store.record([longer.update(.closed)], deliveries: [], of: stream, at: day)
        #expect(try await store.deleteEvents(beyond: 1) == 1)
        #expect(try await ended() == [longer.id])

        // One that has just ended does not keep those that ended before it.
        let last = Event.crowd(from: 3000, to: 4000), before = Event.crowd(from: 3001, to: 3002)
        try await store.record([last.update(.opened)], deliveries: [], of: stream, at: day)
        try await store.record([before], of: stream, at: day)
        try await store.record(
            [last.update(.closed)], deliveries: [], of: stream, at: day.addingTimeInterval(86_400))
        #expect(try await store.deleteEvents(before: day.addingTimeInterval(3600)) == 2)
        #expect(try await ended() == [last.id])
    }

    @Test func eventsAreDeletedUntilThereIsRoom() async throws {
        let store = try store()
        let events = (0..<400).map { Event.crowd(from: Double($0), to: Double($0) + 0.5) }
        try await store.record(events, of: stream)
        let before = try await store.lookAtRoom().room
        let count = try await store.deleteEvents(untilRoomIs: before + 100_000)
        guard isFile else {
            #expect(count == 0)
            return
        }
        // An event takes about a kilobyte, whose pages can be used again.
        #expect((50..<400).contains(count))
        #expect(try await store.lookAtRoom().room >= before + 100_000)
        let left = try await records()
        #expect(left.map(\.event.id) == events[count...].flatMap { [$0.id, $0.id] })
        #expect(try await store.deleteEvents(untilRoomIs: .max) == 400 - count)
        #expect(try await records().isEmpty)
    }

    /// Their pictures lie on this disk also where the database is elsewhere.
    @Test func eventsAreDeletedUntilTheirPicturesHaveMadeRoom() async throws {
        let directory = directory, all = 10_000_000
        let room = DiskRoom(
            DiskReserveConfiguration(bytes: 8000), holding: .zero,
            measure: {
                DiskRoom.Space(free: all - ((try? directory.objectFiles().count) ?? 0) * 20_000, size: 1 << 40)
            })
        let store = try directory.store(on: fixture.store.database, room: room)
        let events = (0..<100).map { Event.crowd(from: Double($0), to: Double($0) + 0.5).pictured(20_000) }
        try await store.record(events, of: stream)
        #expect(try await store.lookAtRoom().free == all - 2_000_000)
        #expect(try await store.deleteEvents(untilRoomIs: all - 1_000_000) == 50)
        #expect(try await records().map(\.event.id) == events[50...].flatMap { [$0.id, $0.id] })
        #expect(try directory.objectFiles().count == 50)
    }
}
