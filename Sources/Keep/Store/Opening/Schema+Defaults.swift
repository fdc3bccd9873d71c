import SQL

extension Schema {
    /// Streams keep what their analytics took for given when they were written: until here `human_tracking` followed bodies where nothing was
    /// said.
    static func analyticDefaults(_ type: Dialect) -> String {
        """
        -- JSON: by the name of an analytic, what its parameters are filled up with. Null: with what is the default now.
        ALTER TABLE stream ADD COLUMN analytic_defaults TEXT;
        UPDATE stream SET analytic_defaults =
            '{"human_tracking": {"parameters": {"tracking": {"detector_type": "body"}}}}';
        """
    }
}
