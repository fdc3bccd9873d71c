import Foundation
import SQL
import Synchronization

/// Why the store cannot do its work at this moment. The description may be shown to anybody: it holds no address and no word of a
/// library; `detail` is for the log.
public struct StoreTrouble: Error, Hashable, Sendable, CustomStringConvertible {
    public enum Kind: Hashable, Sendable {
        /// Nothing can be read.
        case silent
        /// Nothing can be written.
        case refusesWrites
        /// Calls of `Store.record` that wait in the data directory or in memory.
        case eventsWait(count: Int)
        /// Streams that wait, because neither database nor disk nor memory takes more.
        case streamsWait(count: Int)
        /// Bytes.
        case reserveTouched(room: Int, reserve: Int)
    }
    public let kind: Kind
    /// The reason in the library's words, or nothing.
    public let detail: String

    public var description: String {
        switch kind {
        case .silent: "the database does not answer"
        case .refusesWrites: "the database takes no writes"
        case .eventsWait(let count): "\(count) writes of events wait for the database"
        case .streamsWait(let count):
            "\(count) streams wait, because neither the database nor the disk takes their events"
        case .reserveTouched(let room, let reserve):
            "the disk has \(room >> 20) MiB free of the \(reserve >> 20) MiB that are to stay free: events are stored without pictures"
        }
    }
}

extension Store {
    /// Returns while the store answers, takes what is written, and has room; the worst trouble first.
    public func check() async throws(StoreTrouble) {
        if let trouble = events.trouble {
            let (heldUp, waiting) = (events.heldUpCount, events.spooledCount)
            throw StoreTrouble(
                kind: heldUp > 0 ? .streamsWait(count: heldUp) : .eventsWait(count: waiting),
                detail: trouble.description)
        }
        do { _ = try await read { (connection) -> Int? in try connection.value("SELECT 1") } } catch {
            throw StoreTrouble(kind: .silent, detail: "\(error)")
        }
        do { try await checkWriting() } catch { throw StoreTrouble(kind: .refusesWrites, detail: "\(error)") }
        let (free, reserve) = (room.room, room.reserve)
        if free < reserve {
            throw StoreTrouble(kind: .reserveTouched(room: free, reserve: reserve), detail: "")
        }
    }

    /// A transaction that writes nothing finds out whether the database is locked. Whether it takes anything is known from the last
    /// who wrote; where it did not, a row is written and
    /// removed.
    private func checkWriting() async throws {
        let isDoubtful = refusal.withLock { $0 } != nil
        try await write { connection in
            _ = try connection.value("SELECT 1") as Int?
            guard isDoubtful else { return }
            try connection.execute(
                "INSERT INTO secret (name, value) VALUES ('probe', ?)", [Data(repeating: 0, count: 65_536)])
            try connection.execute("DELETE FROM secret WHERE name = 'probe'")
        }
    }
}
