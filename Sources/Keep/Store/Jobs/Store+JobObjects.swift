public import Foundation
public import Records
import SQL

// What was sent for a job, and what it results in.
extension Store {
    private static let objectPortion = 200

    /// In the order in which they were stored.
    public func objects(ofJob id: UUID, at now: Date = .now) async throws -> [StoredObject] {
        try await read { connection in
            try connection.rows(Self.objectsOfJob, [id], StoredObject.init(row:))
        }.filter { $0.expiry.map { $0 > now } ?? true }
    }
    static let objectsOfJob = "SELECT \(StoredObject.columns) FROM object WHERE job_id = ? ORDER BY sequence"

    /// Removes them, and their files.
    /// - Parameter ids: only these; `nil`: all.
    public func removeObjects(ofJob job: UUID, _ ids: [UUID]? = nil) async throws {
        if let ids {
            for id in ids { try await removeObjects(where: "id = ? AND job_id = ?", [id, job]) }
            return
        }
        while true {
            let removed = try await removeObjects(
                where: "sequence IN (SELECT sequence FROM object WHERE job_id = ? LIMIT ?)", [job, Self.objectPortion])
            if removed.count < Self.objectPortion { return }
        }
    }
}
