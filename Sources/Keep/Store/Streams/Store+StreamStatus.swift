public import Foundation
public import Records
import SQL
import Sealing

// Changes of status, each with its log record in the same transaction.
extension Store {
    /// Stops a stream of `account` that is `pending`, `in_progress` or in `restart`. An autorestart attempt is called off.
    public func stopStream(id: UUID, account: UUID, at now: Date = .now) async throws -> StatusChange {
        try await changeStatus(id: id, account: account, from: [.pending, .inProgress, .restart], to: .stop, at: now) {
            try $0.execute(
                "UPDATE stream SET autorestart_status = 'enabled' WHERE id = ? AND autorestart_status = 'in_progress'",
                [id])
        }
    }
    /// Lets a stopped stream of `account` wait for processing again.
    public func resumeStream(id: UUID, account: UUID, at now: Date = .now) async throws -> StatusChange {
        try await changeStatus(id: id, account: account, from: [.stop], to: .pending, at: now) { _ in }
    }
    private func changeStatus(
        id: UUID, account: UUID, from permitted: Set<StreamStatus>, to status: StreamStatus, at now: Date,
        also: @escaping @Sendable (any Connection) throws -> Void
    ) async throws -> StatusChange {
        try await write { connection in
            let found: Int? = try connection.value(
                "SELECT status FROM stream WHERE id = ? AND account_id = ?", [id, account])
            guard let found, let current = StreamStatus(rawValue: found) else { return .notFound }
            guard permitted.contains(current) else { return .refused(current) }
            try connection.setStatus(status, ofStream: id, account: account, error: nil, isFatal: false, at: now)
            try also(connection)
            return .done
        }
    }
}

// MARK: For the supervisor

extension Store: StreamLedger {
    public func waitingStreams(limit: Int) async throws -> [WaitingStream] {
        try await read {
            try $0.rows(Self.waitingQuery, [limit]) {
                WaitingStream(
                    StreamVersion(id: $0[0], version: $0[1]), accountID: $0[2], since: Milliseconds.date($0[3]),
                    isRetry: $0[4])
            }
        }
    }
    static let waitingQuery = """
        SELECT id, version, account_id, status_time, is_retry FROM (
            SELECT id, version, account_id, status_time, sequence, is_retry,
                row_number() OVER (PARTITION BY account_id, is_retry ORDER BY status_time, sequence) AS place
            FROM (
                SELECT id, version, account_id, status_time, sequence,
                    CASE autorestart_status WHEN 'in_progress' THEN 1 ELSE 0 END AS is_retry
                FROM stream WHERE status = 0) AS pending) AS ordered
        WHERE place <= ? ORDER BY status_time, sequence
        """
    public func take(_ stream: StreamVersion) async throws -> StreamDefinition? {
        try await write { [vault] connection in
            let found = try connection.first(
                "SELECT \(RegisteredStream.columns(connection.dialect)) FROM stream WHERE id = ? AND status = 0",
                [stream.id]
            ) { try RegisteredStream(row: $0, vault: vault) }
            guard let found, found.version == stream.version else { return nil }
            try connection.setStatus(
                .inProgress, ofStream: found.id, account: found.accountID, error: nil, isFatal: false, at: .now)
            return found.definition
        }
    }
    public func stillInProgress(_ streams: [StreamVersion]) async throws -> Set<StreamVersion> {
        let running = try await read {
            try $0.rows("SELECT id, version FROM stream WHERE status = ?", [StreamStatus.inProgress.rawValue]) {
                StreamVersion(id: $0[0], version: $0[1])
            }
        }
        return Set(running).intersection(streams)
    }
    public func transition(
        _ stream: StreamVersion, from expected: StreamStatus, to status: StreamStatus, error: String?, isFatal: Bool
    ) async throws -> Bool {
        try await transition(stream, from: expected, to: status, error: error, isFatal: isFatal, at: .now)
    }
    /// As `StreamLedger` says. The stream's own reference in `error` is redacted here once more.
    func transition(
        _ stream: StreamVersion, from expected: StreamStatus, to status: StreamStatus, error: String? = nil,
        isFatal: Bool = false, at now: Date
    ) async throws -> Bool {
        try await write { [vault] connection in
            let found: (account: UUID, reference: [UInt8])? = try connection.first(
                "SELECT account_id, reference FROM stream WHERE id = ? AND version = ? AND status = ?",
                [stream.id, stream.version, expected.rawValue]
            ) { ($0[0], $0[1]) }
            guard let (account, sealed) = found else { return false }
            let reference = try vault.text(sealed, at: .reference(ofStream: stream.id))
            try connection.setStatus(
                status, ofStream: stream.id, account: account,
                error: error?.replacingOccurrences(of: reference, with: Redaction.redacted(reference, as: .address)),
                isFatal: isFatal, at: now)
            return true
        }
    }
}

extension Connection {
    func setStatus(
        _ status: StreamStatus, ofStream id: UUID, account: UUID, error: String?, isFatal: Bool, at now: Date
    ) throws {
        let time = Milliseconds.nearest(now)
        try execute(
            """
            UPDATE stream SET status = ?, status_time = ?, last_error = coalesce(?, last_error), is_error_fatal = ?
            WHERE id = ?
            """, [status.rawValue, time, error, isFatal, id])
        if isFatal {
            try execute(
                "UPDATE stream SET autorestart_status = 'failed' WHERE id = ? AND autorestart_is_allowed = 1", [id])
        }
        try appendLog(stream: id, account: account, status: status, error: error, time: time)
        changed(.streams)
    }
}
