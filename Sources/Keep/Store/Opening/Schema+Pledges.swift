import SQL

extension Schema {
    /// What is due when an event ends that nobody sees end.
    static func pledges(_ type: Dialect) -> String {
        """
        CREATE TABLE pledge (
            event_id \(type.id) NOT NULL REFERENCES event (id) ON DELETE CASCADE,
            lane_id \(type.id) NOT NULL REFERENCES lane (id) ON DELETE CASCADE,
            PRIMARY KEY (event_id, lane_id)
        ) \(type.strictByKey);
        CREATE INDEX pledge_by_lane ON pledge (lane_id);
        -- Whether subscribers of events are told of its end then.
        ALTER TABLE event ADD COLUMN ends_as_notice \(type.integer) NOT NULL DEFAULT 0;
        """
    }
}
