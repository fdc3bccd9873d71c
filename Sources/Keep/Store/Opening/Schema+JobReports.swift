import SQL

extension Schema {
    /// Reports of jobs stand in lanes like those of events.
    static func jobReports(_ type: Dialect) -> String {
        """
        -- The stream or the job whose reports are in it.
        ALTER TABLE lane RENAME COLUMN stream_id TO source_id;

        \(type.name == .sqlite ? newDeliveries(type) : changedDeliveries(type))
        CREATE INDEX delivery_by_job ON delivery (job_id) WHERE job_id IS NOT NULL;

        -- How many reports of it callbacks have taken.
        ALTER TABLE job ADD COLUMN delivered \(type.integer) NOT NULL DEFAULT 0;
        ALTER TABLE job ADD COLUMN last_delivery_time \(type.integer);
        """
    }

    /// SQLite takes no column out of its duty.
    private static func newDeliveries(_ type: Dialect) -> String {
        let indexes = [
            "lane": "lane_id, state, sequence", "state": "state, due_time", "account": "account_id, state, sequence",
            "stream": "stream_id, sequence", "event": "event_id",
        ].sorted { $0.key < $1.key }
        let kept = """
            sequence, id, account_id, stream_id, event_id, lane_id, number, state, attempts, last_error, last_attempt_time,
                create_time, due_time
            """
        return """
            \(indexes.map { "DROP INDEX delivery_by_\($0.key);" }.joined(separator: "\n"))
            ALTER TABLE delivery RENAME TO delivery_before;
            CREATE TABLE delivery (
                -- The order in all lanes.
                sequence \(type.sequence),
                id \(type.id) NOT NULL UNIQUE,
                account_id \(type.id) NOT NULL,
                -- The event that it tells of, and the stream where that was seen.
                stream_id \(type.id),
                event_id \(type.id) REFERENCES event (id) ON DELETE CASCADE,
                -- Or the job, which may be gone.
                job_id \(type.id),
                lane_id \(type.id) NOT NULL REFERENCES lane (id),
                -- In its lane, from 1 without a gap.
                number \(type.integer) NOT NULL,
                state TEXT NOT NULL DEFAULT 'due' CHECK (state IN ('due', 'dead')),
                attempts \(type.integer) NOT NULL DEFAULT 0,
                last_error TEXT,
                last_attempt_time \(type.integer),
                create_time \(type.integer) NOT NULL,
                -- When it became due: when it was put in, or when somebody wanted a dead letter sent again.
                due_time \(type.integer) NOT NULL,
                -- Of a job: what is sent, sealed. What is told of an event lies with that.
                body \(type.blob),
                CHECK ((event_id IS NULL) = (job_id IS NOT NULL))
            ) \(type.strict);
            INSERT INTO delivery (\(kept)) SELECT \(kept) FROM delivery_before;
            DROP TABLE delivery_before;
            \(indexes.map { "CREATE INDEX delivery_by_\($0.key) ON delivery (\($0.value));" }.joined(separator: "\n"))
            """
    }
    private static func changedDeliveries(_ type: Dialect) -> String {
        """
        ALTER TABLE delivery ALTER COLUMN stream_id DROP NOT NULL;
        ALTER TABLE delivery ALTER COLUMN event_id DROP NOT NULL;
        ALTER TABLE delivery ADD COLUMN job_id \(type.id);
        ALTER TABLE delivery ADD COLUMN body \(type.blob);
        ALTER TABLE delivery ADD CHECK ((event_id IS NULL) = (job_id IS NOT NULL));
        """
    }
}
