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

// The oldest finished events go, each with its records and what is due of it. The numbers of records are never given again.
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

    /// Removes events whose latest record was stored before `bound`.
    /// - Returns: how many were removed.
    @discardableResult
    public func deleteEvents(before bound: Date) async throws -> Int {
        let time = Milliseconds.bound(bound)
        var count = 0
        while true {
            let removed = try await deleteOldestEvents { $1 < time }
            count += removed
            if removed < Self.eventDeletionLimit { break }
        }
        note(count, .age)
        return count
    }

    /// Removes finished events until so many are left at most, the latest.
    /// - Returns: how many were removed.
    @discardableResult
    public func deleteEvents(beyond limit: Int) async throws -> Int {
        let excess: Int64? = try await read {
            try $0.value("SELECT sequence FROM event ORDER BY sequence DESC LIMIT 1 OFFSET ?", [limit])
        }
        guard let excess else { return 0 }
        var count = 0
        while true {
            let removed = try await deleteOldestEvents { sequence, _ in sequence <= excess }
            count += removed
            if removed < Self.eventDeletionLimit { break }
        }
        note(count, .count)
        return count
    }

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
            let removed = try await deleteOldestEvents { _, _ in true }
            count += removed
            if removed == 0 { break }
        }
        note(count, .room)
        return count
    }
    static let picturesOfOldEvents =
        "event_id IN (SELECT id FROM event WHERE sequence <= ? AND state <> 'open')"
    private func hasPictures() async throws -> Bool {
        try await read { try $0.value("SELECT 1 FROM object WHERE event_id IS NOT NULL LIMIT 1") as Int? } != nil
    }
    private func note(_ count: Int, _ reason: StoreReport.DeletionReason) {
        guard count > 0 else { return }
        deletedEvents.add(count, ordering: .relaxed)
        report(.eventsDeleted(count: count, reason: reason))
    }

    /// - Parameter isOld: asked for an event's sequence and the time of its latest record, the oldest event first; the first that is not old ends the
    ///   search, for those behind it came later.
    private func deleteOldestEvents(_ isOld: @escaping @Sendable (_ sequence: Int64, _ time: Int64) -> Bool)
        async throws -> Int
    {
        try await removeObjects { connection in
            let oldest: [(sequence: Int64, time: Int64)] = try connection.rows(
                """
                SELECT sequence, coalesce((SELECT max(time) FROM event_record WHERE event_id = event.id), 0) FROM event
                WHERE state <> 'open' ORDER BY sequence LIMIT ?
                """, [Self.eventDeletionLimit]
            ) { ($0[0], $0[1]) }
            guard let last = oldest.prefix(while: { isOld($0.sequence, $0.time) }).last else {
                return (0, RemovedObjects())
            }
            // What is due of them goes with them, and so do their pictures.
            let pictures = try connection.removeObjects(where: Self.picturesOfOldEvents, [last.sequence])
            try connection.execute(
                """
                DELETE FROM event_record WHERE event_id IN (
                    SELECT id FROM event WHERE sequence <= ? AND state <> 'open')
                """, [last.sequence])
            return (
                try connection.execute("DELETE FROM event WHERE sequence <= ? AND state <> 'open'", [last.sequence]),
                pictures
            )
        }
    }
}
