public import Foundation
import GRDB
import JSON
public import Records
public import Scene

extension Store {
    /// The newest first, or the oldest. Creation order, also within one millisecond and when the clock was set back.
    public enum Order: String, Sendable, CaseIterable {
        case newestFirst = "desc"
        case oldestFirst = "asc"
    }

    /// Registers a stream in `pending`, version 1, with its first log record.
    /// - Throws: `groupNotFound`
    public func createStream(
        _ specification: StreamSpecification, group: GroupReference? = nil, account: UUID, id: UUID = UUID(),
        at now: Date = .now
    ) async throws -> RegisteredStream {
        let time = Milliseconds.nearest(now)
        let columns =
            [("id", id), ("account_id", account), ("create_time", time)] + specification.columns
            + [("status", StreamStatus.pending.rawValue), ("status_time", time)] as [Column]
        let sql = """
            INSERT INTO stream (\(columns.map(\.name).joined(separator: ", ")))
            VALUES (\(columns.map { _ in "?" }.joined(separator: ", ")))
            """
        let arguments = StatementArguments(columns.map(\.value))
        let groups = try await write { database in
            let group = try database.group(group, account: account)
            try database.execute(sql: sql, arguments: arguments)
            if let group { try database.link(stream: database.lastInsertedRowID, to: group.sequence) }
            try database.appendLog(stream: id, account: account, status: .pending, error: nil, time: time)
            return group.map { [$0.name] } ?? []
        }
        return RegisteredStream(
            id: id, accountID: account, specification: specification, version: 1, createTime: Milliseconds.date(time),
            status: .pending, lastError: nil, autorestart: AutorestartState(status: specification.autorestart.atFirst),
            groups: groups)
    }

    /// Replaces all that the owner wrote about a stream: the next version, `pending`, as if nothing had gone wrong before.
    /// - Parameter group: `nil` leaves it in the groups it is in, another becomes its only one.
    /// - Returns: the new version; `nil` when `account` has no such stream.
    /// - Throws: `groupNotFound`
    public func replaceStream(
        id: UUID, _ specification: StreamSpecification, group: GroupReference? = nil, account: UUID, at now: Date = .now
    ) async throws -> Int? {
        let time = Milliseconds.nearest(now)
        let columns = specification.columns
        let sql = """
            UPDATE stream SET \(columns.map { "\($0.name) = ?" }.joined(separator: ", ")),
                version = version + 1, status = 0, status_time = ?, last_error = NULL, is_error_fatal = 0,
                autorestart_current_attempt = 0, autorestart_last_attempt_time = NULL
            WHERE id = ?
            """
        let arguments = StatementArguments(columns.map(\.value)) + [time, id]
        return try await write { database in
            let row = try Row.fetchOne(
                database, sql: "SELECT sequence, version FROM stream WHERE id = ? AND account_id = ?",
                arguments: [id, account])
            guard let row else { return nil }
            if let group = try database.group(group, account: account) {
                let stream: Int64 = row["sequence"]
                try database.execute(sql: "DELETE FROM group_member WHERE stream_sequence = ?", arguments: [stream])
                try database.link(stream: stream, to: group.sequence)
            }
            try database.execute(sql: sql, arguments: arguments)
            try database.appendLog(stream: id, account: account, status: .pending, error: nil, time: time)
            return row["version"] + 1
        }
    }

    /// A stream of `account`, or of any account when that is `nil`.
    public func stream(id: UUID, account: UUID?) async throws -> RegisteredStream? {
        try await read { database in
            guard
                let row = try database.cachedStatement(
                    sql: "SELECT \(RegisteredStream.columns) FROM stream WHERE id = ?"
                )
                .row(id)
            else { return nil }
            let stream = try RegisteredStream(row: row)
            return account == nil || account == stream.accountID ? stream : nil
        }
    }
    public func streams(
        _ filter: StreamFilter, order: Order = .newestFirst, page: Page = Page()
    ) async throws -> [RegisteredStream] {
        try await read { database in
            let query = Self.streamsQuery(filter, order: order, page: page)
            return try Row.fetchAll(database, sql: query.sql, arguments: query.arguments).map(
                RegisteredStream.init(row:))
        }
    }
    public func streamCount(_ filter: StreamFilter) async throws -> Int {
        try await read { database in
            let query = Self.streamCountQuery(filter)
            return try Int.fetchOne(database, sql: query.sql, arguments: query.arguments) ?? 0
        }
    }
    /// Removes a stream and its log; its events stay. Returns false when `account` has no such stream.
    public func deleteStream(id: UUID, account: UUID) async throws -> Bool {
        try await write { database in
            try database.execute(sql: "DELETE FROM stream WHERE id = ? AND account_id = ?", arguments: [id, account])
            return database.changesCount == 1
        }
    }

    /// Removes those of the given streams that `account` has, as `deleteStream` does.
    /// - Returns: how many these were.
    @discardableResult
    public func deleteStreams(ids: [UUID], account: UUID) async throws -> Int {
        var filter = StreamFilter(accountID: account)
        filter.ids = ids
        let conditions = filter.conditions
        return try await write { database in
            try database.execute(sql: "DELETE FROM stream\(conditions.sql)", arguments: conditions.arguments)
            return database.changesCount
        }
    }

    /// The log, the newest record first.
    public func streamLogs(_ filter: StreamLogFilter, page: Page = Page()) async throws -> [StreamLogRecord] {
        try await read { database in
            let query = Self.streamLogsQuery(filter, page: page)
            return try Row.fetchAll(database, sql: query.sql, arguments: query.arguments).map(
                StreamLogRecord.init(row:))
        }
    }
}

extension StreamLogRecord {
    fileprivate init(row: Row) throws {
        guard let status = StreamStatus(rawValue: row["status"]) else {
            throw StoreError.failed(reason: "a log record holds a status that this version does not know")
        }
        self.init(
            streamID: row["stream_id"], status: status, error: row["error"], time: Milliseconds.date(row["log_time"]))
    }
}

// The queries, apart from their execution so that a test can ask SQLite how it would run them.
extension Store {
    typealias Query = (sql: String, arguments: StatementArguments)

    static func streamsQuery(_ filter: StreamFilter, order: Order, page: Page) -> Query {
        let conditions = filter.conditions
        let direction = order == .newestFirst ? "DESC" : "ASC"
        // For these SQLite would rather walk all streams in their order than sort the few that match; the plus forbids it.
        let isBoundedByID = filter.idAtLeast != nil || filter.idBelow != nil
        let isSelective =
            filter.ids != nil || filter.names.map { $0.count > 1 } ?? false
            || (filter.accountID == nil && isBoundedByID)
        let order = isSelective ? "+sequence" : "sequence"
        // The page is found in an index alone and its rows are read then, so that a page far behind costs little.
        return (
            """
            SELECT \(RegisteredStream.columns) FROM stream WHERE sequence IN (
                SELECT sequence FROM stream\(conditions.sql) ORDER BY \(order) \(direction) LIMIT ? OFFSET ?)
            ORDER BY sequence \(direction)
            """,
            conditions.arguments + [page.limit, page.offset]
        )
    }
    static func streamCountQuery(_ filter: StreamFilter) -> Query {
        let conditions = filter.conditions
        return ("SELECT count(*) FROM stream\(conditions.sql)", conditions.arguments)
    }
    static func streamLogsQuery(_ filter: StreamLogFilter, page: Page) -> Query {
        let conditions = filter.conditions
        return (
            """
            SELECT * FROM stream_log WHERE sequence IN (
                SELECT sequence FROM stream_log\(conditions.sql) ORDER BY sequence DESC LIMIT ? OFFSET ?)
            ORDER BY sequence DESC
            """,
            conditions.arguments + [page.limit, page.offset]
        )
    }
}

extension Database {
    func appendLog(stream: UUID, account: UUID, status: StreamStatus, error: String?, time: Int64) throws {
        try cachedStatement(
            sql: "INSERT INTO stream_log (stream_id, account_id, status, error, log_time) VALUES (?, ?, ?, ?, ?)"
        ).execute(arguments: [stream, account, status.rawValue, error, time])
    }
}
/// A column and what is written into it.
private typealias Column = (name: String, value: (any DatabaseValueConvertible)?)

extension StreamSpecification {
    /// What is written of it, and what follows from it at once.
    fileprivate var columns: [Column] {
        [
            ("name", name), ("description", description), ("kind", source.kind.rawValue),
            ("reference", source.reference), ("is_downloadable", source.isDownloadable),
            ("timestamp_source", source.timestampSource.rawValue), ("rotation", source.rotation),
            ("start_time", source.startTime), ("location", location.text), ("analytics", analytics.stored),
            ("autorestart_is_allowed", autorestart.isAllowed), ("autorestart_attempt_count", autorestart.attemptCount),
            ("autorestart_delay", autorestart.delay), ("autorestart_status", autorestart.atFirst.rawValue),
        ]
    }
}
extension AutorestartPolicy {
    fileprivate var atFirst: AutorestartState.Status { isAllowed ? .enabled : .disabled }
}
extension Database {
    /// The group to put a stream into, if any; one that does not exist is an error.
    fileprivate func group(_ reference: GroupReference?, account: UUID) throws -> (sequence: Int64, name: String)? {
        guard let reference else { return nil }
        guard let group = try group(reference, account: account) else { throw StoreError.groupNotFound(reference) }
        return group
    }
}
extension Statement {
    fileprivate func row(_ id: UUID) throws -> Row? { try Row.fetchOne(self, arguments: [id]) }
}
