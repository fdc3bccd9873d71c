import SQL

extension Schema {
    /// What those look like whom events are about, where whoever made the event said it.
    static func eventDescriptors(_ type: Dialect) -> String {
        """
        CREATE TABLE event_descriptor (
            event_sequence \(type.integer) NOT NULL PRIMARY KEY REFERENCES event (sequence) ON DELETE CASCADE,
            account_id \(type.id) NOT NULL,
            descriptor_id \(type.integer) NOT NULL REFERENCES descriptor (id)
        ) \(type.strict);
        \(descriptorGoes(with: "event_descriptor", type))
        """
    }
}
