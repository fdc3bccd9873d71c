public import Foundation
public import Records
import SQL

// What was sent for a job, and what it results in.
extension Connection {
    /// What is cancelled is given nothing more, so that what is removed of it is all there ever was.
    /// - Throws: `StoreError.jobIsOver`.
    func checkTakesObjects(job id: UUID) throws {
        let state: String? = try value("SELECT state FROM job WHERE id = ?", [id])
        guard let state, state != JobState.cancelled.rawValue else { throw StoreError.jobIsOver }
    }
}

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
    /// Removes what a process has left of cancelled jobs that was killed before it came to it.
    /// - Returns: of how many jobs.
    @discardableResult
    public func removeObjectsOfCancelledJobs() async throws -> Int {
        let jobs: [UUID] = try await read { try $0.rows(Self.cancelledJobsWithObjects, []) { $0[0] } }
        for job in jobs { try await removeObjects(ofJob: job) }
        return jobs.count
    }
    static let cancelledJobsWithObjects = """
        SELECT id FROM job WHERE state = 'cancelled' AND EXISTS (SELECT 1 FROM object WHERE object.job_id = job.id)
        """
}
