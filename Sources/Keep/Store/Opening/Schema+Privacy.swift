import SQL

extension Schema {
    /// Whom the pictures of a stream show nobody.
    static func privacy(_ type: Dialect) -> String {
        """
        -- JSON, as it goes over the wire. NULL: nothing is hidden.
        ALTER TABLE stream ADD COLUMN privacy TEXT;
        """
    }
}
