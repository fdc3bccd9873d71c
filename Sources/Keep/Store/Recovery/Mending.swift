import Foundation
import Records
import SQL
import SQLite
import Sealing

/// Makes whole what rows say of each other in a database of which some are lost.
struct Mending {
    private let connection: any Connection
    private let directory: URL
    private let keys: KeySource
    private let tables: [String]

    init(_ connection: any Connection, _ directory: URL, _ keys: KeySource) throws {
        (self.connection, self.directory, self.keys) = (connection, directory, keys)
        tables = try connection.rows(connection.dialect.tables, []) { $0[0] }
    }

    /// - Parameter saved: what could be read.
    /// - Returns: rows that had to go, by table.
    func mend(_ saved: [SQLiteRecovery.Table]) throws -> [String: Int] {
        let broken = Set(saved.filter { $0.lost > 0 || !$0.isCounted }.map(\.name))
        let malformed = try removeMalformed()
        if broken.contains("migration") { try findVersion() }
        if broken.contains("account") { try makeAccounts() }
        let removed = try removeOrphans().merging(malformed, uniquingKeysWith: +)
        try setCounters()
        if broken.contains("event_record") { try recordEnds() }
        if broken.contains("secret") { try makeMark() }
        if broken.contains("object_tree") { try readTreeMark() }
        return removed
    }

    /// Removes rows with ids that are none: a damaged page may look like rows.
    private func removeMalformed() throws -> [String: Int] {
        var removed: [String: Int] = [:]
        for table in tables {
            let ids: [String] = try connection.rows(
                """
                SELECT name FROM pragma_table_info('\(table)')
                WHERE type = 'BLOB' AND (name IN ('id', 'mark') OR name GLOB '*_id')
                """, []
            ) { $0[0] }
            guard !ids.isEmpty else { continue }
            let isMalformed = ids.map { "length(\($0)) <> 16" }.joined(separator: " OR ")
            removed[table] = try connection.execute("DELETE FROM \(table) WHERE \(isMalformed)")
        }
        return removed
    }

    // MARK: What the rows belong to

    private struct Reference {
        let table, column, parent, parentColumn: String
    }
    private func references() throws -> [Reference] {
        try tables.flatMap { table in
            try connection.rows("SELECT \"from\", \"table\", \"to\" FROM pragma_foreign_key_list('\(table)')", []) {
                Reference(table: table, column: $0[0], parent: $0[1], parentColumn: $0[2])
            }
        }
    }

    /// Whoever had an account that is lost has what was his under one of a new login, with a password that nobody knows.
    private func makeAccounts() throws {
        for reference in try references() where reference.parent == "account" {
            let lost: [UUID] = try connection.rows(
                """
                SELECT DISTINCT \(reference.column) FROM \(reference.table)
                WHERE \(reference.column) NOT IN (SELECT id FROM account)
                """, []
            ) { $0[0] }
            for id in lost {
                try connection.execute(
                    """
                    INSERT INTO account (id, login, password_hash, type, description, create_time, last_update_time)
                    VALUES (?, ?, 'none', 'user', 'recovered', 0, 0)
                    """, [id, "recovered-\(id.wire)@sightline.local"])
            }
        }
    }

    /// Removes rows of others that are lost, and those that belong to these.
    private func removeOrphans() throws -> [String: Int] {
        let references = try references()
        var removed: [String: Int] = [:], count: Int
        repeat {
            count = 0
            for reference in references {
                let gone = try connection.execute(
                    """
                    DELETE FROM \(reference.table) WHERE \(reference.column) IS NOT NULL AND \(reference.column)
                        NOT IN (SELECT \(reference.parentColumn) FROM \(reference.parent))
                    """)
                removed[reference.table, default: 0] += gone
                count += gone
            }
        } while count > 0
        return removed
    }

    // MARK: What is counted

    /// A number that was given is not given again, and what accounts have is what can be counted.
    private func setCounters() throws {
        if tables.contains("event_counter") {
            try connection.execute(
                """
                INSERT INTO event_counter (account_id, last)
                SELECT account_id, max(sequence) FROM event_record WHERE true GROUP BY account_id
                ON CONFLICT (account_id) DO UPDATE SET last = max(event_counter.last, excluded.last)
                """)
        }
        if tables.contains("record_counter") {
            try connection.execute(
                """
                INSERT INTO record_counter (single, last) SELECT 1, coalesce(max(number), 0) FROM event_record WHERE true
                ON CONFLICT (single) DO UPDATE SET last = max(record_counter.last, excluded.last)
                """)
        }
        if tables.contains("object_usage") {
            try connection.execute("DELETE FROM object_usage")
            try connection.execute(
                """
                INSERT INTO object_usage (account_id, objects, bytes)
                SELECT account_id, count(*), sum(size) FROM object GROUP BY account_id
                """)
        }
    }

    /// Retention finds events by the records of their ends, so those whose record is lost get another.
    private func recordEnds() throws {
        guard tables.contains("record_counter") else { return }
        let events: [(id: UUID, account: UUID, stream: UUID?, end: Int64)] = try connection.rows(
            """
            SELECT id, account_id, CASE WHEN type <> ? THEN stream_id END, end_time FROM event
            WHERE state <> 'open' AND NOT EXISTS (
                SELECT 1 FROM event_record WHERE event_id = event.id AND phase = 'finished')
            ORDER BY end_time, sequence
            """, [RawEvent.type]
        ) { ($0[0], $0[1], $0[2], $0[3]) }
        for event in events {
            try connection.appendRecord(
                .finished, event: event.id, account: event.account, stream: event.stream, time: event.end, results: nil,
                isNotice: false)
        }
    }

    // MARK: What the database says of itself

    /// The steps of the schema are those of this version if the tables are.
    private func findVersion() throws {
        let text = "SELECT name || coalesce(sql, '') FROM sqlite_master WHERE name NOT LIKE 'sqlite%' ORDER BY name"
        // SQLite leaves more than one file.
        let folder = directory.appending(path: "\(Store.fileName).new")
        func remove() { try? FileManager.default.removeItem(at: folder) }
        remove()  // of one that was killed
        defer { remove() }
        guard mkdir(folder.path, 0o700) == 0 else { throw RecoveryError.last(folder.path) }
        let file = folder.appending(path: Store.fileName)
        let new = try SQLiteDatabase(path: file.path, migrations: Schema.migrator(Vault(.given(.random()))))
        try new.close()
        let wanted: [String] = try SQLiteDatabase.copy(file.path, to: file.path + ".copy") { connection in
            try connection.rows(text, []) { $0[0] }
        }
        guard try connection.rows(text, [], { $0[0] as String }) == wanted else { throw RecoveryError.unknownVersion }
        for name in Schema.names {
            try connection.execute("INSERT INTO migration (name) VALUES (?) ON CONFLICT (name) DO NOTHING", [name])
        }
    }

    /// What is sealed in other tables is under the key at hand, or will not open.
    private func makeMark() throws {
        let known: Int? = try connection.value("SELECT 1 FROM secret WHERE name = ?", [Vault.markName])
        guard known == nil else { return }
        guard try !keys.keys().isEmpty else {
            throw OpeningError.unusableKey(
                reason: "The mark of the key is lost, and \(keys.description(of: [])); put the key where it is wanted")
        }
        try connection.execute(
            "INSERT INTO secret (name, value) VALUES (?, ?)", [Vault.markName, try Vault(keys).begin()])
    }

    /// The folder of the objects' files has the same mark.
    private func readTreeMark() throws {
        let file = directory.appending(path: "\(Store.objectsName)/mark")
        let text = FileManager.default.contents(atPath: file.path).map { String(decoding: $0, as: UTF8.self) }
        guard let mark = text.flatMap(UUID.init(wire:)),
            try connection.value("SELECT 1 FROM object_tree") as Int? == nil
        else { return }
        try connection.execute("INSERT INTO object_tree (mark) VALUES (?)", [mark])
    }
}
