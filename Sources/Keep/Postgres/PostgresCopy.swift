import CSandbox
public import Foundation
public import SQL

/// Copies a database and puts a copy into another, by the programs that come with PostgreSQL: `pg_dump` and `pg_restore`, of the
/// server's version or newer.
public struct PostgresCopy: Sendable {
    /// Counting all rows of a large table takes its time.
    private static let patience = Duration.seconds(86_400)
    private let address: PostgresAddress

    public init(url: String, password: String?) throws(OpeningError) {
        do throws(PostgresAddress.Refusal) { address = try PostgresAddress(url: url, password: password) } catch {
            throw .badAddress(reason: error.description)
        }
    }

    /// Writes a copy of the database as it is at one moment, in `pg_dump`'s custom form.
    /// - Parameters:
    ///   - file: a new one.
    ///   - read: asked of the same moment.
    /// - Throws: `SQLError`; what `read` throws.
    public func dump<Value: Sendable>(
        to file: URL, read: @escaping @Sendable (any Connection) throws -> Value
    ) async throws -> Value {
        try await lane { _ in }.run { session in
            try session.read { connection in
                let moment: String = try connection.value("SELECT pg_export_snapshot()") ?? ""
                try PostgresProgram.run(
                    "pg_dump",
                    ["--format=custom", "--lock-wait-timeout=15s", "--snapshot=\(moment)", "--file=\(file.path)"],
                    address)
                return try read(connection)
            }
        }
    }

    /// What a database holds, and which one it is, however it is addressed.
    public struct Content: Hashable, Sendable {
        public let database: String
        /// By table.
        public let rows: [String: Int]
        public init(database: String, rows: [String: Int]) { (self.database, self.rows) = (database, rows) }
    }
    /// What is done beside the database while a copy is put into it.
    public struct Steps: Sendable {
        let prepare: @Sendable (_ database: String) throws -> Void
        let check: @Sendable (any Connection) throws -> Void
        let undo: @Sendable () -> Void

        /// - Parameters:
        ///   - prepare: called with the name of the database when nothing is in it.
        ///   - check: asked of what was put into it.
        ///   - undo: called when something failed after `prepare` and nothing is in the database.
        public init(
            prepare: @escaping @Sendable (_ database: String) throws -> Void,
            check: @escaping @Sendable (any Connection) throws -> Void,
            undo: @escaping @Sendable () -> Void
        ) { (self.prepare, self.check, self.undo) = (prepare, check, undo) }
    }

    /// Puts a copy into an empty database, all of it or nothing. Nobody else works on it meanwhile.
    /// - Parameters:
    ///   - left: what one before that was cut off has put there. A database that holds this and nothing else is emptied.
    /// - Throws: `SQLError`, also when the database is not empty; `OpeningError` when it is in use; what `steps` throw.
    public func restore(from file: URL, over left: Content?, _ steps: Steps) async throws {
        let place = address.place
        try await lane(greet: PostgresDatabase.takeLock).run { session in
            let database: String
            do { database = try session.read(Self.name) } catch SQLError.lockIsTaken {
                throw OpeningError.databaseInUse(place: place)
            }
            let isEmpty = try session.write { connection in
                if try !Self.isEmpty(connection), let left, try Self.holds(left, connection, database) {
                    try Self.drop(Array(left.rows.keys), in: connection)
                }
                return try Self.isEmpty(connection)
            }
            guard isEmpty else {
                throw OpeningError.unusable(
                    place: place, reason: "it is not empty, and a backup goes into an empty one")
            }
            do {
                try steps.prepare(database)
                try PostgresProgram.run(
                    "pg_restore", ["--single-transaction", "--exit-on-error", file.path], address)
                do { try session.read(steps.check) } catch {
                    try session.write { try Self.drop(Self.tables($0), in: $0) }
                    throw error
                }
            } catch {
                // Whoever lost the connection at the end cannot know what became of it.
                if (try? session.read { try Self.isEmpty($0) }) == true { steps.undo() }
                throw error
            }
        }
    }
    /// Of the server's files, and of one database in them.
    private static func name(_ connection: any Connection) throws -> String {
        try connection.value(
            """
            SELECT CAST(system_identifier AS TEXT) || '/' || CAST(oid AS TEXT)
            FROM pg_control_system(), pg_database WHERE datname = current_database()
            """) ?? ""
    }
    private static func isEmpty(_ connection: any Connection) throws -> Bool {
        try connection.value(
            """
            SELECT count(*) FROM pg_class JOIN pg_namespace ON pg_namespace.oid = relnamespace
            WHERE nspname = current_schema() AND relkind IN ('r', 'p', 'v', 'm', 'S')
            """) == 0
    }
    private static func tables(_ connection: any Connection) throws -> [String] {
        try connection.rows(connection.dialect.tables, []) { $0[0] }
    }
    /// Whether it is this and nothing else.
    private static func holds(_ content: Content, _ connection: any Connection, _ database: String) throws -> Bool {
        guard content.database == database else { return false }
        guard try tables(connection).sorted() == content.rows.keys.sorted(), try countOfOthers(connection) == 0 else {
            return false
        }
        return try content.rows.allSatisfy { table, count in
            try connection.value("SELECT count(*) FROM \(quoted(table))") == count
        }
    }
    /// Views, and sequences that belong to no table.
    private static func countOfOthers(_ connection: any Connection) throws -> Int {
        try connection.value(
            """
            SELECT count(*) FROM pg_class JOIN pg_namespace ON pg_namespace.oid = relnamespace
            WHERE nspname = current_schema() AND (relkind IN ('v', 'm') OR relkind = 'S' AND NOT EXISTS (
                SELECT 1 FROM pg_depend WHERE objid = pg_class.oid AND deptype IN ('a', 'i')))
            """) ?? 0
    }
    /// All of them with what their triggers do, or none where something of others depends on them.
    private static func drop(_ tables: [String], in connection: any Connection) throws {
        guard !tables.isEmpty else { return }
        let functions: [(table: String, name: String)] = try connection.rows(
            """
            SELECT CAST(relname AS TEXT), CAST(tgfoid::regprocedure AS TEXT) FROM pg_trigger
            JOIN pg_class ON pg_class.oid = tgrelid JOIN pg_namespace ON pg_namespace.oid = relnamespace
            WHERE nspname = current_schema() AND NOT tgisinternal
            """, []
        ) { ($0[0], $0[1]) }
        try connection.execute("DROP TABLE IF EXISTS \(tables.map(quoted).joined(separator: ", "))")
        for name in Set(functions.filter { tables.contains($0.table) }.map(\.name)) {
            try connection.execute("DROP FUNCTION IF EXISTS \(name)")
        }
    }
    private static func quoted(_ table: String) -> String { "\"\(table.replacing("\"", with: "\"\""))\"" }

    private func lane(greet: @escaping (PostgresPipeline) throws -> Void) -> Lane {
        var patient = address
        patient.patience = Self.patience
        return Lane("copy", PostgresSession(patient, Reachability(), greet: greet))
    }
}

/// A program that comes with PostgreSQL, run on a database to its end. Blocks.
enum PostgresProgram {
    /// The program is killed when this process is: nobody would hear of what it goes on to do.
    /// - Throws: `SQLError` with the program's own words.
    static func run(_ name: String, _ arguments: [String], _ address: PostgresAddress) throws(SQLError) {
        let words =
            ["/usr/bin/env", name, "--no-owner", "--no-privileges", "--no-password", "--dbname=\(address.url)"]
            + arguments
        // Our own variables may hold a key.
        var environment = ProcessInfo.processInfo.environment.filter { !$0.key.hasPrefix("SIGHTLINE_") }
        if let password = address.password { environment["PGPASSWORD"] = password }
        var answer: Int32 = -1
        let process = withStrings(words) { words in
            withStrings(environment.map { "\($0.key)=\($0.value)" }) { sl_spawn_bound(words, $0, &answer) }
        }
        guard process > 0 else {
            throw SQLError(.unworkable, "\(name) cannot be started: \(String(cString: strerror(errno)))")
        }
        let said = try? FileHandle(fileDescriptor: answer, closeOnDealloc: true).readToEnd()
        var status: Int32 = 0
        while waitpid(process, &status, 0) < 0, errno == EINTR {}
        let (signal, code) = (status & 0x7f, status >> 8 & 0xff)
        guard signal != 0 || code != 0 else { return }
        if signal == 0, code == 127 {
            throw SQLError(.unworkable, "\(name) is not installed; it comes with PostgreSQL's client")
        }
        let reason = said.map { address.redacted(String(decoding: $0, as: UTF8.self)) } ?? ""
        let end = signal != 0 ? "\(name) was ended by signal \(signal)" : "\(name) ended with status \(code)"
        throw SQLError(.unworkable, reason.isEmpty ? end : reason)
    }

    private static func withStrings<R>(
        _ strings: [String], _ body: (UnsafePointer<UnsafeMutablePointer<CChar>?>) -> R
    ) -> R {
        let pointers: [UnsafeMutablePointer<CChar>?] = strings.map { strdup($0) }
        defer { for pointer in pointers { free(pointer) } }
        return (pointers + [nil]).withUnsafeBufferPointer { body($0.baseAddress!) }
    }
}
