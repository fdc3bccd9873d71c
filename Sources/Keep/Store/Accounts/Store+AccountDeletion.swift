import Foundation
import Matching
public import Records
import SQL

/// How much went with an account.
public struct DeletedAccount: Hashable, Sendable {
    public let account: Account
    /// What there was of each kind, in the order in which it went.
    public internal(set) var counts: [(kind: String, count: Int)]

    public static func == (a: Self, b: Self) -> Bool {
        a.account == b.account && a.counts.elementsEqual(b.counts) { $0 == $1 }
    }
    public func hash(into hasher: inout Hasher) { hasher.combine(account) }

    mutating func add(_ kind: String, _ count: Int) {
        if let index = counts.firstIndex(where: { $0.kind == kind }) {
            counts[index].count += count
        } else {
            counts.append((kind, count))
        }
    }
}

// Everything that refers to an account goes in portions, its row last: cut off in between, the same call goes on where the one before
// stopped.
extension Store {
    /// Removes an account and all that is its: streams with their logs first, so that nothing of it runs any longer. To be called
    /// when nothing else works on the store. What an embedded database removes it also overwrites.
    /// - Parameter files: removes the account's files outside of the store, and tells how many; called before its row goes.
    /// - Returns: `nil` when there is no such account.
    /// - Throws: `lastAdmin`; `unavailable` while events wait for the database and it does not take them; what `files` throws.
    public func deleteAccount(
        login: String, files: (Account) throws -> Int = { _ in 0 }
    ) async throws -> DeletedAccount? {
        guard let account = try await accountWithHash(login: login)?.account else { return nil }
        if account.kind == .admin, try await adminCount() == 1 { throw StoreError.lastAdmin(login) }
        var deleted = DeletedAccount(account: account, counts: [])
        // What waits may be this account's.
        do { try await events.drainLeftOver() } catch let error as SQLError { throw StoreError(error) }
        try await deleteStreams(&deleted)
        for (kind, table) in [
            ("verifiers", "verifier"),
            ("groups", "stream_group"), ("tokens", "token"), ("sessions", "session"), ("reports due", "delivery"),
            ("counts", "people_series"), ("lists", "face_list"), ("faces", "face"), ("attributes", "attribute"),
            ("lines of the biometric log", "biometric_log"), ("handlers", "handler"),
        ] {
            deleted.add(kind, try await deleteRows(of: account.id, in: table))
        }
        doubtDescriptors()
        deleted.add("jobs", try await removeJobs(where: "account_id = ?", [account.id]))
        try await deleteEvents(&deleted)
        try await deleteObjects(&deleted)
        do { deleted.add("events put aside", try events.removeRefused(of: account.id)) } catch {
            throw StoreError.failed(reason: "\(Self.refusedName) cannot be cleared (\(error.localizedDescription))")
        }
        deleted.add("files", try files(account))
        try await write { connection in
            try connection.execute("DELETE FROM lane WHERE account_id = ?", [account.id])
            try connection.execute("DELETE FROM event_counter WHERE account_id = ?", [account.id])
            try connection.execute("DELETE FROM object_usage WHERE account_id = ?", [account.id])
            try connection.execute("DELETE FROM job_callback WHERE account_id = ?", [account.id])
            try connection.execute("DELETE FROM credit WHERE account_id = ?", [account.id])
            try connection.execute("DELETE FROM account WHERE id = ?", [account.id])
            connection.changed(.credentials(account: account.id))
        }
        try await foldIn()
        return deleted
    }

    private func adminCount() async throws -> Int {
        try await read {
            try $0.value("SELECT count(*) FROM account WHERE type = ?", [Account.Kind.admin.rawValue]) ?? 0
        }
    }

    private func deleteStreams(_ deleted: inout DeletedAccount) async throws {
        let account = deleted.account.id
        while true {
            let portion = try await write { connection -> (streams: Int, logs: Int, isAll: Bool) in
                let last = try connection.rows(
                    "SELECT sequence FROM stream WHERE account_id = ? ORDER BY sequence LIMIT ?",
                    [account, Self.streamDeletionLimit], { $0[0] as Int64 }
                ).last
                guard let last else { return (0, 0, true) }
                let logs = try connection.execute(
                    """
                    DELETE FROM stream_log WHERE sequence IN (
                        SELECT sequence FROM stream_log WHERE stream_id IN (
                            SELECT id FROM stream WHERE account_id = ? AND sequence <= ?) LIMIT ?)
                    """, [account, last, Self.deletionLimit])
                guard logs < Self.deletionLimit else { return (0, logs, false) }
                let streams = try connection.execute(
                    "DELETE FROM stream WHERE account_id = ? AND sequence <= ?", [account, last])
                connection.changed(.streams)
                return (streams, logs, false)
            }
            deleted.add("streams", portion.streams)
            deleted.add("log records", portion.logs)
            if portion.isAll { return }
        }
    }
    private static let streamDeletionLimit = 50, recordDeletionLimit = 200

    /// - Parameter table: one with `account_id` and `sequence`.
    private func deleteRows(of account: UUID, in table: String) async throws -> Int {
        try await deleteInPortions(
            Query(
                """
                DELETE FROM \(table) WHERE sequence IN (
                    SELECT sequence FROM \(table) WHERE account_id = ? LIMIT ?)
                """, [account, Self.deletionLimit]))
    }

    static let objectsOfAccount =
        "sequence IN (SELECT sequence FROM object WHERE account_id = ? ORDER BY sequence LIMIT ?)"
    /// Also the pictures of its events, and their files.
    private func deleteObjects(_ deleted: inout DeletedAccount) async throws {
        while true {
            let removed = try await removeObjects(
                where: Self.objectsOfAccount, [deleted.account.id, Self.recordDeletionLimit])
            deleted.add("objects", removed.count)
            if removed.count == 0 { return }
        }
    }

    /// Found by the account's records, which are in order.
    private func deleteEvents(_ deleted: inout DeletedAccount) async throws {
        let account = deleted.account.id
        while true {
            let gone = try await write { [eventDescriptors] connection in
                let ids: [UUID] = try connection.rows(
                    """
                    SELECT DISTINCT event_id FROM (
                        SELECT event_id FROM event_record WHERE account_id = ? ORDER BY sequence LIMIT ?) AS portion
                    """, [account, Self.recordDeletionLimit]
                ) { $0[0] }
                var gone = DeletedEvents()
                for id in ids { gone += try connection.deleteEvent(id, eventDescriptors) }
                return gone
            }
            deleted.add("events", gone.events)
            deleted.add("records of events", gone.records)
            if gone.records == 0 { return }
        }
    }
}
