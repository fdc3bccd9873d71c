import CPQ
import Foundation
import Records
import SQL

/// A live connection of libpq with the statements that were prepared on it. Used on one queue alone.
final class PostgresConnection: Connection {
    let dialect = Dialect.postgres
    /// What the transaction that runs has changed so far.
    var changes: Set<Change> = []
    private let address: PostgresAddress
    private let pointer: OpaquePointer
    private var statements = StatementCache<String>()
    private var statementCount = 0
    private var savepoints = 0

    /// - Throws: `SQLError`, `unavailable`, with the reason in libpq's own words.
    init(_ address: PostgresAddress) throws {
        guard let pointer = address.connect() else { throw SQLError(.unavailable, "libpq is out of memory") }
        (self.address, self.pointer) = (address, pointer)
        guard isAlive else {
            throw SQLError(.unavailable, address.redacted(String(cString: PQerrorMessage(pointer))))
        }
        PQsetNoticeProcessor(pointer, { _, _ in }, nil)  // what the server remarks is nobody's business
    }
    deinit { PQfinish(pointer) }

    var isAlive: Bool { PQstatus(pointer) == CONNECTION_OK }
    /// Such as 150004.
    var serverVersion: Int { Int(PQserverVersion(pointer)) }
    /// For waiting.
    var socket: Int32 { PQsocket(pointer) }

    // MARK: Connection

    func execute(_ sql: String, _ arguments: [any Bindable]) throws -> Int {
        let result = try executePrepared(sql, arguments)
        return Int(String(cString: PQcmdTuples(result.pointer))) ?? 0
    }

    func rows<T>(_ sql: String, _ arguments: [any Bindable], _ body: (Row) throws -> T) throws -> [T] {
        let result = try executePrepared(sql, arguments)
        let source = PostgresRow(result)
        let row = Row(source)
        return try (0..<Int(PQntuples(result.pointer))).map { index in
            source.row = Int32(index)
            return try body(row)
        }
    }

    func script(_ sql: String) throws { try run(sql) }

    func savepoint<T>(_ body: () throws -> T) throws -> T {
        savepoints += 1
        defer { savepoints -= 1 }
        let name = "point\(savepoints)"
        try run("SAVEPOINT \(name)")
        do {
            let value = try body()
            try run("RELEASE SAVEPOINT \(name)")
            return value
        } catch {
            if isAlive { try run("ROLLBACK TO SAVEPOINT \(name); RELEASE SAVEPOINT \(name)") }
            throw error
        }
    }

    func changed(_ change: Change) { changes.insert(change) }

    // MARK: libpq

    /// Runs statements as they are, without arguments.
    func run(_ sql: String) throws { _ = try checked(PQexec(pointer, sql)) }

    private func executePrepared(_ sql: String, _ arguments: [any Bindable]) throws -> PostgresResult {
        let name = try prepared(sql)
        return try Parameters(arguments).withPointers { values, lengths, formats in
            try checked(
                PQexecPrepared(pointer, name, Int32(arguments.count), values, lengths, formats, PostgresRow.format))
        }
    }
    private func prepared(_ sql: String) throws -> String {
        if let known = statements.find(sql) { return known }
        statementCount += 1
        let name = "s\(statementCount)"
        _ = try checked(PQprepare(pointer, name, Placeholders.numbered(sql), 0, nil))
        if let victim = statements.insert(name, for: sql) { try run("DEALLOCATE \(victim)") }
        return name
    }

    private func checked(_ result: OpaquePointer?) throws -> PostgresResult {
        guard let result else {
            throw SQLError(.unavailable, address.redacted(String(cString: PQerrorMessage(pointer))))
        }
        let owned = PostgresResult(result)
        switch PQresultStatus(result) {
        case PGRES_COMMAND_OK, PGRES_TUPLES_OK, PGRES_EMPTY_QUERY: return owned
        default: throw error(result)
        }
    }
    private func error(_ result: OpaquePointer) -> SQLError {
        func field(_ code: Int32) -> String { PQresultErrorField(result, code).map { String(cString: $0) } ?? "" }
        let state = field(slpq_diag_sqlstate)
        let message = field(slpq_diag_message)
        let text = message.isEmpty ? String(cString: PQerrorMessage(pointer)) : message
        return SQLError(Self.kind(ofState: state, isAlive: isAlive), address.redacted(text))
    }

    /// Source: PostgreSQL 15, appendix A.
    static func kind(ofState state: String, isAlive: Bool) -> SQLError.Kind {
        let isUnavailable =
            !isAlive || state.isEmpty
            // Connection exception, insufficient resources, operator intervention, system error.
            || ["08", "53", "57", "58"].contains(state.prefix(2))
            // Read-only after a failover; lock not available; a transaction that a deadlock or a conflict has ended.
            || ["25006", "55P03", "40001", "40P01"].contains(state)
        if isUnavailable { return .unavailable }
        return state.hasPrefix("XX") ? .damaged : .refused
    }

    /// What others have told since the last call.
    func notifications() throws -> [String] {
        guard PQconsumeInput(pointer) == 1, isAlive else {
            throw SQLError(.unavailable, address.redacted(String(cString: PQerrorMessage(pointer))))
        }
        var texts: [String] = []
        while let notification = PQnotifies(pointer) {
            texts.append(String(cString: notification.pointee.extra))
            PQfreemem(notification)
        }
        return texts
    }
}

/// An answer of libpq; freed with its last owner.
final class PostgresResult {
    let pointer: OpaquePointer
    init(_ pointer: OpaquePointer) { self.pointer = pointer }
    deinit { PQclear(pointer) }
}
