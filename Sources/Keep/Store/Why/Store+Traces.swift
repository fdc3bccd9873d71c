public import Foundation
public import JSON
public import Records
import SQL

extension Store {
    /// Traces that one answer about a stream reads at most.
    private static let traceLimit = 20

    /// Keeps why events began, went on and ended. Where the reserve of the disk is touched, nothing is kept: a trace is worth less
    /// than an event.
    /// - Returns: those whose events are not there yet.
    public func add(_ traces: [KeptTrace]) async throws -> [KeptTrace] {
        guard !traces.isEmpty, room.level == .ample else { return [] }
        let known = try await read { connection in
            try traces.map { try connection.value("SELECT 1 FROM event WHERE id = ?", [$0.event]) as Int? != nil }
        }
        // Written out and compressed but once, and not while others wait to write.
        let kept = zip(traces, known).filter(\.1).map { trace, _ in
            (trace: trace, document: Array(trace.document.text.utf8))
        }
        let rows = kept.map { ($0.trace, Compression.compressed($0.document), $0.document.count) }
        guard !rows.isEmpty else { return traces }
        let time = Milliseconds.nearest(.now)
        try await write { connection in
            for (trace, document, size) in rows {
                // Not when the event has been deleted meanwhile.
                try connection.execute(
                    """
                    INSERT INTO event_trace (event_id, stream_id, begin_time, end_time, create_time, document, size)
                    SELECT id, ?, ?, ?, ?, ?, ? FROM event WHERE id = ? ON CONFLICT (event_id) DO NOTHING
                    """,
                    [
                        trace.stream, Milliseconds.nearest(trace.begin), Milliseconds.nearest(trace.end), time,
                        document, size, trace.event,
                    ])
            }
        }
        return zip(traces, known).filter { !$1 }.map(\.0)
    }

    /// What is kept of why an event was; `nil` when nothing is.
    public func trace(of event: UUID) async throws -> JSONValue? {
        let found = try await read {
            try $0.first("SELECT document, size FROM event_trace WHERE event_id = ?", [event], Self.document)
        }
        return found.flatMap(\.self)
    }

    /// What is kept of events of a stream whose frames cover some of a time, the first of them.
    public func traces(of stream: UUID, in window: ClosedRange<Date>) async throws -> [JSONValue] {
        let query = Self.tracesQuery(
            of: stream, from: Milliseconds.nearest(window.lowerBound), to: Milliseconds.nearest(window.upperBound))
        return try await read { try $0.rows(query.sql, query.arguments, Self.document) }.compactMap(\.self)
    }
    static func tracesQuery(of stream: UUID, from: Int64, to: Int64) -> Query {
        Query(
            """
            SELECT document, size FROM event_trace WHERE stream_id = ? AND end_time >= ? AND begin_time <= ?
            ORDER BY end_time LIMIT ?
            """, [stream, from, to, Self.traceLimit])
    }
    private static func document(_ row: Row) -> JSONValue? {
        guard let bytes = Compression.expanded(row[0], size: row[1]) else { return nil }
        return try? JSONValue(parsing: Data(bytes))
    }

    /// Removes traces that were kept before `bound`; their events stay.
    /// - Returns: how many.
    @discardableResult
    public func deleteTraces(before bound: Date) async throws -> Int {
        try await deleteInPortions(
            Query(
                """
                DELETE FROM event_trace WHERE event_id IN (
                    SELECT event_id FROM event_trace WHERE create_time < ? ORDER BY create_time LIMIT ?)
                """, [Milliseconds.bound(bound), Self.deletionLimit]))
    }
}
