public import Foundation
import Records
import SQL

extension Store {
    public func performAutorestarts(now: Date) async throws -> Date? {
        try await performAutorestarts(at: now)
        let times = try await read { try Self.autorestartCandidates($0).map(\.dueTime) }
        return times.min().map(Milliseconds.date)
    }

    /// Carries out what is due: attempts to restart failed streams, and verdicts on attempts under way.
    ///
    /// A failed stream is tried again `delay` seconds after its failure, or after the attempt before; an attempt has
    /// succeeded when the stream is `in_progress` or `done` `delay` seconds later, and then the count begins anew. One that
    /// was still `pending` then is judged by how it goes on.
    /// - Returns: whether any stream was made `pending`.
    @discardableResult
    func performAutorestarts(at now: Date) async throws -> Bool {
        let time = Milliseconds.nearest(now)
        // Almost always nothing is due, and reading disturbs nobody.
        guard try await read({ try Self.autorestartCandidates($0).contains { $0.step(at: time) != nil } }) else {
            return false
        }
        return try await write { connection in
            var isAnyPending = false
            for candidate in try Self.autorestartCandidates(connection) {
                guard var step = candidate.step(at: time) else { continue }
                if step == .succeed, candidate.hasFailed, try Self.hasWaitedUntilVerdict(candidate, in: connection) {
                    step = candidate.stepAfterFailure
                }
                try Self.perform(step, on: candidate, at: now, in: connection)
                if step == .attempt { isAnyPending = true }
            }
            return isAnyPending
        }
    }

    static let autorestartQuery = """
        SELECT id, account_id, status, status_time, autorestart_status, autorestart_current_attempt,
            autorestart_last_attempt_time, autorestart_attempt_count, autorestart_delay
        FROM stream
        WHERE autorestart_is_allowed = 1 AND is_error_fatal = 0 AND (
            (status = 4 AND autorestart_status IN ('enabled', 'in_progress'))
            OR (status IN (1, 2) AND autorestart_status = 'in_progress'))
        """
    private static func autorestartCandidates(_ connection: any Connection) throws -> [AutorestartCandidate] {
        try connection.rows(autorestartQuery, [], AutorestartCandidate.init(row:))
    }

    /// Whether an attempt was not begun yet when it was to be judged.
    private static func hasWaitedUntilVerdict(
        _ candidate: AutorestartCandidate, in connection: any Connection
    ) throws -> Bool {
        let status: Int? = try connection.value(
            "SELECT status FROM stream_log WHERE stream_id = ? AND log_time <= ? ORDER BY sequence DESC LIMIT 1",
            [candidate.id, candidate.verdictTime])
        return status == StreamStatus.pending.rawValue
    }

    private static func perform(
        _ step: AutorestartCandidate.Step, on candidate: AutorestartCandidate, at now: Date,
        in connection: any Connection
    ) throws {
        let id = candidate.id
        switch step {
        case .attempt:
            for status in [StreamStatus.restart, .pending] {
                try connection.setStatus(
                    status, ofStream: id, account: candidate.accountID, error: nil, isFatal: false, at: now)
            }
            try connection.execute(
                """
                UPDATE stream SET autorestart_status = 'in_progress', autorestart_last_attempt_time = ?,
                    autorestart_current_attempt = autorestart_current_attempt + 1
                WHERE id = ?
                """, [Milliseconds.nearest(now), id])
        case .succeed:
            try connection.execute(
                "UPDATE stream SET autorestart_status = 'enabled', autorestart_current_attempt = 0 WHERE id = ?", [id])
        case .giveUp:
            try connection.execute("UPDATE stream SET autorestart_status = 'failed' WHERE id = ?", [id])
        }
    }
}

/// A stream that autorestart may have to do something about.
struct AutorestartCandidate {
    enum Step { case attempt, succeed, giveUp }

    let id: UUID
    let accountID: UUID
    let hasFailed: Bool
    let isAttemptUnderWay: Bool
    let currentAttempt: Int
    let attemptCount: Int
    /// All in milliseconds.
    let statusTime, lastAttemptTime, delay: Int64

    init(row: Row) {
        (id, accountID) = (row["id"], row["account_id"])
        hasFailed = row["status"] as Int == StreamStatus.failure.rawValue
        isAttemptUnderWay = row["autorestart_status"] as String == AutorestartState.Status.inProgress.rawValue
        (currentAttempt, attemptCount) = (row["autorestart_current_attempt"], row["autorestart_attempt_count"])
        (statusTime, lastAttemptTime) = (row["status_time"], (row["autorestart_last_attempt_time"] as Int64?) ?? 0)
        // A delay beyond a thousand years is one; it must not overflow.
        delay = min(row["autorestart_delay"] as Int64, 1 << 35) * 1000
    }

    /// By how much the system's clock is corrected without notice, in milliseconds.
    private static let clockTolerance: Int64 = 60_000

    /// When an attempt under way is judged, in milliseconds.
    var verdictTime: Int64 { lastAttemptTime + delay }
    /// When something is to be done about it, in milliseconds.
    var dueTime: Int64 { isAttemptUnderWay ? verdictTime : statusTime + delay }
    var stepAfterFailure: Step { currentAttempt >= attemptCount ? .giveUp : .attempt }

    /// What is due at `now` (milliseconds), if anything.
    func step(at now: Int64) -> Step? {
        // What lies so far ahead was written before the clock was set back.
        guard now >= dueTime || dueTime - delay > now + Self.clockTolerance else { return nil }
        // A failure that came after the time of the verdict is a new one: the attempt itself went well.
        if isAttemptUnderWay { return !hasFailed || statusTime > verdictTime ? .succeed : stepAfterFailure }
        return hasFailed ? stepAfterFailure : nil
    }
}
