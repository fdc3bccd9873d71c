import SQL

extension Schema {
    /// Whom a stream's source is asked as, where its address does not say it.
    static func credentials(_ type: Dialect) -> String {
        """
        -- Sealed: JSON, as it goes over the wire. NULL: nobody, or whom the reference names.
        ALTER TABLE stream ADD COLUMN credentials \(type.blob);
        """
    }
}
