import SQL

extension Schema {
    /// Browsers that are signed in, and codes that sign one in.
    static func sessions(_ type: Dialect) -> String {
        """
        CREATE TABLE session (
            sequence \(type.sequence),
            -- Of the secret that the browser holds, which nothing here tells.
            digest \(type.blob) NOT NULL UNIQUE,
            account_id \(type.id) NOT NULL REFERENCES account (id),
            kind TEXT NOT NULL CHECK (kind IN ('browser', 'code')),
            expiry \(type.integer) NOT NULL
        ) \(type.strict);
        CREATE INDEX session_by_account ON session (account_id, kind, sequence);
        CREATE INDEX session_by_expiry ON session (expiry);
        """
    }
}
