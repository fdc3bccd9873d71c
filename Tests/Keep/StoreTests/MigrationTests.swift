import Foundation
import KeepSupport
import Postgres
import Records
import SQL
import SQLite
import Sealing
import Testing

@testable import Store

/// Databases as each version before has left them, with events in them, brought up to date.
///
/// `scripts/trial/migrations` runs this with a million events (`SIGHTLINE_TRIAL_EVENTS`) and shows what each step takes.
@Suite(.onEachBackend, .timeLimit(.minutes(60))) struct MigrationTests {
    private static let count =
        ProcessInfo.processInfo.environment["SIGHTLINE_TRIAL_EVENTS"].flatMap { Int($0) } ?? 1500
    private static let isTrial = ProcessInfo.processInfo.environment["SIGHTLINE_TRIAL_EVENTS"] != nil
    /// Steps that the first version had.
    private static let firstSteps = 3

    private let directory = TemporaryDirectory()
    private let choice: DatabaseChoice
    private let account = UUID()

    init() throws {
        choice = try Backend.current.database()
        try FileManager.default.createDirectory(at: directory.url, withIntermediateDirectories: true)
    }

    /// Opens the database and takes the first `count` steps, those of them that are missing.
    private func database(steps count: Int) throws -> any Database {
        // Each process learns from the database which key it has.
        let vault = try Vault(.beside(directory.url))
        let migrator = Migrator(Array(Schema.steps(vault).prefix(count))) { connection in
            if count >= Self.firstSealedStep { try Schema.unlock(vault, connection) }
        }
        return switch choice {
        case .sqlite:
            try SQLiteDatabase(path: directory.url.appending(path: Store.fileName).path, migrations: migrator)
        case .postgres(let url, let password):
            // What the test writes at once is more than a daemon ever does.
            try PostgresDatabase(url: url, password: password, migrations: migrator, patience: .seconds(3600))
        }
    }
    private static let firstSealedStep = 5

    /// Rows as the first version wrote them: one event in three is about a person, and one is open. Closes the database.
    private func fill(_ database: any Database) async throws {
        let (number, id) =
            Backend.current == .sqlite
            ? (
                "(WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < \(Self.count)) SELECT i FROM n)",
                "randomblob(16)"
            )
            : (
                "(SELECT generate_series AS i FROM generate_series(CAST(1 AS BIGINT), \(Self.count)))",
                "gen_random_uuid()"
            )
        let stream = UUID()
        let person = """
            {"event_type":"human_tracking","account_id":"\(account.wire)","stream_id":"\(stream.wire)",\
            "event_create_time":"2024-05-11T09:11:41.674000Z","event":{"event_id":"\(UUID().wire)",\
            "body":{"detection":{"bbox":{"x":1,"y":2,"width":3,"height":4},"score":0.9}},\
            "video_segment":{"start_time_offset":1.5,"end_time_offset":2.5}}}
            """
        try await database.write { [account] connection in
            try connection.execute(
                "INSERT INTO account VALUES (?, 'one@example.org', 'hash', 'admin', '', 1715418701674, 1715418701674)",
                [account])
            try connection.execute(
                """
                INSERT INTO stream (id, account_id, name, description, kind, reference, is_downloadable, timestamp_source,
                    rotation, start_time, location, analytics, autorestart_is_allowed, autorestart_attempt_count,
                    autorestart_delay, autorestart_status, create_time, status, status_time)
                VALUES (?, ?, 'gate', '', 'stream', 'rtsp://camera/1', 0, 'auto', 0, 0.5, '{}', '[["people_count",{}]]', 0, 10,
                    60, 'disabled', 1715418701674, 1, 1715418701674)
                """, [stream, account])
            try connection.execute(
                """
                INSERT INTO event (sequence, id, account_id, stream_id, kind, track_id, begin_offset, begin_time, end_offset,
                    end_time, state, people_count, body)
                SELECT i, \(id), ?, ?, CASE i % 3 WHEN 0 THEN 'human_tracking' ELSE 'crowd' END, \(id), i * 1000000000,
                    1715418701674 + i * 1000, i * 1000000000, 1715418701674 + i * 1000 + 500,
                    CASE i WHEN \(Self.count) THEN 'open' ELSE 'closed' END, 3,
                    CASE i % 3 WHEN 0 THEN '\(person)' ELSE '{"people_count":3}' END
                FROM \(number) AS numbers
                """, [account, stream])
            for (phase, place) in [("started", 1), ("finished", 0)] {
                try connection.execute(
                    """
                    INSERT INTO event_record (account_id, sequence, event_id, phase, time)
                    SELECT account_id, sequence * 2 - \(place), id, '\(phase)', begin_time + 500 - 500 * \(place) FROM event
                    WHERE state = 'closed' OR \(place) = 1
                    """)
            }
            try connection.execute(
                "INSERT INTO event_counter SELECT account_id, max(sequence) FROM event_record GROUP BY account_id")
        }
        try database.close()
    }

    /// What is there afterwards is what was there before, and it goes on.
    private func expectAll() async throws {
        let store = try Store(directory: directory.url, database: choice, keys: .beside(directory.url))
        func count(_ what: String) async throws -> Int? { try await store.read { try $0.value("SELECT \(what)") } }
        #expect(try await count("count(*) FROM event") == Self.count)
        #expect(try await count("count(*) FROM event WHERE handler_id IS NOT NULL") == Self.count / 3)
        #expect(try await store.handler(id: BuiltInHandler.id(of: account), account: account)?.isBuiltIn == true)
        #expect(try await count("max(number) FROM event_record") == Self.count * 2 - 1)
        #expect(try await count("count(DISTINCT number) FROM event_record") == Self.count * 2 - 1)
        #expect(try await store.generalEvents(Filter(accountID: account)).first?.type == "crowd")
        try await store.recoverFromUncleanStop(at: TemporaryStore.noon)
        #expect(try await count("last FROM event_counter") == Self.count * 2)
        #expect(try await store.database.findDamage() == nil)
        try await store.close()
    }

    @Test func allStepsAtOnce() async throws {
        try await fill(database(steps: Self.firstSteps))
        let start = ContinuousClock.now
        try await Store(directory: directory.url, database: choice, keys: .beside(directory.url)).close()
        if Self.isTrial { print("\(Backend.current.rawValue) all steps at once: \(ContinuousClock.now - start)") }
        try await expectAll()
    }

    /// So that each version between finds a database of the version before it.
    @Test func oneStepAfterTheOther() async throws {
        try await fill(database(steps: Self.firstSteps))
        for count in Self.firstSteps + 1...Schema.names.count {
            let start = ContinuousClock.now
            try database(steps: count).close()
            if Self.isTrial {
                print("\(Backend.current.rawValue) \(Schema.names[count - 1]): \(ContinuousClock.now - start)")
            }
        }
        try await expectAll()
    }
}
