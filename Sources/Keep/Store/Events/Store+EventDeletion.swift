public import Foundation
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
// of it. The numbers of records are never given again.
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
        var count = 0
        while true {
            let removed = try await deleteOldestEvents { $0 < time }
            count += removed
            if removed < Self.eventDeletionLimit { break }
        }
        note(count, .age)
        return count
    }

    /// Removes finished events until so many of them are left at most, those that ended last.
    /// - Returns: how many were removed.
    @discardableResult
    public func deleteEvents(beyond limit: Int) async throws -> Int {
        let ended: Int? = try await read { try $0.value(Self.endedEventCount) }
        let excess = (ended ?? 0) - limit
        var count = 0
        while count < excess {
            let removed = try await deleteOldestEvents(atMost: min(excess - count, Self.eventDeletionLimit)) { _ in true
            }
            count += removed
            if removed == 0 { break }
        }
        note(count, .count)
        return count
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
        var count = 0
        while true {
            let left = try await lookAtRoom()
            var makesRoom = database.dialect.name == .sqlite && left.room < wanted
            if !makesRoom, left.free < wanted { makesRoom = try await hasPictures() }
            guard makesRoom else { break }
            let removed = try await deleteOldestEvents { _ in true }
            count += removed
            if removed == 0 { break }
        }
        note(count, .room)
        return count
    }
    private func hasPictures() async throws -> Bool {
        try await read { try $0.value("SELECT 1 FROM object WHERE event_id IS NOT NULL LIMIT 1") as Int? } != nil
    }
    private func note(_ count: Int, _ reason: StoreReport.DeletionReason) {
        guard count > 0 else { return }
        deletedEvents.add(count, ordering: .relaxed)
        report(.eventsDeleted(count: count, reason: reason))
    }

    /// - Parameter isOld: asked for the time at which an event's end was stored, the oldest event first; the first that is not old ends
    ///   the search, for those behind it came later.
    private func deleteOldestEvents(
        atMost limit: Int = eventDeletionLimit, _ isOld: @escaping @Sendable (_ time: Int64) -> Bool
    ) async throws -> Int {
        try await removeObjects { connection in
            let oldest: [(event: UUID, time: Int64)] = try connection.rows(Self.oldestEnds, [limit]) { ($0[0], $0[1]) }
            var count = 0, pictures = RemovedObjects()
            for (event, _) in oldest.prefix(while: { isOld($0.time) }) {
                let gone = try connection.removeObjects(where: Self.picturesOfEvent, [event])
                pictures = RemovedObjects(ids: pictures.ids + gone.ids, bytes: pictures.bytes + gone.bytes)
                count += try connection.deleteEvent(event).events
            }
            return (count, pictures)
        }
    }
    static let oldestEnds = "SELECT event_id, time FROM event_record WHERE phase = 'finished' ORDER BY number LIMIT ?"
    static let picturesOfEvent = "event_id = ?"
}

extension Connection {
    /// Removes an event with its records, and with what is due of it.
    func deleteEvent(_ id: UUID) throws -> (events: Int, records: Int) {
        let records = try execute("DELETE FROM event_record WHERE event_id = ?", [id])
        return (try execute("DELETE FROM event WHERE id = ?", [id]), records)
    }
}
