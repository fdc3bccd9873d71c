public import Foundation
import GRDB
public import Records
public import Scene

// Changes of status, each with its log record in the same transaction.
extension Store {
    /// What came of a request to stop or resume.
    public enum StatusChange: Sendable, Equatable {
        case done
        case notFound
        /// The stream's status does not allow it; nothing was written.
        case refused(StreamStatus)
    }

    /// Stops a stream of `account` that is `pending`, `in_progress` or in `restart`. An autorestart attempt is called off.
    public func stopStream(id: UUID, account: UUID, at now: Date = .now) async throws -> StatusChange {
        try await changeStatus(id: id, account: account, from: [.pending, .inProgress, .restart], to: .stop, at: now) {
            try $0.execute(
                sql: """
                    UPDATE stream SET autorestart_status = 'enabled'
                    WHERE id = ? AND autorestart_status = 'in_progress'
                    """,
                arguments: [id])
        }
    }
    /// Lets a stopped stream of `account` wait for processing again.
    public func resumeStream(id: UUID, account: UUID, at now: Date = .now) async throws -> StatusChange {
        try await changeStatus(id: id, account: account, from: [.stop], to: .pending, at: now) { _ in }
    }
    private func changeStatus(
        id: UUID, account: UUID, from permitted: Set<StreamStatus>, to status: StreamStatus, at now: Date,
        also: @escaping @Sendable (Database) throws -> Void
    ) async throws -> StatusChange {
        try await write { database in
            let found = try Int.fetchOne(
                database, sql: "SELECT status FROM stream WHERE id = ? AND account_id = ?", arguments: [id, account])
            guard let found, let current = StreamStatus(rawValue: found) else { return .notFound }
            guard permitted.contains(current) else { return .refused(current) }
            try database.setStatus(status, ofStream: id, account: account, error: nil, isFatal: false, at: now)
            try also(database)
            return .done
        }
    }

    // MARK: For the supervisor

    /// Streams in `pending`, the oldest first.
    public func pendingStreams(limit: Int) async throws -> [StreamDefinition] {
        try await read { database in
            try Row.fetchAll(
                database,
                sql: "SELECT \(RegisteredStream.columns) FROM stream WHERE status = ? ORDER BY sequence LIMIT ?",
                arguments: [StreamStatus.pending.rawValue, limit]
            ).map { try RegisteredStream(row: $0).definition }
        }
    }
    /// Of the given streams, those that are `in_progress` in that very version.
    public func stillInProgress(_ streams: [StreamVersion]) async throws -> Set<StreamVersion> {
        let running = try await read { database in
            try Row.fetchAll(
                database, sql: "SELECT id, version FROM stream WHERE status = ?",
                arguments: [StreamStatus.inProgress.rawValue]
            ).map { StreamVersion(id: $0["id"], version: $0["version"]) }
        }
        return Set(running).intersection(streams)
    }
    /// Moves a stream on, if it is in `expected` and in that version.
    /// - Parameters:
    ///   - error: becomes the record's error and the stream's last one; `nil` leaves the last one as it was. The stream's own
    ///     reference in it is redacted here once more.
    ///   - isFatal: whether trying again is pointless, so that autorestart leaves the stream alone.
    /// - Returns: false when the stream is gone, replaced or in another status: then nothing was written.
    public func transition(
        id: UUID, version: Int, from expected: StreamStatus, to status: StreamStatus, error: String? = nil,
        isFatal: Bool = false, at now: Date = .now
    ) async throws -> Bool {
        try await write { database in
            let row = try Row.fetchOne(
                database,
                sql: "SELECT account_id, reference FROM stream WHERE id = ? AND version = ? AND status = ?",
                arguments: [id, version, expected.rawValue])
            guard let row else { return false }
            let reference: String = row["reference"]
            try database.setStatus(
                status, ofStream: id, account: row["account_id"],
                error: error?.replacingOccurrences(of: reference, with: Redaction.redacted(reference)),
                isFatal: isFatal, at: now)
            return true
        }
    }
}

extension Database {
    func setStatus(
        _ status: StreamStatus, ofStream id: UUID, account: UUID, error: String?, isFatal: Bool, at now: Date
    ) throws {
        let time = Milliseconds.nearest(now)
        try cachedStatement(
            sql: """
                UPDATE stream SET status = ?, status_time = ?, last_error = coalesce(?, last_error), is_error_fatal = ?
                WHERE id = ?
                """
        ).execute(arguments: [status.rawValue, time, error, isFatal, id])
        if isFatal {
            try execute(
                sql: "UPDATE stream SET autorestart_status = 'failed' WHERE id = ? AND autorestart_is_allowed = 1",
                arguments: [id])
        }
        try appendLog(stream: id, account: account, status: status, error: error, time: time)
    }
}
