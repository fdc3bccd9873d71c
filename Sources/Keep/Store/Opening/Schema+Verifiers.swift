import SQL

extension Schema {
    static func verifiers(_ type: Dialect) -> String {
        """
        CREATE TABLE verifier (
            sequence \(type.sequence),
            id \(type.id) NOT NULL UNIQUE,
            account_id \(type.id) NOT NULL REFERENCES account (id),
            description TEXT NOT NULL,
            -- JSON.
            policies TEXT NOT NULL,
            version \(type.integer) NOT NULL,
            create_time \(type.integer) NOT NULL,
            last_update_time \(type.integer) NOT NULL
        ) \(type.strict);
        CREATE INDEX verifier_by_account ON verifier (account_id, sequence);
        """
    }
}
