public import Foundation
import JSON
public import Records
import SQL

/// A series with what was counted in it, part of time by part of time.
public struct CountedSeries: Sendable {
    public let series: CountSeries
    /// By the parts that were asked for, in order; those in which nobody looked are not there.
    public let counts: [(bucket: TimeGrouping.Bucket, count: SeenPeople)]
}

extension Store {
    /// Adds what was counted to what is kept of the same minutes.
    public func add(_ minutes: [PeopleMinute]) async throws {
        guard !minutes.isEmpty else { return }
        try await write { connection in
            for minute in minutes {
                let count = minute.count
                try connection.execute(
                    """
                    INSERT INTO people_minute (series, minute, covered, sum, minimum, maximum) VALUES (?, ?, ?, ?, ?, ?)
                    ON CONFLICT (series, minute) DO UPDATE SET covered = people_minute.covered + excluded.covered,
                        sum = people_minute.sum + excluded.sum,
                        minimum = CASE WHEN excluded.minimum < people_minute.minimum THEN excluded.minimum
                            ELSE people_minute.minimum END,
                        maximum = CASE WHEN excluded.maximum > people_minute.maximum THEN excluded.maximum
                            ELSE people_minute.maximum END
                    """,
                    [
                        try connection.place(of: minute.series), minute.minute, count.covered, count.sum, count.minimum,
                        count.maximum,
                    ])
            }
        }
    }

    /// What was counted in a time.
    /// - Parameters:
    ///   - account: `nil`: of all accounts.
    ///   - streams: `nil`: all of them.
    ///   - analytic: place among its stream's analytics; `nil`: any.
    ///   - grouping: an interval.
    /// - Throws: `StoreError.tooManyGroups`
    public func counts(
        account: UUID?, streams: [UUID]?, analytic: Int?, from: Date, to: Date, grouping: TimeGrouping, zone: TimeZone
    ) async throws -> [CountedSeries] {
        let (first, last) = (Milliseconds.bound(from), Milliseconds.bound(to))
        guard first < last else { return [] }
        let offsets = ZoneOffsets(zone, from: first, to: last)
        var clauses = Clauses()
        if let account { clauses.add("account_id = ?", [account]) }
        if let streams {
            clauses.add(
                streams.isEmpty ? "1 = 0" : "stream_id IN (\(streams.map { _ in "?" }.joined(separator: ",")))", streams
            )
        }
        if let analytic { clauses.add("analytic = ?", [analytic]) }
        let found = clauses
        let unit = grouping.unit, bucket = unit.sql(offsets, "(minute * 60000)")
        let offset = unit.isByOffset ? offsets.sql("(minute * 60000)") : "0"
        return try await read { connection in
            let all: [(Int64, CountSeries)] = try connection.rows(
                """
                SELECT sequence, stream_id, account_id, analytic, droi FROM people_series\(found.sql)
                ORDER BY stream_id, analytic, sequence LIMIT 10000
                """, found.arguments
            ) {
                let droi: String = $0[4]
                return (
                    $0[0],
                    CountSeries(
                        streamID: $0[1], accountID: $0[2], analytic: $0[3],
                        droi: droi.isEmpty ? nil : JSONText(written: droi))
                )
            }
            var rows = 0
            return try all.compactMap { place, series in
                var counts: [TimeGrouping.Bucket: SeenPeople] = [:]
                try connection.forEachRow(
                    """
                    SELECT \(bucket), \(offset), CAST(sum(covered) AS BIGINT), CAST(sum(sum) AS BIGINT), min(minimum), max(maximum)
                    FROM people_minute WHERE series = ? AND minute >= ? AND minute < ?
                    GROUP BY 1\(unit.isByOffset ? ", 2" : "") LIMIT ?
                    """,
                    // A minute belongs to the time in which it begins.
                    [place, (first + 59_999) / 60_000, (last + 59_999) / 60_000, EventStatistic<GeneralEvent>.rowLimit]
                ) { row in
                    let count = SeenPeople(covered: row[2], sum: row[3], minimum: row[4], maximum: row[5])
                    let bucket = grouping.bucket(row[0], offset: row[1], in: zone)
                    counts[bucket, default: SeenPeople(covered: 0, sum: 0, minimum: .max, maximum: 0)].add(count)
                }
                rows += counts.count
                guard rows < EventStatistic<GeneralEvent>.rowLimit else { throw StoreError.tooManyGroups }
                guard !counts.isEmpty else { return nil }
                return CountedSeries(
                    series: series, counts: counts.sorted { $0.key < $1.key }.map { (bucket: $0.key, count: $0.value) })
            }
        }
    }

    /// Removes minutes before `bound`.
    /// - Returns: how many.
    @discardableResult
    public func deleteCounts(before bound: Date) async throws -> Int {
        let minute = Milliseconds.bound(bound) / 60_000
        var count = 0
        let all: [Int64] = try await read {
            try $0.rows("SELECT sequence FROM people_series ORDER BY sequence", []) { $0[0] }
        }
        for series in all {
            count += try await write {
                try $0.execute("DELETE FROM people_minute WHERE series = ? AND minute < ?", [series, minute])
            }
        }
        return count
    }
}

extension Connection {
    /// The number of a series, which gets one when it is new.
    fileprivate func place(of series: CountSeries) throws -> Int64 {
        let droi = series.droi?.text ?? ""
        let known: Int64? = try value(
            "SELECT sequence FROM people_series WHERE stream_id = ? AND analytic = ? AND droi = ?",
            [series.streamID, series.analytic, droi])
        if let known { return known }
        let new: Int64? = try value(
            "INSERT INTO people_series (account_id, stream_id, analytic, droi) VALUES (?, ?, ?, ?) RETURNING sequence",
            [series.accountID, series.streamID, series.analytic, droi])
        return new ?? 0
    }
}
