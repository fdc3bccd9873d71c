import Foundation
import JSON
import KeepSupport
import ObjectStore
import Records
import SQL
import Scene
import Testing

@testable import Store

/// Pictures of events, which are objects.
@Suite(.onEachBackend) struct PictureTests {
    private let unwell: UnwellStore
    private var database: FlakyDatabase { unwell.database }
    private var stream: StreamDefinition { unwell.stream }
    private var account: UUID { unwell.fixture.account.id }
    private var files: Set<UUID> { get throws { try unwell.directory.objectFiles() } }

    init() async throws { unwell = try await UnwellStore() }

    private func process(_ change: (inout ObjectConfiguration) -> Void = { _ in }) async throws -> Store {
        try await unwell.process(objects: change)
    }
    private func record(_ store: Store, _ event: Event, _ change: EventUpdate.Change, told: Bool = false) async throws {
        try await unwell.record(store, event, change, told: told)
    }
    private func image(_ record: EventRecord) -> UUID? {
        record.event.body["event"]?["overview"]?["image"]?.string.flatMap { UUID(uuidString: String($0.suffix(36))) }
    }

    @Test func anEventNamesItsPictureWhichIsAnImage() async throws {
        let store = try await process(), event = Event.crowd(from: 1, to: 2).pictured(lifetime: Lifetime(days: 30))
        try await record(store, event, .opened)
        try await record(store, event, .closed, told: true)
        let body = try #require(try await unwell.records().last?.event.body["event"]?["overview"])
        let id = event.pictures[0].id
        #expect(body["image"] == .string("/6/images/\(id.wire)") && body["people_count"] == 2)
        let image = try #require(
            try await store.object(id: id, kind: .image, account: account, at: TemporaryStore.noon))
        #expect(image.contentType == "image/jpeg" && image.size == 1000)
        #expect(image.expiry == TemporaryStore.noon.addingTimeInterval(30 * 86_400))
        #expect(try await store.bytes(0..<1000, of: image) == event.pictures[0].snapshot.bytes)
        #expect(try await store.objectTotals().count == 1)
    }

    @Test func ofTwoPicturesTheBetterOneStays() async throws {
        let store = try await process()
        var event = Event.crowd(from: 1, to: 2).pictured()
        try await record(store, event, .opened)
        let first = event.pictures[0].id
        #expect(try files == [first])
        event = event.pictured()
        try await record(store, event, .closed)
        #expect(try files == [event.pictures[0].id] && first != event.pictures[0].id)
        #expect(try await unwell.records().map(image) == [event.pictures[0].id, event.pictures[0].id])
        #expect(try await store.objectTotals().count == 1)
    }

    @Test func aPictureThatSomebodyWasToldOfStaysAsLongAsItsEvent() async throws {
        let store = try await process()
        var event = Event.crowd(from: 1, to: 2).pictured()
        try await record(store, event, .opened, told: true)
        let first = event.pictures[0].id
        event = event.pictured()
        try await record(store, event, .closed)
        #expect(try files == [first, event.pictures[0].id])
        #expect(try await store.deleteEvents(before: .distantFuture) == 1)
        #expect(try files.isEmpty)
        #expect(try await store.objectTotals() == ObjectTotals(count: 0, bytes: 0))
    }

    @Test func withoutRoomForItAnEventGoesOnWithout() async throws {
        let store = try await process { $0.accountQuota = 1500 }
        let events = (0..<3).map { Event.crowd(from: Double($0), to: Double($0) + 0.5).pictured() }
        for event in events { try await record(store, event, .closed) }
        let closed = try await unwell.records().filter { $0.phase == .finished }
        #expect(closed.map(image) == [events[0].pictures[0].id, nil, nil])
        #expect(closed.allSatisfy { $0.event.body["event"]?["people_count"] == 2 })
        #expect(store.droppedPictures == 2)
        #expect(try files.count == 1)
        // An upload has the same quota.
        await #expect(throws: StoreError.quotaExceeded(limit: 1500)) {
            try await store.checkRoom(for: 501, of: account)
        }
    }

    @Test func whileTheDatabaseIsGonePicturesLieOnTheDiskAndAreNoOrphans() async throws {
        let store = try await process(), event = Event.crowd(from: 1, to: 2).pictured()
        database.become(.gone)
        try await record(store, event, .closed)
        #expect(store.spooledEventWrites == 1)
        database.become(.well)
        let next = try await process()
        #expect(next.tree.isDoubtful && next.spooledEventWrites == 1)
        #expect(try await next.mendObjects() == 0)
        #expect(try files == [event.pictures[0].id])
        try await next.recoverFromUncleanStop()
        #expect(try await next.mendObjects() == 0)
        #expect(try await unwell.records().last.map(image) == event.pictures[0].id)
        #expect(try files == [event.pictures[0].id])
        #expect(try await next.object(id: event.pictures[0].id, kind: .image, account: account) != nil)
    }

    @Test func aPictureWhoseEventNeverCameIsAnOrphan() async throws {
        let store = try await process()
        _ = await store.keepPictures(
            of: [Event.crowd(from: 1, to: 2).pictured().update(.closed)], account: account, at: .now)
        #expect(try files.count == 1)
        // The process dies before the event is written.
        let next = try await process()
        #expect(try await next.mendObjects() == 1)
        #expect(try files.isEmpty)
    }

    // MARK: Those of daemons before

    /// An event as it was stored when pictures lay in the rows.
    private func storeOld(_ count: Int, size: Int = 3000) async throws -> [UUID] {
        try await unwell.fixture.store.record(
            (0..<count).map { Event.crowd(from: Double($0), to: Double($0) + 0.5) }, of: stream)
        let picture = Data([0x89, 0x50, 0x4e, 0x47] + [UInt8](repeating: 7, count: size)).base64EncodedString()
        return try await unwell.fixture.store.write { connection in
            let events: [(Int64, UUID, String)] = try connection.rows(
                "SELECT sequence, id, body FROM event ORDER BY sequence", []
            ) { ($0[0], $0[1], $0[2]) }
            for (sequence, _, text) in events {
                guard case .object(var body) = try JSONValue(stored: text), case .object(var event)? = body["event"]
                else { continue }
                event["overview"] = ["time_offset": 1.5, "people_count": 2, "image": .string(picture)]
                body["event"] = .object(event)
                try connection.execute(
                    "UPDATE event SET body = ? WHERE sequence = ?", [JSONValue.object(body).text, sequence])
            }
            return events.map(\.1)
        }
    }

    @Test func oldPicturesBecomeImagesAndGiveTheirRoomBack() async throws {
        _ = try await storeOld(45, size: 100_000)
        let store = try await process()
        let before = try await store.lookAtRoom().room
        var counts: [Int] = []
        while let count = try await store.moveOldPictures() { counts.append(count) }
        #expect(counts == [20, 20, 5])
        let records = try await unwell.records().filter { $0.phase == .finished }
        let images = records.compactMap(image)
        #expect(Set(images).count == 45)
        #expect(try Set(images) == files)
        #expect(records.allSatisfy { $0.event.body["event"]?["overview"]?["time_offset"] == 1.5 })
        let first = try #require(try await store.object(id: images[0], kind: .image, account: account))
        #expect(first.contentType == "image/png" && first.size == 100_004)
        #expect(try await store.bytes(0..<2, of: first) == [0x89, 0x50])
        #expect(try await store.moveOldPictures() == nil)
        // They go with their events.
        #expect(try await store.deleteEvents(before: .distantFuture) == 45)
        #expect(try files.isEmpty)
        guard unwell.fixture.store.database.dialect == .sqlite else { return }
        #expect(try await store.lookAtRoom().room >= before)
        let free: Int? = try await unwell.fixture.store.read { try $0.value("PRAGMA freelist_count") }
        #expect((free ?? 0) * 4096 > 45 * 100_000)
    }

    @Test func cutOffAnywhereTheMoveGoesOnAndLeavesNoOrphan() async throws {
        let ids = try await storeOld(45)
        for cut in 0..<3 {
            let store = try await process()
            database.become(.dying(cut))
            await #expect(throws: StoreError.self) { while try await store.moveOldPictures() != nil {} }
            database.become(.well)
        }
        let store = try await process()
        while try await store.moveOldPictures() != nil {}
        try await store.mendObjects()
        let records = try await unwell.records().filter { $0.phase == .finished }
        #expect(records.map(\.event.id) == ids)
        #expect(try Set(records.compactMap(image)) == files)
        #expect(try files.count == 45)
    }
}
