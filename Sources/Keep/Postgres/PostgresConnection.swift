import CPQ
import Foundation
import SQL

/// A connection of libpq: opened in `init`, closed in `deinit`, used on one thread at a time.
final class PostgresConnection {
    let pointer: OpaquePointer
    private let address: PostgresAddress
    /// Set when the connection is of no more use although it stands.
    private var isWornOut = false

    /// Connects and sets what a session of ours needs, whatever the server's defaults are.
    /// - Throws: `SQLError`, `unavailable`, with the reason in libpq's own words.
    init(_ address: PostgresAddress) throws {
        guard let pointer = address.connect() else { throw SQLError(.unavailable, "libpq is out of memory") }
        (self.address, self.pointer) = (address, pointer)
        guard isAlive else { throw lost() }
        PQsetNoticeProcessor(pointer, { _, _ in }, nil)  // what the server remarks is nobody's business
        try run(Self.settings)
    }
    deinit { PQfinish(pointer) }

    /// Those among them that the server's version knows.
    private static let settings = """
        SELECT set_config(name, wanted.value, false) FROM pg_settings JOIN (VALUES
            ('synchronous_commit', 'on'), ('standard_conforming_strings', 'on'), ('default_transaction_read_only', 'off'),
            ('idle_session_timeout', '0'), ('idle_in_transaction_session_timeout', '0'), ('transaction_timeout', '0'),
            -- The server, too, notices a network that has gone silent: until then it keeps the lock for the connection.
            ('tcp_keepalives_idle', '10'), ('tcp_keepalives_interval', '5'), ('tcp_keepalives_count', '3'),
            ('tcp_user_timeout', '15000'),
            -- And that we have given up, while it works or waits.
            ('client_connection_check_interval', '5000'),
            -- Compiling a statement takes longer than any of ours run, and is begun wherever a table has not been counted yet.
            ('jit', 'off')
        ) AS wanted (name, value) USING (name)
        """

    /// As far as is known: a connection that the server has ended is noticed by the next who uses or inspects it.
    var isAlive: Bool { PQstatus(pointer) == CONNECTION_OK && !isWornOut }
    /// Such as 150004.
    var serverVersion: Int { Int(PQserverVersion(pointer)) }
    /// What the server has told of itself, such as `server_encoding`.
    func parameter(_ name: String) -> String? { PQparameterStatus(pointer, name).map { String(cString: $0) } }
    /// For waiting.
    var socket: Int32 { PQsocket(pointer) }

    /// Looks, without waiting, whether the server has ended the connection while nobody used it.
    func inspect() -> Bool {
        while isAlive {
            var event = pollfd(fd: socket, events: Int16(POLLIN), revents: 0)
            guard poll(&event, 1, 0) > 0 else { break }
            guard PQconsumeInput(pointer) == 1 else { return false }
        }
        return isAlive
    }

    /// Sends what is still to be sent, and waits until `PQgetResult` need not.
    /// - Throws: `SQLError`, `unavailable`, when nothing comes for as long as the address allows: a server that stands still, or a
    ///   table that somebody has locked. The connection is of no more use then.
    func awaitAnswer() throws {
        while true {
            let unsent = PQflush(pointer) == 1
            guard PQisBusy(pointer) == 1 else { return }
            var event = pollfd(fd: socket, events: Int16(POLLIN | (unsent ? POLLOUT : 0)), revents: 0)
            switch poll(&event, 1, Int32(address.patience / .milliseconds(1))) {
            case 0:
                isWornOut = true
                throw SQLError(.unavailable, "the database does not answer", plain: "its server does not answer")
            case 1: guard PQconsumeInput(pointer) == 1 else { return }  // the answer says what is wrong
            default: guard errno == EINTR else { throw lost() }
            }
        }
    }

    /// Runs statements as they are, without arguments and not as part of a pipeline.
    func run(_ sql: String) throws {
        guard let result = PQexec(pointer, sql).map(PostgresResult.init) else { throw lost() }
        if let error = error(result) { throw error }
    }

    /// What others have told since the last call.
    func notifications() throws -> [String] {
        guard PQconsumeInput(pointer) == 1, isAlive else { throw lost() }
        var texts: [String] = []
        while let notification = PQnotifies(pointer) {
            texts.append(String(cString: notification.pointee.extra))
            PQfreemem(notification)
        }
        return texts
    }

    // MARK: Errors

    /// Why nothing more can be done with this connection.
    func lost() -> SQLError {
        isWornOut = true
        let reason = address.redacted(String(cString: PQerrorMessage(pointer)))
        return SQLError(
            .unavailable, reason.isEmpty ? "the connection to the database was lost" : reason,
            plain: "its server cannot be reached")
    }
    /// `nil` when all went well.
    func error(_ result: PostgresResult) -> SQLError? {
        switch PQresultStatus(result.pointer) {
        case PGRES_COMMAND_OK, PGRES_TUPLES_OK, PGRES_EMPTY_QUERY, PGRES_PIPELINE_SYNC: return nil
        default: break
        }
        func field(_ code: Int32) -> String? { PQresultErrorField(result.pointer, code).map { String(cString: $0) } }
        let state = field(pq_diag_sqlstate)
        let text = field(pq_diag_message) ?? String(cString: PQresultErrorMessage(result.pointer))
        let kind = SQLError.Kind(state: state, isAlive: isAlive)
        if let state, Self.wearingOut.contains(state) { isWornOut = true }
        return SQLError(kind, address.redacted(text), plain: kind == .damaged ? "its files are damaged" : nil)
    }
    /// States in which another connection may do better: this server takes no writes (any longer); somebody has changed a table
    /// under prepared statements.
    private static let wearingOut = ["25006", "0A000"]
}

extension SQLError.Kind {
    /// - Parameter state: five characters; `nil` when the error is libpq's own.
    ///
    /// Source: PostgreSQL 15, appendix A.
    init(state: String?, isAlive: Bool) {
        guard isAlive else {
            self = .unavailable
            return
        }
        guard let state else {
            self = .unworkable
            return
        }
        self =
            switch state.prefix(2) {
            // Connection exception, insufficient resources, operator intervention, system error.
            case "08", "53", "57", "58": .unavailable
            // A damaged page or index.
            case "XX" where state != "XX000": .damaged
            // Data, integrity, a program's limit, a view's condition: what is wrong with these rows is wrong with no others.
            case "22", "23", "54", "44": .refused
            // Read-only after a failover; lock not available; a transaction that a conflict or a deadlock has ended.
            default: ["25006", "55P03", "40001", "40P01"].contains(state) ? .unavailable : .unworkable
            }
    }
}

/// An answer of libpq; freed with its last owner.
final class PostgresResult {
    let pointer: OpaquePointer
    init(_ pointer: OpaquePointer) { self.pointer = pointer }
    deinit { PQclear(pointer) }

    /// How many rows a statement has changed.
    var changedCount: Int { Int(String(cString: PQcmdTuples(pointer))) ?? 0 }
    /// What was carried out, such as `COMMIT` or `INSERT 0 1`.
    var command: String { String(cString: PQcmdStatus(pointer)) }
}
