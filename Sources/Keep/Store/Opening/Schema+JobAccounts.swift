import SQL

extension Schema {
    /// What the jobs of an account cost, and who is told of them.
    static func jobAccounts(_ type: Dialect) -> String {
        """
        -- Of what its account has used, those of this job.
        ALTER TABLE job ADD COLUMN credits \(type.integer) NOT NULL DEFAULT 0;

        -- What jobs have cost so far, with what is reserved for those that are under way.
        CREATE TABLE credit (
            account_id \(type.id) NOT NULL PRIMARY KEY REFERENCES account (id),
            used \(type.integer) NOT NULL
        ) \(type.strictByKey);

        -- Who is told of jobs by doors that are asked for it apart from the jobs.
        CREATE TABLE job_callback (
            sequence \(type.sequence),
            -- A keyed hash of all the rest.
            id \(type.id) NOT NULL UNIQUE,
            account_id \(type.id) NOT NULL REFERENCES account (id),
            kind TEXT NOT NULL,
            -- NULL: all jobs of the account and the kind.
            job_id \(type.id),
            -- Sealed.
            callback \(type.blob) NOT NULL
        ) \(type.strict);
        CREATE INDEX job_callback_by_account ON job_callback (account_id, kind, sequence);
        CREATE INDEX job_callback_by_job ON job_callback (job_id) WHERE job_id IS NOT NULL;
        """
    }
}
