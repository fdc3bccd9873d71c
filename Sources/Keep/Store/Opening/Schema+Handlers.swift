import Foundation
import Records
import SQL

extension Schema {
    /// Handlers, first of all the one that each account has, and what is due to the callbacks that they name.
    static func handlers() -> Migration {
        Migration("0022 handlers") { connection in
            let type = connection.dialect
            try connection.script(handlerTable(type))
            try connection.script(type.name == .sqlite ? deliveriesOfHandlers(type) : changedForHandlers(type))
            let accounts: [(id: UUID, time: Int64)] = try connection.rows(
                "SELECT id, create_time FROM account ORDER BY create_time, id", []
            ) { ($0[0], $0[1]) }
            for account in accounts {
                try connection.execute(
                    """
                    INSERT INTO handler (id, account_id, kind, description, create_time, last_update_time)
                    VALUES (?, ?, 1, ?, ?, ?)
                    """,
                    [
                        BuiltInHandler.id(of: account.id), account.id, BuiltInHandler.description, account.time,
                        account.time,
                    ])
            }
        }
    }

    private static func handlerTable(_ type: Dialect) -> String {
        """
        CREATE TABLE handler (
            sequence \(type.sequence),
            id \(type.id) NOT NULL UNIQUE,
            account_id \(type.id) NOT NULL REFERENCES account (id),
            -- 0: it has policies; 1: they come with each request.
            kind \(type.integer) NOT NULL CHECK (kind IN (0, 1)),
            description TEXT NOT NULL,
            -- JSON, sealed, since callbacks have passwords. NULL: it has none.
            policies \(type.blob),
            create_time \(type.integer) NOT NULL,
            last_update_time \(type.integer) NOT NULL,
            CHECK ((policies IS NULL) = (kind = 1))
        ) \(type.strict);
        CREATE INDEX handler_by_account ON handler (account_id, sequence);
        CREATE INDEX handler_by_account_kind ON handler (account_id, kind, sequence);
        CREATE INDEX handler_by_kind ON handler (kind, sequence);
        """
    }

    /// What a report tells of: an event, a job, or an event of a handler that is not stored.
    private static let subject = "(job_id IS NOT NULL) <> (event_id IS NOT NULL OR handler_id IS NOT NULL)"

    /// SQLite takes no condition back.
    private static func deliveriesOfHandlers(_ type: Dialect) -> String {
        let indexes = [
            "lane": "lane_id, state, sequence", "state": "state, due_time", "account": "account_id, state, sequence",
            "stream": "stream_id, sequence", "event": "event_id", "job": "job_id) WHERE (job_id IS NOT NULL",
        ].sorted { $0.key < $1.key }
        let kept = """
            sequence, id, account_id, stream_id, event_id, job_id, lane_id, number, state, attempts, last_error,
                last_attempt_time, create_time, due_time, body
            """
        return """
            \(indexes.map { "DROP INDEX delivery_by_\($0.key);" }.joined(separator: "\n"))
            ALTER TABLE delivery RENAME TO delivery_before;
            CREATE TABLE delivery (
                -- The order in all lanes.
                sequence \(type.sequence),
                id \(type.id) NOT NULL UNIQUE,
                account_id \(type.id) NOT NULL,
                -- The event that it tells of, and the stream where that was seen.
                stream_id \(type.id),
                event_id \(type.id) REFERENCES event (id) ON DELETE CASCADE,
                -- Or the job, which may be gone.
                job_id \(type.id),
                -- Or the handler that made the event, which need not be stored.
                handler_id \(type.id),
                lane_id \(type.id) NOT NULL REFERENCES lane (id),
                -- In its lane, from 1 without a gap.
                number \(type.integer) NOT NULL,
                state TEXT NOT NULL DEFAULT 'due' CHECK (state IN ('due', 'dead')),
                attempts \(type.integer) NOT NULL DEFAULT 0,
                last_error TEXT,
                last_attempt_time \(type.integer),
                create_time \(type.integer) NOT NULL,
                -- When it became due: when it was put in, or when somebody wanted a dead letter sent again.
                due_time \(type.integer) NOT NULL,
                -- What is sent, sealed. NULL: the event as it is stored.
                body \(type.blob),
                CHECK (\(subject))
            ) \(type.strict);
            INSERT INTO delivery (\(kept)) SELECT \(kept) FROM delivery_before;
            DROP TABLE delivery_before;
            \(indexes.map { "CREATE INDEX delivery_by_\($0.key) ON delivery (\($0.value));" }.joined(separator: "\n"))
            """
    }
    private static func changedForHandlers(_ type: Dialect) -> String {
        """
        ALTER TABLE delivery ADD COLUMN handler_id \(type.id);
        ALTER TABLE delivery DROP CONSTRAINT delivery_check;
        ALTER TABLE delivery ADD CHECK (\(subject));
        """
    }
}
