import Foundation
import Records
import SQL
import Sealing

// The step that sorts what is due to callbacks into lanes.
extension Schema {
    /// What was due before is due afterwards, in its order; what goes to nobody outside is none of the outbox's business.
    static func outbox(_ vault: Vault) -> Migration {
        Migration("0007 outbox") { connection in
            try connection.script(lanes(connection.dialect))
            // Asked here because this step may be the first that is missing.
            try unlock(vault, connection)
            try connection.inPortions(
                """
                SELECT sequence, account_id, event_id, callback, create_time,
                    (SELECT stream_id FROM event WHERE event.id = event_id) AS stream_id FROM delivery_before
                """
            ) {
                (
                    sequence: $0[0] as Int64, account: $0[1] as UUID, event: $0[2] as UUID, callback: $0[3] as [UInt8],
                    time: $0[4] as Int64, stream: $0[5] as UUID
                )
            } apply: { due in
                let text = try vault.text(due.callback, at: .callback(ofEvent: due.event))
                if Callback(stored: text)?.kind.isSent == true {
                    try insert(
                        due.event, of: due.stream, in: Lane(text, of: due.stream, vault: vault), account: due.account,
                        time: due.time, connection)
                }
                return due.sequence
            }
            try connection.script("DROP TABLE delivery_before")
        }
    }

    /// Puts a report into the tables as this step makes them.
    private static func insert(
        _ event: UUID, of stream: UUID, in lane: Lane, account: UUID, time: Int64, _ connection: any Connection
    ) throws {
        let number: Int64? = try connection.value(
            """
            INSERT INTO lane (id, account_id, stream_id, receiver, callback, count, next_time) VALUES (?, ?, ?, ?, ?, 1, ?)
            ON CONFLICT (id) DO UPDATE SET count = lane.count + 1 RETURNING count
            """, [lane.id, account, stream, lane.receiver, lane.callback, time])
        try connection.execute(
            """
            INSERT INTO delivery (id, account_id, stream_id, event_id, lane_id, number, create_time, due_time)
            VALUES (?, ?, ?, ?, ?, ?, ?, ?)
            """, [UUID(), account, stream, event, lane.id, number, time, time])
    }

    private static func lanes(_ type: Dialect) -> String {
        """
        -- What is due of one stream to one callback, in order.
        CREATE TABLE lane (
            -- A keyed hash of stream and callback.
            id \(type.id) NOT NULL PRIMARY KEY,
            account_id \(type.id) NOT NULL,
            stream_id \(type.id) NOT NULL,
            -- A keyed hash of the host and port that is called.
            receiver \(type.id) NOT NULL,
            -- As the stream's owner wrote it, sealed.
            callback \(type.blob) NOT NULL,
            -- How often in a row it took nothing.
            failures \(type.integer) NOT NULL DEFAULT 0,
            -- Reports that were ever put into it.
            count \(type.integer) NOT NULL,
            -- When the first of what is due may be sent; NULL when nothing is due.
            next_time \(type.integer)
        ) \(type.strictByKey);
        CREATE INDEX lane_by_next_time ON lane (next_time, id, receiver);
        CREATE INDEX lane_by_account ON lane (account_id);

        DROP INDEX delivery_by_event;
        DROP INDEX delivery_by_create_time;
        ALTER TABLE delivery RENAME TO delivery_before;
        CREATE TABLE delivery (
            -- The order in all lanes.
            sequence \(type.sequence),
            id \(type.id) NOT NULL UNIQUE,
            account_id \(type.id) NOT NULL,
            stream_id \(type.id) NOT NULL,
            event_id \(type.id) NOT NULL REFERENCES event (id) ON DELETE CASCADE,
            lane_id \(type.id) NOT NULL REFERENCES lane (id),
            -- In its lane, from 1 without a gap.
            number \(type.integer) NOT NULL,
            state TEXT NOT NULL DEFAULT 'due' CHECK (state IN ('due', 'dead')),
            attempts \(type.integer) NOT NULL DEFAULT 0,
            last_error TEXT,
            last_attempt_time \(type.integer),
            create_time \(type.integer) NOT NULL,
            -- When it became due: with the event, or when somebody wanted a dead letter sent again.
            due_time \(type.integer) NOT NULL
        ) \(type.strict);
        CREATE INDEX delivery_by_lane ON delivery (lane_id, state, sequence);
        CREATE INDEX delivery_by_state ON delivery (state, due_time);
        CREATE INDEX delivery_by_account ON delivery (account_id, state, sequence);
        CREATE INDEX delivery_by_stream ON delivery (stream_id, sequence);
        CREATE INDEX delivery_by_event ON delivery (event_id);

        -- How many reports of an event callbacks have taken.
        CREATE TABLE delivered (
            event_id \(type.id) NOT NULL PRIMARY KEY REFERENCES event (id) ON DELETE CASCADE,
            count \(type.integer) NOT NULL,
            last_time \(type.integer) NOT NULL
        ) \(type.strictByKey);
        """
    }
}
