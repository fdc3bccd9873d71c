import Foundation
import JSON
import ObjectStore
import Records
import SQL
import Scene

// Daemons before had the pictures of events in their rows, as base64. They become objects, some rows at a time, beside everything
// else; the table `old_rows` remembers how far that has come.
extension Store {
    private static let oldPictures = "event pictures"
    /// Rows that are read at once. Each may hold a picture of some hundred kilobytes.
    private static let oldPicturePortion = 20

    /// Moves the pictures of some old events.
    /// - Returns: how many there were; `nil` when there are none left.
    /// - Throws: `noRoomForObjects` when the disk's reserve is touched: a picture needs its room twice until its row is written anew.
    public func moveOldPictures() async throws -> Int? {
        let position: Int64? = try await read {
            try $0.value("SELECT position FROM old_rows WHERE work = ?", [Self.oldPictures])
        }
        guard let position else { return nil }
        guard room.levelOfFiles == .ample else { throw StoreError.noRoomForObjects }
        let rows: [OldEvent] = try await read {
            try $0.rows(
                "SELECT sequence, id, account_id, body FROM event WHERE sequence > ? ORDER BY sequence LIMIT ?",
                [position, Self.oldPicturePortion]
            ) { OldEvent(sequence: $0[0], id: $0[1], account: $0[2], body: $0[3]) }
        }
        guard let last = rows.last?.sequence else {
            // What waits of daemons before may hold pictures, too.
            guard events.spooledCount == 0 else { return 0 }
            try await write { _ = try $0.execute("DELETE FROM old_rows WHERE work = ?", [Self.oldPictures]) }
            return nil
        }
        let now = Date.now
        var moved: [MovedEvent] = []
        for row in rows { if let event = try await move(row, at: now) { moved.append(event) } }
        let pictures = moved.flatMap(\.pictures)
        defer { tree.letGo(pictures.map(\.id)) }
        let changed = try await write { [moved] connection in
            try connection.execute("UPDATE old_rows SET position = ? WHERE work = ?", [last, Self.oldPictures])
            return try moved.filter { event in
                // Unless the event has ended meanwhile, and with it another picture has come.
                let count = try connection.execute(
                    "UPDATE event SET body = ? WHERE sequence = ? AND body = ?",
                    [event.body, event.row.sequence, event.row.body])
                guard count == 1 else { return false }
                for picture in event.pictures { try connection.insert(picture, event: event.row.id, isTold: true) }
                return true
            }.map(\.row.sequence)
        }
        await tree.remove(moved.filter { !changed.contains($0.row.sequence) }.flatMap(\.pictures).map(\.id))
        return pictures.count
    }

    private struct OldEvent: Sendable {
        let sequence: Int64
        let id, account: UUID
        let body: String
    }
    private struct MovedEvent: Sendable {
        let row: OldEvent
        let body: String
        let pictures: [StoredObject]
    }

    /// Stores the pictures that lie in a row. They are held.
    /// - Returns: the row as it is to be; `nil` when there are none in it.
    private func move(_ row: OldEvent, at now: Date) async throws -> MovedEvent? {
        guard case .object(var wire)? = try? JSONValue(stored: row.body), case .object(var event)? = wire["event"]
        else { return nil }
        var pictures: [StoredObject] = []
        for (name, member) in event {
            guard case .object(var shot) = member, let text = shot["image"]?.string, !text.hasPrefix("/"),
                let bytes = Data(base64Encoded: text)
            else { continue }
            let isPNG = bytes.starts(with: [0x89, 0x50, 0x4e, 0x47])
            let picture = StoredObject(
                id: UUID(), accountID: row.account, kind: .image, contentType: isPNG ? "image/png" : "image/jpeg",
                size: bytes.count, createTime: now.storedTime,
                expiry: objectConfiguration.expiry(of: .image, nil, from: now.storedTime))
            tree.hold([picture.id])
            do { try await tree.keep(Array(bytes), as: picture.id) } catch {
                tree.letGo([picture.id])
                throw StoreError(files: error)
            }
            pictures.append(picture)
            shot["image"] = .string(StoredObject.Kind.image.path(of: picture.id))
            event[name] = .object(shot)
        }
        guard !pictures.isEmpty else { return nil }
        wire["event"] = .object(event)
        return MovedEvent(row: row, body: JSONValue.object(wire).text, pictures: pictures)
    }
}
