public import Foundation
import Matching
import SQL
import Synchronization

/// How much room the data directory has, in bytes.
public struct StoreRoom: Hashable, Sendable {
    /// For rows: what the file system has free, and the pages in an embedded database that nothing uses.
    public let room: Int
    /// For files.
    public let free: Int
    public let reserve: Int
}

// Finished events go in the order in which their ends were stored, however long ago they began, each with its records and what is due
// of it, and with what those look like whom it is about. The numbers of records are never given again.
extension Store {
    /// Events that one transaction removes at most. Each may have a picture of a hundred pages in old rows, which are read to be
    /// freed.
    private static let eventDeletionLimit = 10

    /// Events that were removed since the store was opened.
    public var deletedEventCount: Int { deletedEvents.load(ordering: .relaxed) }

    /// Looks how much room there is, and reports what has happened for lack of it.
    @discardableResult
    public func lookAtRoom() async throws -> StoreRoom {
        if database.dialect.name == .sqlite {
            let pages: (Int, Int) = try await read { connection in
                (try connection.value("PRAGMA freelist_count") ?? 0, try connection.value("PRAGMA page_size") ?? 0)
            }
            room.setReusable(pages.0 * pages.1)
        }
        room.measureAgain()
        let dropped = droppedPictures
        let new = dropped - reportedPictures.exchange(dropped, ordering: .relaxed)
        if new > 0 { report(.picturesDropped(count: new)) }
        return roomLeft
    }
    /// As it was found a moment ago.
    public var roomLeft: StoreRoom { StoreRoom(room: room.room, free: room.free, reserve: room.reserve) }

    /// Removes events whose end was stored before `bound`.
    /// - Returns: how many were removed.
    @discardableResult
    public func deleteEvents(before bound: Date) async throws -> Int {
        let time = Milliseconds.bound(bound)
        var deleted = DeletedEvents()
        while true {
            let removed = try await deleteOldestEvents { $0 < time }
            deleted += removed
            if removed.events < Self.eventDeletionLimit { break }
        }
        return await finish(deleted, .age)
    }

    /// Removes finished events until so many of them are left at most, those that ended last.
    /// - Returns: how many were removed.
    @discardableResult
    public func deleteEvents(beyond limit: Int) async throws -> Int {
        let ended: Int? = try await read { try $0.value(Self.endedEventCount) }
        let excess = (ended ?? 0) - limit
        var deleted = DeletedEvents()
        while deleted.events < excess {
            let limit = min(excess - deleted.events, Self.eventDeletionLimit)
            let removed = try await deleteOldestEvents(atMost: limit) { _ in true }
            deleted += removed
            if removed.events == 0 { break }
        }
        return await finish(deleted, .count)
    }
    /// By indexes alone.
    static let endedEventCount =
        "SELECT (SELECT count(*) FROM event) - (SELECT count(*) FROM event WHERE state = 'open')"

    /// Removes events until there is so much room for rows and for files, or none is left that has ended and would make some: of a
    /// database elsewhere it is only the pictures that do.
    /// - Parameter wanted: bytes.
    /// - Returns: how many were removed.
    @discardableResult
    public func deleteEvents(untilRoomIs wanted: Int) async throws -> Int {
        var deleted = DeletedEvents()
        while true {
            let left = try await lookAtRoom()
            var makesRoom = database.dialect.name == .sqlite && left.room < wanted
            if !makesRoom, left.free < wanted { makesRoom = try await hasPictures() }
            guard makesRoom else { break }
            let removed = try await deleteOldestEvents { _ in true }
            deleted += removed
            if removed.events == 0 { break }
        }
        return await finish(deleted, .room)
    }
    private func hasPictures() async throws -> Bool {
        try await read { try $0.value("SELECT 1 FROM object WHERE event_id IS NOT NULL LIMIT 1") as Int? } != nil
    }
    private func finish(_ deleted: DeletedEvents, _ reason: StoreReport.DeletionReason) async -> Int {
        guard deleted.events > 0 else { return 0 }
        if deleted.descriptors > 0 { await erase() }
        deletedEvents.add(deleted.events, ordering: .relaxed)
        report(.eventsDeleted(count: deleted.events, reason: reason))
        return deleted.events
    }

    /// - Parameter isOld: asked for the time at which an event's end was stored, the oldest event first; the first that is not old ends
    ///   the search, for those behind it came later.
    private func deleteOldestEvents(
        atMost limit: Int = eventDeletionLimit, _ isOld: @escaping @Sendable (_ time: Int64) -> Bool
    ) async throws -> DeletedEvents {
        try await removeObjects { [eventDescriptors] connection in
            let oldest: [(event: UUID, time: Int64)] = try connection.rows(Self.oldestEnds, [limit]) { ($0[0], $0[1]) }
            var deleted = DeletedEvents(), pictures = RemovedObjects()
            for (event, _) in oldest.prefix(while: { isOld($0.time) }) {
                let gone = try connection.removeObjects(where: Self.picturesOfEvent, [event])
                pictures = RemovedObjects(ids: pictures.ids + gone.ids, bytes: pictures.bytes + gone.bytes)
                deleted += try connection.deleteEvent(event, eventDescriptors)
            }
            return (deleted, pictures)
        }
    }
    static let oldestEnds = "SELECT event_id, time FROM event_record WHERE phase = 'finished' ORDER BY number LIMIT ?"
    static let picturesOfEvent = "event_id = ?"
}

/// How much has gone.
struct DeletedEvents: Sendable {
    var events = 0, records = 0, descriptors = 0

    static func += (a: inout Self, b: Self) {
        a.events += b.events
        a.records += b.records
        a.descriptors += b.descriptors
    }
}

extension Connection {
    /// Removes an event with its records, and with what is due of it.
    func deleteEvent(_ id: UUID, _ index: DescriptorIndex) throws -> DeletedEvents {
        let subjects: [Int64] = try rows(
            """
            DELETE FROM event_descriptor WHERE event_sequence = (SELECT sequence FROM event WHERE id = ?)
            RETURNING event_sequence
            """, [id]
        ) { $0[0] }
        for subject in subjects { afterCommit { index.apply(.removed(subject: subject)) } }
        let records = try execute("DELETE FROM event_record WHERE event_id = ?", [id])
        return DeletedEvents(
            events: try execute("DELETE FROM event WHERE id = ?", [id]), records: records, descriptors: subjects.count)
    }
}
