import SQL

extension Schema {
    /// How many people were seen, minute by minute: some thirty bytes for a minute of a camera.
    static func counts(_ type: Dialect) -> String {
        """
        CREATE TABLE people_series (
            sequence \(type.sequence),
            account_id \(type.id) NOT NULL REFERENCES account (id),
            stream_id \(type.id) NOT NULL,
            -- Place among the stream's analytics.
            analytic \(type.integer) NOT NULL,
            -- As it was written; empty: everywhere.
            droi TEXT NOT NULL,
            UNIQUE (stream_id, analytic, droi)
        ) \(type.strict);
        CREATE INDEX people_series_by_account ON people_series (account_id, stream_id);

        CREATE TABLE people_minute (
            series \(type.integer) NOT NULL REFERENCES people_series (sequence) ON DELETE CASCADE,
            -- Since 1970.
            minute \(type.integer) NOT NULL,
            -- Milliseconds in which somebody looked, and people times milliseconds.
            covered \(type.integer) NOT NULL,
            sum \(type.integer) NOT NULL,
            minimum \(type.integer) NOT NULL,
            maximum \(type.integer) NOT NULL,
            PRIMARY KEY (series, minute)
        ) \(type.strictByKey);
        """
    }
}
