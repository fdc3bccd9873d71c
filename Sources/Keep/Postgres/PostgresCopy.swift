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
                    "pg_dump", ["--format=custom", "--lock-wait-timeout=15s", "--snapshot=\(moment)"], address,
                    output: file)
                return try read(connection)
            }
        }
    }

    /// Puts a copy into an empty database, all of it or nothing. Nobody else works on it meanwhile.
    /// - Parameter prepare: called when nothing is in the way any longer; when it throws, nothing is done.
    /// - Throws: `SQLError`, also when the database is not empty; `OpeningError` when it is in use; what `prepare` throws.
    public func restore(from file: URL, prepare: @escaping @Sendable () throws -> Void) async throws {
        let place = address.place
        try await lane(greet: PostgresDatabase.takeLock).run { session in
            let tables: Int?
            do { tables = try session.read { try $0.value(Self.countOfTables) } } catch SQLError.lockIsTaken {
                throw OpeningError.databaseInUse(place: place)
            }
            guard tables == 0 else {
                throw OpeningError.unusable(
                    place: place, reason: "it is not empty, and a backup goes into an empty one")
            }
            try prepare()
            try PostgresProgram.run(
                "pg_restore", ["--single-transaction", "--exit-on-error", file.path], address, output: nil)
        }
    }
    private static let countOfTables = """
        SELECT count(*) FROM pg_class JOIN pg_namespace ON pg_namespace.oid = relnamespace
        WHERE nspname = current_schema() AND relkind IN ('r', 'p', 'v', 'm', 'S')
        """

    private func lane(greet: @escaping (PostgresPipeline) throws -> Void) -> Lane {
        var patient = address
        patient.patience = Self.patience
        return Lane("copy", PostgresSession(patient, Reachability(), greet: greet))
    }
}

/// A program that comes with PostgreSQL, run on a database to its end.
enum PostgresProgram {
    /// - Parameter output: a new file for what it writes.
    /// - Throws: `SQLError` with the program's own words.
    static func run(_ name: String, _ arguments: [String], _ address: PostgresAddress, output: URL?) throws {
        let process = Process()
        process.executableURL = URL(fileURLWithPath: "/usr/bin/env")
        process.arguments =
            [name, "--no-owner", "--no-privileges", "--no-password", "--dbname=\(address.url)"] + arguments
        if let password = address.password {
            process.environment = ProcessInfo.processInfo.environment.merging(["PGPASSWORD": password]) { _, new in new
            }
        }
        process.standardInput = FileHandle.nullDevice
        let (answer, complaint) = (Pipe(), Pipe())
        (process.standardOutput, process.standardError) = (answer, complaint)
        try process.run()
        // It goes through this process, so that the program ends when this one is killed.
        let written = Result { try keep(answer.fileHandleForReading, in: output) }
        if case .failure = written { process.terminate() }
        let words = (try? complaint.fileHandleForReading.readToEnd()).map { String(decoding: $0, as: UTF8.self) } ?? ""
        process.waitUntilExit()
        try written.get()
        guard process.terminationStatus == 0, process.terminationReason == .exit else {
            let isMissing = process.terminationStatus == 127
            throw SQLError(
                .unworkable,
                isMissing ? "\(name) is not installed; it comes with PostgreSQL's client" : address.redacted(words))
        }
    }
    private static func keep(_ answer: FileHandle, in output: URL?) throws {
        var file: FileHandle?
        if let output {
            try Data().write(to: output, options: .withoutOverwriting)
            file = try FileHandle(forWritingTo: output)
        }
        while let bytes = try answer.read(upToCount: 1 << 20), !bytes.isEmpty { try file?.write(contentsOf: bytes) }
        try file?.synchronize()
        try file?.close()
    }
}
