import SQL

extension Schema {
    /// Why events began, went on and ended: some kilobytes an event, which go with it.
    static func why(_ type: Dialect) -> String {
        """
        CREATE TABLE event_trace (
            event_id \(type.id) NOT NULL PRIMARY KEY REFERENCES event (id) ON DELETE CASCADE,
            stream_id \(type.id) NOT NULL,
            -- What its frames cover.
            begin_time \(type.integer) NOT NULL,
            end_time \(type.integer) NOT NULL,
            create_time \(type.integer) NOT NULL,
            -- JSON, compressed by zlib, and its length before that.
            document \(type.blob) NOT NULL,
            size \(type.integer) NOT NULL
        ) \(type.strict);
        CREATE INDEX event_trace_by_stream ON event_trace (stream_id, end_time, begin_time);
        CREATE INDEX event_trace_by_time ON event_trace (create_time);
        """
    }
}
