public import Foundation
public import Records
import SQL
import Sealing

// Changes of status, each with its log record in the same transaction.
extension Store {
    /// Stops a stream of `account` that is `pending`, `in_progress` or in `restart`, or has failed and is to be tried again. What
    /// autorestart was about is called off.
    public func stopStream(id: UUID, account: UUID, at now: Date = .now) async throws -> StatusChange {
        try await changeStatus(
            id: id, account: account, from: [.pending, .inProgress, .restart], orWaitingForRetry: true, to: .stop,
            at: now
        ) {
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
        id: UUID, account: UUID, from permitted: Set<StreamStatus>, orWaitingForRetry: Bool = false,
        to status: StreamStatus, at now: Date,
        also: @escaping @Sendable (any Connection) throws -> Void
    ) async throws -> StatusChange {
        try await write { connection in
            let found: (status: Int, isRetried: Bool)? = try connection.first(
                """
                SELECT status, CASE WHEN status = 4 AND autorestart_is_allowed = 1 AND is_error_fatal = 0
                    AND autorestart_status IN ('enabled', 'in_progress') THEN 1 ELSE 0 END
                FROM stream WHERE id = ? AND account_id = ?
                """, [id, account]
            ) { ($0[0], $0[1]) }
            guard let found, let current = StreamStatus(rawValue: found.status) else { return .notFound }
            guard permitted.contains(current) || (orWaitingForRetry && found.isRetried) else {
                return .refused(current)
            }
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
        let taken = try await write { [vault] connection -> Result<StreamDefinition, UnreadableStream>? in
            let account: UUID? = try connection.value(
                "SELECT account_id FROM stream WHERE id = ? AND version = ? AND status = 0",
                [stream.id, stream.version])
            guard let account else { return nil }
            let found = try connection.first(
                "SELECT \(RegisteredStream.columns(connection.dialect)) FROM stream WHERE id = ?", [stream.id]
            ) { RegisteredStream.reading($0, vault) }
            try connection.setStatus(
                .inProgress, ofStream: stream.id, account: account, error: nil, isFatal: false, at: .now)
            if case .failure(let unreadable) = found {
                try connection.setStatus(
                    .failure, ofStream: stream.id, account: account, error: UnreadableStream.forOwner, isFatal: true,
                    at: .now)
                return .failure(unreadable)
            }
            return found?.map(\.definition)
        }
        if case .failure(let unreadable) = taken { report(.streamUnreadable(unreadable.id, reason: unreadable.reason)) }
        return try? taken?.get()
    }
    public func streamsInProgress() async throws -> Set<StreamVersion> {
        Set(
            try await read {
                try $0.rows("SELECT id, version FROM stream WHERE status = ?", [StreamStatus.inProgress.rawValue]) {
                    StreamVersion(id: $0[0], version: $0[1])
                }
            })
    }
    public func putBack(_ streams: Set<StreamVersion>) async throws {
        try await write { connection in
            for stream in streams {
                let account: UUID? = try connection.value(
                    "SELECT account_id FROM stream WHERE id = ? AND version = ? AND status = ?",
                    [stream.id, stream.version, StreamStatus.inProgress.rawValue])
                guard let account else { continue }
                try connection.putBack(stream.id, of: account, at: .now)
            }
        }
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
            var error = error
            // A reference that cannot be read any more keeps no stream from ending.
            if let text = error, let reference = try? vault.text(sealed, at: .reference(ofStream: stream.id)) {
                error = text.replacingOccurrences(of: reference, with: Redaction.redacted(reference, as: .address))
            }
            try connection.setStatus(
                status, ofStream: stream.id, account: account, error: error, isFatal: isFatal, at: now)
            return true
        }
    }
}

extension Connection {
    /// A stream that was `in_progress` waits for its turn again.
    func putBack(_ stream: UUID, of account: UUID, at now: Date) throws {
        for status in [StreamStatus.restart, .pending] {
            try setStatus(status, ofStream: stream, account: account, error: nil, isFatal: false, at: now)
        }
    }
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
