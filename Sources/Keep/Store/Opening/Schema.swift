import SQL
import Sealing

/// The tables, as numbered steps for both kinds of database; a step that has been released is never changed.
///
/// Ids are ordered as their lower-case text is, times are whole milliseconds since 1970, flags 0 or 1.
enum Schema {
    static func migrator(_ vault: Vault) -> Migrator { Migrator(steps(vault), verify: { try unlock(vault, $0) }) }

    static func steps(_ vault: Vault) -> [Migration] {
        [
            Migration("0001 accounts, streams, logs, events", first),
            Migration("0002 groups", groups),
            Migration("0003 tokens, secrets", tokens),
            Migration("0004 envelopes, deliveries", envelopes),
            sealing(vault),
            Migration("0006 objects", objects),
            outbox(vault),
            events,
            Migration("0011 why", why),
            Migration("0012 records", records),
            Migration("0013 pledges", pledges),
            Migration("0014 privacy", privacy),
            Migration("0015 analytic defaults", analyticDefaults),
            Migration("0016 jobs", jobs),
            Migration("0017 reports of jobs", jobReports),
            Migration("0018 credits and callbacks of jobs", jobAccounts),
            Migration("0019 credentials of sources", credentials),
            Migration("0020 sessions", sessions),
            Migration("0021 faces", faces),
            handlers(),
            Migration("0023 descriptors of events", eventDescriptors),
            Migration("0024 verifiers", verifiers),
        ]
    }
    /// Of all steps that this version knows. None is taken here, so no key is asked for.
    static let names = (try? Vault(.given(.random()))).map { steps($0).map(\.name) } ?? []

    private static func first(_ type: Dialect) -> String {
        """
        CREATE TABLE account (
            id \(type.id) NOT NULL PRIMARY KEY,
            login TEXT NOT NULL UNIQUE,
            password_hash TEXT NOT NULL,
            type TEXT NOT NULL CHECK (type IN ('user', 'advanced_user', 'admin')),
            description TEXT NOT NULL,
            create_time \(type.integer) NOT NULL,
            last_update_time \(type.integer) NOT NULL
        ) \(type.strict);

        CREATE TABLE stream (
            -- The order of creation, which the clock alone does not give.
            sequence \(type.sequence),
            id \(type.id) NOT NULL UNIQUE,
            account_id \(type.id) NOT NULL REFERENCES account (id),
            name TEXT NOT NULL,
            description TEXT NOT NULL,
            kind TEXT NOT NULL,
            reference TEXT NOT NULL,
            is_downloadable \(type.integer) NOT NULL,
            timestamp_source TEXT NOT NULL,
            rotation \(type.integer) NOT NULL,
            start_time \(type.real) NOT NULL,
            location TEXT NOT NULL,
            analytics TEXT NOT NULL,
            autorestart_is_allowed \(type.integer) NOT NULL,
            autorestart_attempt_count \(type.integer) NOT NULL,
            autorestart_delay \(type.integer) NOT NULL,
            autorestart_current_attempt \(type.integer) NOT NULL DEFAULT 0,
            autorestart_last_attempt_time \(type.integer),
            autorestart_status TEXT NOT NULL
                CHECK (autorestart_status IN ('disabled', 'enabled', 'in_progress', 'failed')),
            version \(type.integer) NOT NULL DEFAULT 1,
            create_time \(type.integer) NOT NULL,
            status \(type.integer) NOT NULL,
            -- When `status` was last set.
            status_time \(type.integer) NOT NULL,
            last_error TEXT,
            -- Whether the failure the stream is in forbids trying again.
            is_error_fatal \(type.integer) NOT NULL DEFAULT 0
        ) \(type.strict);
        CREATE INDEX stream_by_account ON stream (account_id, sequence);
        CREATE INDEX stream_by_id ON stream (account_id, id);
        CREATE INDEX stream_by_name ON stream (account_id, name, sequence);
        CREATE INDEX stream_by_reference ON stream (account_id, reference, sequence);
        CREATE INDEX stream_by_account_status ON stream (account_id, status, sequence);
        CREATE INDEX stream_by_create_time ON stream (account_id, create_time);
        CREATE INDEX stream_by_status ON stream (status, sequence);
        CREATE INDEX stream_under_autorestart ON stream (status, autorestart_status) WHERE autorestart_is_allowed = 1;

        CREATE TABLE stream_log (
            sequence \(type.sequence),
            stream_id \(type.id) NOT NULL REFERENCES stream (id) ON DELETE CASCADE,
            account_id \(type.id) NOT NULL,
            status \(type.integer) NOT NULL,
            error TEXT,
            log_time \(type.integer) NOT NULL
        ) \(type.strict);
        CREATE INDEX stream_log_by_account ON stream_log (account_id, sequence);
        CREATE INDEX stream_log_by_stream ON stream_log (stream_id, sequence);
        CREATE INDEX stream_log_by_status ON stream_log (account_id, status, sequence);
        CREATE INDEX stream_log_by_time ON stream_log (account_id, log_time);

        -- Events outlive their stream, so nothing here refers to one.
        CREATE TABLE event (
            sequence \(type.key),
            id \(type.id) NOT NULL UNIQUE,
            account_id \(type.id) NOT NULL REFERENCES account (id),
            stream_id \(type.id) NOT NULL,
            kind TEXT NOT NULL,
            track_id \(type.id) NOT NULL,
            -- Nanoseconds on the stream's own clock.
            begin_offset \(type.integer) NOT NULL,
            begin_time \(type.integer) NOT NULL,
            end_offset \(type.integer) NOT NULL,
            end_time \(type.integer) NOT NULL,
            state TEXT NOT NULL CHECK (state IN ('open', 'closed', 'interrupted')),
            people_count \(type.integer) NOT NULL,
            -- The event as a callback carries it, as of its latest record.
            body TEXT NOT NULL
        ) \(type.strict);
        CREATE INDEX event_open ON event (state) WHERE state = 'open';

        -- Append-only: what happened to an account's events, numbered from 1 without a gap.
        CREATE TABLE event_record (
            account_id \(type.id) NOT NULL,
            sequence \(type.integer) NOT NULL,
            event_id \(type.id) NOT NULL REFERENCES event (id),
            phase TEXT NOT NULL CHECK (phase IN ('started', 'finished')),
            time \(type.integer) NOT NULL,
            PRIMARY KEY (account_id, sequence)
        ) \(type.strictByKey);
        CREATE INDEX event_record_by_event ON event_record (event_id);

        CREATE TABLE event_counter (
            account_id \(type.id) NOT NULL PRIMARY KEY,
            last \(type.integer) NOT NULL
        ) \(type.strictByKey);
        """
    }
    private static func groups(_ type: Dialect) -> String {
        """
        CREATE TABLE stream_group (
            sequence \(type.sequence),
            id \(type.id) NOT NULL UNIQUE,
            account_id \(type.id) NOT NULL REFERENCES account (id),
            name TEXT NOT NULL,
            description TEXT NOT NULL,
            create_time \(type.integer) NOT NULL,
            -- The name first, so that it also serves those who look through all accounts.
            UNIQUE (name, account_id)
        ) \(type.strict);
        CREATE INDEX stream_group_by_account ON stream_group (account_id, sequence);

        -- Which streams are in which group, both by their sequence.
        CREATE TABLE group_member (
            group_sequence \(type.integer) NOT NULL REFERENCES stream_group (sequence) ON DELETE CASCADE,
            stream_sequence \(type.integer) NOT NULL REFERENCES stream (sequence) ON DELETE CASCADE,
            PRIMARY KEY (group_sequence, stream_sequence)
        ) \(type.strictByKey);
        CREATE INDEX group_member_by_stream ON group_member (stream_sequence, group_sequence);

        -- For filters over all accounts; those of one account have their own.
        CREATE INDEX stream_by_name_alone ON stream (name, sequence);
        CREATE INDEX stream_by_reference_alone ON stream (reference, sequence);
        CREATE INDEX stream_by_create_time_alone ON stream (create_time);
        CREATE INDEX stream_log_by_status_alone ON stream_log (status, sequence);
        CREATE INDEX stream_log_by_time_alone ON stream_log (log_time);
        """
    }

    private static func tokens(_ type: Dialect) -> String {
        """
        CREATE TABLE token (
            sequence \(type.sequence),
            id \(type.id) NOT NULL UNIQUE,
            account_id \(type.id) NOT NULL REFERENCES account (id),
            description TEXT NOT NULL,
            -- NULL: never.
            expiration_time \(type.integer),
            visibility TEXT NOT NULL CHECK (visibility IN ('account', 'all')),
            permissions TEXT NOT NULL,
            jwt TEXT NOT NULL,
            create_time \(type.integer) NOT NULL,
            last_update_time \(type.integer) NOT NULL
        ) \(type.strict);
        CREATE INDEX token_by_account ON token (account_id, sequence);
        CREATE INDEX token_by_account_time ON token (account_id, create_time);
        CREATE INDEX token_by_create_time ON token (create_time);

        -- Keys that only this database knows.
        CREATE TABLE secret (
            name TEXT NOT NULL PRIMARY KEY,
            value \(type.blob) NOT NULL
        ) \(type.strictByKey);

        CREATE INDEX account_by_create_time ON account (create_time, id);
        CREATE INDEX account_by_type ON account (type, create_time, id);
        """
    }

    /// What an event is about lies in its body alone.
    private static func envelopes(_ type: Dialect) -> String {
        """
        ALTER TABLE event RENAME COLUMN kind TO type;
        ALTER TABLE event DROP COLUMN people_count;

        -- What is due to callbacks.
        CREATE TABLE delivery (
            sequence \(type.sequence),
            account_id \(type.id) NOT NULL,
            event_id \(type.id) NOT NULL REFERENCES event (id) ON DELETE CASCADE,
            -- As the stream's owner wrote it.
            callback TEXT NOT NULL,
            create_time \(type.integer) NOT NULL
        ) \(type.strict);
        CREATE INDEX delivery_by_event ON delivery (event_id);
        CREATE INDEX delivery_by_create_time ON delivery (create_time);
        """
    }
}
