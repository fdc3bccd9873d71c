import SQL

extension Schema {
    /// Work on what somebody sent, and the items that it is done on one by one.
    static func jobs(_ type: Dialect) -> String {
        """
        CREATE TABLE job (
            sequence \(type.sequence),
            id \(type.id) NOT NULL UNIQUE,
            account_id \(type.id) NOT NULL REFERENCES account (id),
            kind TEXT NOT NULL,
            state TEXT NOT NULL CHECK (state IN ('created', 'waiting_for_upload', 'waiting_for_approval', 'queued',
                'running', 'done', 'failed', 'cancelled')),
            -- Whether it ends with the client that waits for its answer.
            is_attended \(type.integer) NOT NULL,
            -- JSON, sealed.
            parameters \(type.blob) NOT NULL,
            error TEXT,
            -- JSON: what it comes to as a whole, in its door's words.
            result TEXT,
            items \(type.integer) NOT NULL DEFAULT 0,
            items_done \(type.integer) NOT NULL DEFAULT 0,
            items_failed \(type.integer) NOT NULL DEFAULT 0,
            weight \(type.integer) NOT NULL DEFAULT 0,
            weight_done \(type.integer) NOT NULL DEFAULT 0,
            -- Milliseconds from its end to its expiry. NULL: as the settings have it.
            keeping \(type.integer),
            create_time \(type.integer) NOT NULL,
            start_time \(type.integer),
            end_time \(type.integer),
            -- NULL: not yet known.
            expiry \(type.integer)
        ) \(type.strict);
        CREATE INDEX job_by_account ON job (account_id, sequence);
        CREATE INDEX job_by_account_state ON job (account_id, state, sequence);
        CREATE INDEX job_by_account_kind ON job (account_id, kind, sequence);
        CREATE INDEX job_by_state ON job (state, sequence);
        CREATE INDEX job_by_kind ON job (kind, sequence);
        CREATE INDEX job_by_expiry ON job (expiry) WHERE expiry IS NOT NULL;

        CREATE TABLE job_item (
            job_sequence \(type.integer) NOT NULL REFERENCES job (sequence) ON DELETE CASCADE,
            number \(type.integer) NOT NULL,
            state TEXT NOT NULL DEFAULT 'pending' CHECK (state IN ('pending', 'done', 'failed')),
            weight \(type.integer) NOT NULL,
            weight_done \(type.integer) NOT NULL DEFAULT 0,
            -- JSON, sealed: its name, and what else is known of it.
            subject \(type.blob) NOT NULL,
            -- JSON: where work on it goes on that was cut off.
            checkpoint TEXT,
            -- JSON, of what is done.
            result TEXT,
            error TEXT,
            end_time \(type.integer),
            PRIMARY KEY (job_sequence, number)
        ) \(type.strictByKey);
        CREATE INDEX job_item_by_state ON job_item (job_sequence, state, number);

        -- The job that it was sent for or results from.
        ALTER TABLE object ADD COLUMN job_id \(type.id);
        CREATE INDEX object_by_job ON object (job_id) WHERE job_id IS NOT NULL;
        """
    }
}
