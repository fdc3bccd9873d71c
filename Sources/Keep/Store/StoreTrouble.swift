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
        /// Not all that is stored can be read.
        case damaged
        /// Bytes.
        case reserveTouched(room: Int, reserve: Int)
    }
    public let kind: Kind
    /// The reason in the library's words, or nothing.
    public let detail: String
    /// The reason for anybody, where there is one that he may be told.
    public let reason: String?
    init(kind: Kind, detail: String, reason: String? = nil) {
        (self.kind, self.detail, self.reason) = (kind, detail, reason)
    }
    init(kind: Kind, _ error: any Error) {
        self.init(kind: kind, detail: "\(error)", reason: (error as? SQLError)?.plain)
    }

    public var description: String { reason.map { "\(what): \($0)" } ?? what }
    private var what: String {
        switch kind {
        case .silent: "the database does not answer"
        case .refusesWrites: "the database takes no writes"
        case .eventsWait(let count): "\(count) writes of events wait for the database"
        case .streamsWait(let count):
            "\(count) streams wait, because neither the database nor the disk takes their events"
        case .damaged: "the database is damaged"
        case .reserveTouched(let room, let reserve):
            "the disk has \(Self.mebibytes(room, .down)) MiB free and \(Self.mebibytes(reserve, .up)) MiB are to stay free: "
                + "events are stored without pictures"
        }
    }
    /// With one decimal, rounded so that what is too little also reads as too little.
    private static func mebibytes(_ bytes: Int, _ rule: FloatingPointRoundingRule) -> String {
        let tenths = Int((Double(bytes) * 10 / 1_048_576).rounded(rule))
        return "\(tenths / 10).\(tenths % 10)"
    }
}

extension Store {
    /// Returns while the store answers, takes what is written, and has room; the worst trouble first.
    public func check() async throws(StoreTrouble) {
        if let trouble = events.trouble {
            let (heldUp, waiting) = (events.heldUpCount, events.spooledCount)
            throw StoreTrouble(kind: heldUp > 0 ? .streamsWait(count: heldUp) : .eventsWait(count: waiting), trouble)
        }
        do { _ = try await database.read { (connection) -> Int? in try connection.value("SELECT 1") } } catch {
            throw StoreTrouble(kind: .silent, error)
        }
        do { try await checkWriting() } catch {
            if let error = error as? SQLError, error.kind != .refused { refusal.withLock { $0 = error } }
            throw StoreTrouble(kind: .refusesWrites, error)
        }
        refusal.withLock { $0 = nil }
        if let found = database.damage { throw StoreTrouble(kind: .damaged, detail: found) }
        let (free, reserve) = (room.free, room.reserve)
        if free < reserve {
            throw StoreTrouble(kind: .reserveTouched(room: free, reserve: reserve), detail: "")
        }
    }

    /// A transaction that writes nothing finds out whether the database is locked. Whether it takes anything is known from the last
    /// who wrote; where it did not, a row is written and removed.
    private func checkWriting() async throws {
        let isDoubtful = refusal.withLock { $0 } != nil
        try await database.write { connection in
            _ = try connection.value("SELECT 1") as Int?
            guard isDoubtful else { return }
            try connection.execute(
                "INSERT INTO secret (name, value) VALUES ('probe', ?)", [Data(repeating: 0, count: 65_536)])
            try connection.execute("DELETE FROM secret WHERE name = 'probe'")
        }
    }
}
