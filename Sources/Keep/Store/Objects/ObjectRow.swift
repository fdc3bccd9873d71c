import Foundation
import JSON
import Records
import SQL

extension StoredObject {
    static let columns = "id, account_id, kind, content_type, meta, size, create_time, expiry"

    /// As the column has it.
    static func text(of meta: [String: String]) -> String { JSONValue.object(meta.mapValues { .string($0) }).text }

    /// - Parameter row: begins with `columns`.
    init(row: Row) throws {
        guard let kind = Kind(rawValue: row[2]) else {
            throw StoreError.failed(reason: "an object is of a kind that this version does not know")
        }
        let meta = try JSONValue(stored: row[4]).object ?? [:]
        self.init(
            id: row[0], accountID: row[1], kind: kind, contentType: row[3], meta: meta.compactMapValues(\.string),
            size: row[5], createTime: Milliseconds.date(row[6]),
            expiry: (row[7] as Int64?).map(Milliseconds.date))
    }
}

/// Rows of objects that are gone; their files are to follow.
struct RemovedObjects: Sendable {
    var ids: [UUID] = []
    var bytes = 0
    var count: Int { ids.count }
}

extension Connection {
    /// - Parameters:
    ///   - event: that it is a picture of.
    ///   - job: that it belongs to.
    ///   - quota: bytes that the account may have; 0: no limit.
    /// - Throws: `StoreError.quotaExceeded`, `jobIsOver`; then nothing is to be kept of the transaction.
    func insert(_ object: StoredObject, event: UUID? = nil, job: UUID? = nil, isTold: Bool = false, quota: Int = 0)
        throws
    {
        if let job { try checkTakesObjects(job: job) }
        let meta = StoredObject.text(of: object.meta)
        let count = try execute(
            """
            INSERT INTO object (\(StoredObject.columns), event_id, job_id, is_told) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
            ON CONFLICT (id) DO NOTHING
            """,
            [
                object.id, object.accountID, object.kind.rawValue, object.contentType, meta, object.size,
                Milliseconds.nearest(object.createTime), object.expiry.map(Milliseconds.nearest), event, job, isTold,
            ])
        guard count == 1 else { return }
        let bytes: Int? = try value(
            """
            INSERT INTO object_usage (account_id, objects, bytes) VALUES (?, 1, ?)
            ON CONFLICT (account_id) DO UPDATE SET objects = object_usage.objects + 1,
                bytes = object_usage.bytes + excluded.bytes RETURNING bytes
            """, [object.accountID, object.size])
        if quota > 0, let bytes, bytes > quota { throw StoreError.quotaExceeded(limit: quota) }
    }

    /// Removes the rows that `clause` finds, and takes them off what their accounts have.
    /// - Parameter clause: what follows `WHERE`; it finds few.
    func removeObjects(where clause: String, _ arguments: [any Bindable]) throws -> RemovedObjects {
        let found: [(sequence: Int64, id: UUID, account: UUID, size: Int)] = try rows(
            "SELECT sequence, id, account_id, size FROM object WHERE \(clause)", arguments
        ) { ($0[0], $0[1], $0[2], $0[3]) }
        for (account, objects) in Dictionary(grouping: found, by: \.account) {
            for object in objects { try execute("DELETE FROM object WHERE sequence = ?", [object.sequence]) }
            try execute(
                "UPDATE object_usage SET objects = objects - ?, bytes = bytes - ? WHERE account_id = ?",
                [objects.count, objects.reduce(0) { $0 + $1.size }, account])
        }
        return RemovedObjects(ids: found.map(\.id), bytes: found.reduce(0) { $0 + $1.size })
    }
}
