public import Foundation
import JSON
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

/// What those of a job's objects come to that one key describes.
public struct JobObjectTally: Hashable, Sendable {
    public let count, bytes: Int
    /// What the key says of one of them; `nil` when there is none.
    public let value: String?
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

    /// Those whose whole description is `meta`, in the order in which they were stored.
    public func objects(
        ofJob id: UUID, meta: [String: String], at now: Date = .now
    ) async throws -> [StoredObject] {
        try await read { connection in
            try connection.rows(
                Self.describedObjectsOfJob, [id, StoredObject.text(of: meta), Milliseconds.floor(now)],
                StoredObject.init(row:))
        }
    }
    static let describedObjectsOfJob = """
        SELECT \(StoredObject.columns) FROM object WHERE job_id = ? AND meta = ? AND (expiry IS NULL OR expiry > ?)
        ORDER BY sequence
        """

    /// Those that `key` describes and nothing else, as the database adds them up: they may be tens of thousands.
    /// - Parameter value: that is said of those that do not count.
    public func tally(
        ofJob id: UUID, by key: String, besides value: String, at now: Date = .now
    ) async throws -> JobObjectTally {
        let start = String(StoredObject.text(of: [key: ""]).dropLast(2)), other = StoredObject.text(of: [key: value])
        let sum = Self.objectTally(start.unicodeScalars.count)
        return try await read { connection in
            let found: (count: Int, bytes: Int, meta: String?)? = try connection.first(
                sum, [id, start, other, Milliseconds.floor(now)]
            ) { ($0[0], $0[1], $0[2]) }
            return JobObjectTally(
                count: found?.count ?? 0, bytes: found?.bytes ?? 0,
                value: try found?.meta.flatMap { try JSONValue(stored: $0)[key]?.string })
        }
    }
    /// - Parameter length: characters with which all begin.
    static func objectTally(_ length: Int) -> String {
        """
        SELECT count(*), CAST(coalesce(sum(size), 0) AS BIGINT), max(meta) FROM object
        WHERE job_id = ? AND substr(meta, 1, \(length)) = ? AND meta <> ? AND (expiry IS NULL OR expiry > ?)
        """
    }

    /// Removes them, and their files.
    /// - Parameter ids: only these; `nil`: all.
    public func removeObjects(ofJob job: UUID, _ ids: [UUID]? = nil) async throws {
        if let ids {
            for start in stride(from: 0, to: ids.count, by: Self.objectPortion) {
                let portion = Array(ids[start..<min(start + Self.objectPortion, ids.count)])
                let places = portion.map { _ in "?" }.joined(separator: ",")
                // The job's column does not stand alone, so that the index of ids is taken and not that of jobs.
                try await removeObjects(where: "id IN (\(places)) AND coalesce(job_id, id) = ?", portion + [job])
            }
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
