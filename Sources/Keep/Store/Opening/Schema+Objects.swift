import SQL

// The step that makes the index of stored bytes; the bytes themselves are files.
extension Schema {
    static func objects(_ type: Dialect) -> String {
        """
        CREATE TABLE object (
            -- The order in which they were stored.
            sequence \(type.sequence),
            id \(type.id) NOT NULL UNIQUE,
            account_id \(type.id) NOT NULL REFERENCES account (id),
            kind TEXT NOT NULL CHECK (kind IN ('image', 'object', 'face_sample', 'body_sample')),
            content_type TEXT NOT NULL,
            meta TEXT NOT NULL,
            -- In bytes.
            size \(type.integer) NOT NULL,
            -- NULL: never.
            expiry \(type.integer),
            create_time \(type.integer) NOT NULL,
            -- The event that it is a picture of.
            event_id \(type.id),
            -- Whether somebody was told of it while its event was open.
            is_told \(type.integer) NOT NULL DEFAULT 0
        ) \(type.strict);
        CREATE INDEX object_by_account ON object (account_id, sequence);
        CREATE INDEX object_by_expiry ON object (expiry) WHERE expiry IS NOT NULL;
        CREATE INDEX object_by_event ON object (event_id) WHERE event_id IS NOT NULL;

        -- What each account has stored, so that nobody adds it up.
        CREATE TABLE object_usage (
            account_id \(type.id) NOT NULL PRIMARY KEY,
            objects \(type.integer) NOT NULL,
            bytes \(type.integer) NOT NULL
        ) \(type.strictByKey);

        -- The mark of the folder in which the bytes lie, from its first use on.
        CREATE TABLE object_tree (
            mark \(type.id) NOT NULL PRIMARY KEY
        ) \(type.strictByKey);

        -- Work on old rows that goes on beside everything else, and how far it has come; gone when it is done.
        CREATE TABLE old_rows (
            work TEXT NOT NULL PRIMARY KEY,
            position \(type.integer) NOT NULL
        ) \(type.strictByKey);
        INSERT INTO old_rows (work, position) VALUES ('event pictures', 0);
        """
    }
}
