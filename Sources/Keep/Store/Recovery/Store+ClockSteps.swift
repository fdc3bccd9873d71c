public import Foundation
import Records
import SQL

// A clock that was wrong and is set back leaves times behind that lie ahead of it; whoever waits for them would wait as long as the
// clock was ahead.
extension Store {
    /// No report waits longer by itself than two thirds of it.
    private static let longestPause: TimeInterval = 900
    /// Between a time that is taken and one that is written.
    private static let slack: TimeInterval = 5

    /// Lets nothing wait for a time that a clock which was ahead has made: reports to callbacks, and attempts to restart streams.
    /// - Returns: how many have their time anew.
    @discardableResult
    public func forgetTimesAhead(of now: Date) async throws -> Int {
        let (time, ahead) = (Milliseconds.nearest(now), Milliseconds.nearest(now + Self.slack))
        let farAhead = Milliseconds.nearest(now + Self.longestPause)
        let isAny: Int? = try await read { connection in
            try connection.value("SELECT 1 FROM lane WHERE next_time > ? LIMIT 1", [farAhead])
                ?? connection.value("SELECT 1 FROM stream WHERE \(Self.isAhead) LIMIT 1", [ahead, ahead])
        }
        guard isAny != nil else { return 0 }
        return try await write { connection in
            let lanes = try connection.execute("UPDATE lane SET next_time = ? WHERE next_time > ?", [time, farAhead])
            let streams = try connection.execute(
                """
                UPDATE stream SET status_time = CASE WHEN status_time > ? THEN ? ELSE status_time END,
                    autorestart_last_attempt_time = CASE WHEN autorestart_last_attempt_time > ? THEN ?
                        ELSE autorestart_last_attempt_time END
                WHERE \(Self.isAhead)
                """, [ahead, time, ahead, time, ahead, ahead])
            if lanes > 0 { connection.changed(.deliveries) }
            if streams > 0 { connection.changed(.streams) }
            return lanes + streams
        }
    }
    private static let isAhead =
        "autorestart_is_allowed = 1 AND status IN (1, 2, 4) AND (status_time > ? OR autorestart_last_attempt_time > ?)"
}
