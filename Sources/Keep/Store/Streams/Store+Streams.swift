public import Foundation
import JSON
public import Records
import SQL
import Sealing
import Synchronization

extension Store {
    /// Registers a stream in `pending`, version 1, with its first log record.
    /// - Throws: `groupNotFound`
    public func createStream(
        _ specification: StreamSpecification, group: GroupReference? = nil, account: UUID, id: UUID = UUID(),
        at now: Date = .now
    ) async throws -> RegisteredStream {
        let time = Milliseconds.nearest(now)
        let columns =
            [("id", id), ("account_id", account), ("create_time", time)] + specification.columns(of: id, vault)
            + [("status", StreamStatus.pending.rawValue), ("status_time", time)] as [Column]
        let sql = """
            INSERT INTO stream (\(columns.map(\.name).joined(separator: ", ")))
            VALUES (\(columns.map { _ in "?" }.joined(separator: ", "))) RETURNING sequence
            """
        let groups = try await write { connection in
            let group = try connection.group(group, account: account)
            let sequence: Int64? = try connection.value(sql, columns.map(\.value))
            if let group, let sequence { try connection.link(stream: sequence, to: group.sequence) }
            try connection.appendLog(stream: id, account: account, status: .pending, error: nil, time: time)
            connection.changed(.streams)
            return group.map { [$0.name] } ?? []
        }
        return RegisteredStream(
            id: id, accountID: account, specification: specification, version: 1, createTime: Milliseconds.date(time),
            status: .pending, lastError: nil, autorestart: AutorestartState(status: specification.autorestart.atFirst),
            groups: groups)
    }

    /// Replaces all that the owner wrote about a stream: the next version, `pending`, as if nothing had gone wrong before. Analytics that
    /// stay as they are go on with the defaults that they were written under.
    /// - Parameter group: `nil` leaves it in the groups it is in, another becomes its only one.
    /// - Returns: the new version; `nil` when `account` has no such stream.
    /// - Throws: `groupNotFound`
    public func replaceStream(
        id: UUID, _ specification: StreamSpecification, group: GroupReference? = nil, account: UUID, at now: Date = .now
    ) async throws -> Int? {
        let time = Milliseconds.nearest(now)
        let columns = specification.columns(of: id, vault)
        let sql = """
            UPDATE stream SET \(columns.map { "\($0.name) = ?" }.joined(separator: ", ")),
                version = version + 1, status = 0, status_time = ?, last_error = NULL, is_error_fatal = 0,
                autorestart_current_attempt = 0, autorestart_last_attempt_time = NULL
            WHERE id = ?
            """
        return try await write { [vault] connection in
            let found: (sequence: Int64, version: Int, analytics: String?)? = try connection.first(
                "SELECT sequence, version, analytics FROM stream WHERE id = ? AND account_id = ?", [id, account]
            ) { row in
                (row[0], row[1], try? row.withBytes(2) { try vault.text($0, at: .analytics(ofStream: id)) })
            }
            guard let found else { return nil }
            if found.analytics != specification.analytics.stored {
                try connection.execute("UPDATE stream SET analytic_defaults = NULL WHERE id = ?", [id])
            }
            if let group = try connection.group(group, account: account) {
                try connection.execute("DELETE FROM group_member WHERE stream_sequence = ?", [found.sequence])
                try connection.link(stream: found.sequence, to: group.sequence)
            }
            try connection.execute(sql, columns.map(\.value) + [time, id])
            try connection.appendLog(stream: id, account: account, status: .pending, error: nil, time: time)
            connection.changed(.streams)
            return found.version + 1
        }
    }

    /// A stream of `account`, or of any account when that is `nil`.
    /// - Throws: `streamUnreadable`
    public func stream(id: UUID, account: UUID?) async throws -> RegisteredStream? {
        try await read { [vault] connection -> RegisteredStream? in
            let found = try connection.first(
                "SELECT \(RegisteredStream.columns(connection.dialect)) FROM stream WHERE id = ?", [id]
            ) { ($0["account_id"] as UUID, RegisteredStream.reading($0, vault)) }
            guard let (owner, stream) = found, account == nil || account == owner else { return nil }
            switch stream {
            case .success(let stream): return stream
            case .failure(let unreadable): throw StoreError.streamUnreadable(id, reason: unreadable.reason)
            }
        }
    }
    /// Those whose rows cannot be read are left out, and reported.
    public func streams(
        _ filter: Filter<RegisteredStream>, order: CreationOrder = .newestFirst, page: Page = Page()
    ) async throws -> [RegisteredStream] {
        let query = Self.streamsQuery(filter.hashed(by: vault), order: order, page: page, database.dialect)
        let found = try await read { [vault] connection in
            try connection.rows(query.sql, query.arguments) { RegisteredStream.reading($0, vault) }
        }
        return found.compactMap { stream in
            if case .failure(let unreadable) = stream { reportOnce(unreadable) }
            return try? stream.get()
        }
    }
    private func reportOnce(_ stream: UnreadableStream) {
        guard unreadable.withLock({ $0.insert(stream.id).inserted }) else { return }
        report(.streamUnreadable(stream.id, reason: stream.reason))
    }
    public func streamCount(_ filter: Filter<RegisteredStream>) async throws -> Int {
        let query = Self.streamCountQuery(filter.hashed(by: vault))
        return try await read { try $0.value(query.sql, query.arguments) ?? 0 }
    }
    /// Removes a stream and its log; its events stay. Returns false when `account` has no such stream.
    public func deleteStream(id: UUID, account: UUID) async throws -> Bool {
        try await write { connection in
            let count = try connection.execute("DELETE FROM stream WHERE id = ? AND account_id = ?", [id, account])
            if count > 0 { connection.changed(.streams) }
            return count == 1
        }
    }

    /// Removes those of the given streams that `account` has, as `deleteStream` does.
    /// - Returns: how many these were.
    @discardableResult
    public func deleteStreams(ids: [UUID], account: UUID) async throws -> Int {
        var filter = Filter<RegisteredStream>(accountID: account)
        filter.require(.ids, ids.map { .id($0) })
        let clauses = filter.clauses
        return try await write { connection in
            let count = try connection.execute("DELETE FROM stream\(clauses.sql)", clauses.arguments)
            if count > 0 { connection.changed(.streams) }
            return count
        }
    }

    /// The log, the newest record first.
    public func streamLogs(_ filter: Filter<StreamLogRecord>, page: Page = Page()) async throws -> [StreamLogRecord] {
        let query = Self.streamLogsQuery(filter, page: page)
        return try await read { try $0.rows(query.sql, query.arguments, StreamLogRecord.init(row:)) }
    }
}

extension StreamLogRecord {
    fileprivate init(row: Row) throws {
        guard let status = StreamStatus(rawValue: row[1]) else {
            throw StoreError.failed(reason: "a log record holds a status that this version does not know")
        }
        self.init(streamID: row[0], status: status, error: row[2], time: Milliseconds.date(row[3]))
    }
}

// The queries, apart from their execution so that a test can ask the database how it would run them.
extension Store {
    static func streamsQuery(
        _ filter: Filter<RegisteredStream>, order: CreationOrder, page: Page, _ dialect: Dialect
    ) -> Query {
        let clauses = filter.clauses
        let direction = order == .newestFirst ? "DESC" : "ASC"
        // For these SQLite would rather walk all streams in their order than sort the few that match; the plus forbids it.
        func has(_ field: FilterField<RegisteredStream>) -> Bool {
            filter.conditions.contains { $0.column == field.column && $0.comparison == field.comparison }
        }
        let isBoundedByID = has(.idAtLeast) || has(.idBelow)
        let hasNames = filter.conditions.contains { $0.column == "name" && $0.values.count > 1 }
        let isSelective = has(.ids) || hasNames || (filter.accountID == nil && isBoundedByID)
        let order = isSelective ? "+sequence" : "sequence"
        // The page is found in an index alone and its rows are read then, so that a page far behind costs little.
        return Query(
            """
            SELECT \(RegisteredStream.columns(dialect)) FROM stream WHERE sequence IN (
                SELECT sequence FROM stream\(clauses.sql) ORDER BY \(order) \(direction) LIMIT ? OFFSET ?)
            ORDER BY sequence \(direction)
            """,
            clauses.arguments + [page.limit, page.offset])
    }
    static func streamCountQuery(_ filter: Filter<RegisteredStream>) -> Query {
        let clauses = filter.clauses
        return Query("SELECT count(*) FROM stream\(clauses.sql)", clauses.arguments)
    }
    static func streamLogsQuery(_ filter: Filter<StreamLogRecord>, page: Page) -> Query {
        let clauses = filter.clauses()
        return Query(
            """
            SELECT stream_id, status, error, log_time FROM stream_log WHERE sequence IN (
                SELECT sequence FROM stream_log\(clauses.sql) ORDER BY sequence DESC LIMIT ? OFFSET ?)
            ORDER BY sequence DESC
            """,
            clauses.arguments + [page.limit, page.offset])
    }
}

/// A column and what is written into it.
private typealias Column = (name: String, value: any Bindable)

extension StreamSpecification {
    /// What is written of it, and what follows from it at once.
    fileprivate func columns(of stream: UUID, _ vault: Vault) -> [Column] {
        [
            ("name", name), ("description", description), ("kind", source.kind.rawValue),
            ("reference", vault.seal(source.reference, at: .reference(ofStream: stream))),
            ("reference_hash", vault.hash(source.reference)), ("is_downloadable", source.isDownloadable),
            ("timestamp_source", source.timestampSource.rawValue), ("rotation", source.rotation),
            ("start_time", source.startTime), ("location", location.text),
            ("analytics", vault.seal(analytics.stored, at: .analytics(ofStream: stream))),
            ("autorestart_is_allowed", autorestart.isAllowed), ("autorestart_attempt_count", autorestart.attemptCount),
            ("autorestart_delay", autorestart.delay), ("autorestart_status", autorestart.atFirst.rawValue),
            ("privacy", privacy?.wire.text),
            (
                "credentials",
                source.authorization.map { vault.seal($0.wire.text, at: .credentials(ofStream: stream)) }
            ),
        ]
    }
}
extension AutorestartPolicy {
    fileprivate var atFirst: AutorestartState.Status { isAllowed ? .enabled : .disabled }
}
extension Connection {
    func appendLog(stream: UUID, account: UUID, status: StreamStatus, error: String?, time: Int64) throws {
        try execute(
            "INSERT INTO stream_log (stream_id, account_id, status, error, log_time) VALUES (?, ?, ?, ?, ?)",
            [stream, account, status.rawValue, error, time])
    }
    /// The group to put a stream into, if any; one that does not exist is an error.
    fileprivate func group(_ reference: GroupReference?, account: UUID) throws -> (sequence: Int64, name: String)? {
        guard let reference else { return nil }
        guard let group = try group(reference, account: account) else { throw StoreError.groupNotFound(reference) }
        return group
    }
}
