import Foundation
import GRDB
import JSON
import KeepSupport
import Records
import SQL
import Testing

@testable import Store

/// A database of the latest release, as it lies on an operator's disk: its tables were made by GRDB's own migrator.
struct ReleasedDatabaseTests {
    private let directory = TemporaryDirectory()
    init() throws {
        try FileManager.default.createDirectory(at: directory.url, withIntermediateDirectories: true)
        var migrator = DatabaseMigrator()
        migrator.registerMigration("0001 accounts, streams, logs, events") { try $0.execute(sql: Self.first) }
        migrator.registerMigration("0002 groups") { try $0.execute(sql: Self.groups) }
        migrator.registerMigration("0003 tokens, secrets") { try $0.execute(sql: Self.tokens) }
        let queue = try DatabaseQueue(path: directory.url.appending(path: Store.fileName).path)
        try migrator.migrate(queue)
        try queue.write { try $0.execute(sql: Self.rows) }
        try queue.close()
    }

    /// Tables and indexes with the text that made them.
    private static func schema(of store: Store) async throws -> [String] {
        try await store.read {
            try $0.rows(
                "SELECT name || ': ' || coalesce(sql, '') FROM sqlite_master WHERE name <> 'migration' ORDER BY name",
                []
            ) {
                ($0[0] as String).split(whereSeparator: \.isWhitespace).joined(separator: " ")
            }
        }
    }

    @Test func itHasTheTablesOfANewOneAfterwards() async throws {
        let (released, new) = (try Store(directory: directory.url), try await TemporaryStore(.sqlite))
        #expect(try await Self.schema(of: released) == Self.schema(of: new.store))
        let names = { (store: Store) in
            try await store.read { try $0.rows("SELECT name FROM migration ORDER BY name", []) { $0[0] as String } }
        }
        #expect(try await names(released) == names(new.store))
    }

    @Test func whatIsInItStays() async throws {
        let store = try Store(directory: directory.url)
        let account = try #require(try await store.accountWithHash(login: "one@example.org")?.account)
        #expect(account.kind == .admin && account.createTime == TemporaryStore.noon)
        let stream = try #require(try await store.streams(Filter(accountID: account.id)).first)
        #expect(stream.specification.name == "gate" && stream.groups == ["doors"])
        #expect(stream.specification.analytics.map(\.name) == ["people_count"])
        #expect(stream.analyticDefaults["human_tracking"]?["parameters"]?["tracking"]?["detector_type"] == "body")
        #expect(try await store.streamLogs(Filter()).map(\.status) == [.inProgress])
        let records = try await store.events(account: account.id)
        #expect(records.map(\.event.type) == ["crowd"] && records.map(\.event.body) == [["people_count": 3]])
        #expect(records[0].event.streamID == stream.id && records[0].event.handlerID == nil)
        #expect(records[0].event.trackID == "ee112233-4455-6677-8899-aabbccddeeff")
        #expect(try await store.generalEvents(Filter()).map(\.type) == ["crowd"])
        #expect(try await store.secret("token key", length: 32) == Data(repeating: 7, count: 32))

        // And it goes on from there.
        try await store.recoverFromUncleanStop(at: TemporaryStore.noon)
        #expect(try await store.events(account: account.id).map(\.sequence) == [1, 2])
    }

    /// In no file, and in no page that was freed.
    @Test func noSecretOfItLiesOpenAfterwards() async throws {
        let file = directory.url.appending(path: Store.fileName)
        let key = Data(repeating: 7, count: 32), open = "rtsp://camera/1"
        #expect(try Data(contentsOf: file).range(of: Data(open.utf8)) != nil)
        let store = try Store(directory: directory.url)
        for file in try FileManager.default.contentsOfDirectory(at: directory.url, includingPropertiesForKeys: nil)
        where !file.hasDirectoryPath {
            let bytes = try Data(contentsOf: file)
            #expect(bytes.range(of: Data(open.utf8)) == nil && bytes.range(of: key) == nil, "\(file.lastPathComponent)")
        }
        var filter = Filter<RegisteredStream>()
        filter.require(.reference, [.text(open)])
        #expect(try await store.streams(filter).map(\.specification.source.reference) == [open])
    }

    private static let rows = """
        INSERT INTO account VALUES (zeroblob(16), 'one@example.org', 'hash', 'admin', '', 1715418701674, 1715418701674);
        INSERT INTO stream (id, account_id, name, description, kind, reference, is_downloadable, timestamp_source, rotation,
            start_time, location, analytics, autorestart_is_allowed, autorestart_attempt_count, autorestart_delay,
            autorestart_status, create_time, status, status_time)
        VALUES (x'00112233445566778899aabbccddeeff', zeroblob(16), 'gate', '', 'stream', 'rtsp://camera/1', 0, 'auto', 0, 0.5,
            '{}', '[["people_count",{}]]', 0, 10, 60, 'disabled', 1715418701674, 1, 1715418701674);
        INSERT INTO stream_log (stream_id, account_id, status, log_time)
        VALUES (x'00112233445566778899aabbccddeeff', zeroblob(16), 1, 1715418701674);
        INSERT INTO stream_group (id, account_id, name, description, create_time)
        VALUES (x'0f', zeroblob(16), 'doors', '', 1715418701674);
        INSERT INTO group_member VALUES (1, 1);
        INSERT INTO event VALUES (1, x'ff112233445566778899aabbccddeeff', zeroblob(16), x'00112233445566778899aabbccddeeff',
            'crowd', x'ee112233445566778899aabbccddeeff', 0, 1715418701674, 1, 1715418701674, 'open', 3, '{"people_count":3}');
        INSERT INTO event_record VALUES (zeroblob(16), 1, x'ff112233445566778899aabbccddeeff', 'started', 1715418701674);
        INSERT INTO event_counter VALUES (zeroblob(16), 1);
        INSERT INTO secret VALUES ('token key', x'0707070707070707070707070707070707070707070707070707070707070707');
        """

    // MARK: What the release made, word for word

    private static let first = """
        CREATE TABLE account (
            id BLOB NOT NULL PRIMARY KEY,
            login TEXT NOT NULL UNIQUE,
            password_hash TEXT NOT NULL,
            type TEXT NOT NULL CHECK (type IN ('user', 'advanced_user', 'admin')),
            description TEXT NOT NULL,
            create_time INTEGER NOT NULL,
            last_update_time INTEGER NOT NULL
        ) STRICT;

        CREATE TABLE stream (
            -- The order of creation, which the clock alone does not give.
            sequence INTEGER PRIMARY KEY AUTOINCREMENT,
            id BLOB NOT NULL UNIQUE,
            account_id BLOB NOT NULL REFERENCES account (id),
            name TEXT NOT NULL,
            description TEXT NOT NULL,
            kind TEXT NOT NULL,
            reference TEXT NOT NULL,
            is_downloadable INTEGER NOT NULL,
            timestamp_source TEXT NOT NULL,
            rotation INTEGER NOT NULL,
            start_time REAL NOT NULL,
            location TEXT NOT NULL,
            analytics TEXT NOT NULL,
            autorestart_is_allowed INTEGER NOT NULL,
            autorestart_attempt_count INTEGER NOT NULL,
            autorestart_delay INTEGER NOT NULL,
            autorestart_current_attempt INTEGER NOT NULL DEFAULT 0,
            autorestart_last_attempt_time INTEGER,
            autorestart_status TEXT NOT NULL
                CHECK (autorestart_status IN ('disabled', 'enabled', 'in_progress', 'failed')),
            version INTEGER NOT NULL DEFAULT 1,
            create_time INTEGER NOT NULL,
            status INTEGER NOT NULL,
            -- When `status` was last set.
            status_time INTEGER NOT NULL,
            last_error TEXT,
            -- Whether the failure the stream is in forbids trying again.
            is_error_fatal INTEGER NOT NULL DEFAULT 0
        ) STRICT;
        CREATE INDEX stream_by_account ON stream (account_id, sequence);
        CREATE INDEX stream_by_id ON stream (account_id, id);
        CREATE INDEX stream_by_name ON stream (account_id, name, sequence);
        CREATE INDEX stream_by_reference ON stream (account_id, reference, sequence);
        CREATE INDEX stream_by_account_status ON stream (account_id, status, sequence);
        CREATE INDEX stream_by_create_time ON stream (account_id, create_time);
        CREATE INDEX stream_by_status ON stream (status, sequence);
        CREATE INDEX stream_under_autorestart ON stream (status, autorestart_status) WHERE autorestart_is_allowed = 1;

        CREATE TABLE stream_log (
            sequence INTEGER PRIMARY KEY AUTOINCREMENT,
            stream_id BLOB NOT NULL REFERENCES stream (id) ON DELETE CASCADE,
            account_id BLOB NOT NULL,
            status INTEGER NOT NULL,
            error TEXT,
            log_time INTEGER NOT NULL
        ) STRICT;
        CREATE INDEX stream_log_by_account ON stream_log (account_id, sequence);
        CREATE INDEX stream_log_by_stream ON stream_log (stream_id, sequence);
        CREATE INDEX stream_log_by_status ON stream_log (account_id, status, sequence);
        CREATE INDEX stream_log_by_time ON stream_log (account_id, log_time);

        -- Events outlive their stream, so nothing here refers to one.
        CREATE TABLE event (
            sequence INTEGER PRIMARY KEY,
            id BLOB NOT NULL UNIQUE,
            account_id BLOB NOT NULL REFERENCES account (id),
            stream_id BLOB NOT NULL,
            kind TEXT NOT NULL,
            track_id BLOB NOT NULL,
            -- Nanoseconds on the stream's own clock.
            begin_offset INTEGER NOT NULL,
            begin_time INTEGER NOT NULL,
            end_offset INTEGER NOT NULL,
            end_time INTEGER NOT NULL,
            state TEXT NOT NULL CHECK (state IN ('open', 'closed', 'interrupted')),
            people_count INTEGER NOT NULL,
            -- The event as a callback carries it, as of its latest record.
            body TEXT NOT NULL
        ) STRICT;
        CREATE INDEX event_open ON event (state) WHERE state = 'open';

        -- Append-only: what happened to an account's events, numbered from 1 without a gap.
        CREATE TABLE event_record (
            account_id BLOB NOT NULL,
            sequence INTEGER NOT NULL,
            event_id BLOB NOT NULL REFERENCES event (id),
            phase TEXT NOT NULL CHECK (phase IN ('started', 'finished')),
            time INTEGER NOT NULL,
            PRIMARY KEY (account_id, sequence)
        ) STRICT, WITHOUT ROWID;
        CREATE INDEX event_record_by_event ON event_record (event_id);

        CREATE TABLE event_counter (
            account_id BLOB NOT NULL PRIMARY KEY,
            last INTEGER NOT NULL
        ) STRICT, WITHOUT ROWID;
        """
    private static let groups = """
        CREATE TABLE stream_group (
            sequence INTEGER PRIMARY KEY AUTOINCREMENT,
            id BLOB NOT NULL UNIQUE,
            account_id BLOB NOT NULL REFERENCES account (id),
            name TEXT NOT NULL,
            description TEXT NOT NULL,
            create_time INTEGER NOT NULL,
            -- The name first, so that it also serves those who look through all accounts.
            UNIQUE (name, account_id)
        ) STRICT;
        CREATE INDEX stream_group_by_account ON stream_group (account_id, sequence);

        -- Which streams are in which group, both by their sequence.
        CREATE TABLE group_member (
            group_sequence INTEGER NOT NULL REFERENCES stream_group (sequence) ON DELETE CASCADE,
            stream_sequence INTEGER NOT NULL REFERENCES stream (sequence) ON DELETE CASCADE,
            PRIMARY KEY (group_sequence, stream_sequence)
        ) STRICT, WITHOUT ROWID;
        CREATE INDEX group_member_by_stream ON group_member (stream_sequence, group_sequence);

        -- For filters over all accounts; those of one account have their own.
        CREATE INDEX stream_by_name_alone ON stream (name, sequence);
        CREATE INDEX stream_by_reference_alone ON stream (reference, sequence);
        CREATE INDEX stream_by_create_time_alone ON stream (create_time);
        CREATE INDEX stream_log_by_status_alone ON stream_log (status, sequence);
        CREATE INDEX stream_log_by_time_alone ON stream_log (log_time);
        """
    private static let tokens = """
        CREATE TABLE token (
            sequence INTEGER PRIMARY KEY AUTOINCREMENT,
            id BLOB NOT NULL UNIQUE,
            account_id BLOB NOT NULL REFERENCES account (id),
            description TEXT NOT NULL,
            -- NULL: never.
            expiration_time INTEGER,
            visibility TEXT NOT NULL CHECK (visibility IN ('account', 'all')),
            permissions TEXT NOT NULL,
            jwt TEXT NOT NULL,
            create_time INTEGER NOT NULL,
            last_update_time INTEGER NOT NULL
        ) STRICT;
        CREATE INDEX token_by_account ON token (account_id, sequence);
        CREATE INDEX token_by_account_time ON token (account_id, create_time);
        CREATE INDEX token_by_create_time ON token (create_time);

        -- Keys that only this database knows.
        CREATE TABLE secret (
            name TEXT NOT NULL PRIMARY KEY,
            value BLOB NOT NULL
        ) STRICT, WITHOUT ROWID;

        CREATE INDEX account_by_create_time ON account (create_time, id);
        CREATE INDEX account_by_type ON account (type, create_time, id);
        """
}
