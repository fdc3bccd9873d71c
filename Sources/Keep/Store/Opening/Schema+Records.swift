import SQL

extension Schema {
    /// What those are told by who follow the list of records: each has its place among those of all accounts, too, and says of which
    /// stream it is.
    static func records(_ type: Dialect) -> String {
        """
        -- From 1 without a gap among those of all accounts, in the order in which they were stored.
        ALTER TABLE event_record ADD COLUMN number \(type.integer);
        -- NULL: its event was made elsewhere.
        ALTER TABLE event_record ADD COLUMN stream_id \(type.id);
        -- `analytics_results` of the live message that it was told by; NULL where nobody remembers.
        ALTER TABLE event_record ADD COLUMN results TEXT;
        -- Whether subscribers of events are told of it.
        ALTER TABLE event_record ADD COLUMN is_notice \(type.integer) NOT NULL DEFAULT 0;

        -- A record may have been decided long before it was stored, so the clock alone would not keep an account's order.
        UPDATE event_record SET number = numbered.place FROM (
            SELECT account_id, sequence, row_number() OVER (ORDER BY latest, account_id, sequence) AS place FROM (
                SELECT account_id, sequence, max(time) OVER (PARTITION BY account_id ORDER BY sequence) AS latest
                FROM event_record) AS timed) AS numbered
        WHERE numbered.account_id = event_record.account_id AND numbered.sequence = event_record.sequence;
        CREATE TABLE record_counter (
            single \(type.integer) NOT NULL PRIMARY KEY CHECK (single = 1),
            -- The latest of those numbers.
            last \(type.integer) NOT NULL
        ) \(type.strictByKey);
        INSERT INTO record_counter (single, last) SELECT 1, count(*) FROM event_record;
        UPDATE event_record SET stream_id = (
            SELECT stream_id FROM event WHERE event.id = event_record.event_id AND event.type <> 'handler');
        -- Events that were made elsewhere are told always.
        UPDATE event_record SET is_notice = 1
            WHERE phase = 'finished' AND EXISTS (SELECT 1 FROM event WHERE event.id = event_id AND type = 'handler');

        CREATE UNIQUE INDEX event_record_by_number ON event_record (number);
        CREATE INDEX event_record_by_stream ON event_record (stream_id, sequence) WHERE stream_id IS NOT NULL;
        """
    }
}
