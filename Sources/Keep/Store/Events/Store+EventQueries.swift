public import Foundation
public import Records
import SQL

/// In which order a list of events is told.
public enum EventOrder: Hashable, Sendable {
    /// By the events' beginnings.
    case byTime(CreationOrder)
    /// By their ids.
    case byID(CreationOrder)
}

/// The two kinds of events, which lie in one table.
protocol EventResource: SendableMetatype {
    /// Which rows are of this kind; worded as the indexes are.
    static var rows: String { get }
}
extension StoredEvent: EventResource { static var rows: String { "handler_id IS NOT NULL" } }
extension GeneralEvent: EventResource { static var rows: String { "handler_id IS NULL" } }

extension Store {
    /// Events that handlers have made.
    /// - Throws: `StoreError.incompatibleFilter` for a place in JSON that holds something of another type than it is compared with.
    public func events(
        _ filter: Filter<StoredEvent>, order: EventOrder = .byTime(.newestFirst), page: Page = Page()
    ) async throws -> [StoredEvent] {
        try await list(Self.eventsQuery(filter, order: order, page: page, database.dialect))
    }
    public func generalEvents(
        _ filter: Filter<GeneralEvent>, order: EventOrder = .byTime(.newestFirst), page: Page = Page()
    ) async throws -> [StoredEvent] {
        try await list(Self.eventsQuery(filter, order: order, page: page, database.dialect))
    }
    /// An event of `account`, or of any account when that is `nil`.
    /// - Parameter isGeneral: of which kind it must be.
    public func event(id: UUID, account: UUID?, isGeneral: Bool) async throws -> StoredEvent? {
        let event = try await read {
            try $0.first("SELECT \(Self.eventColumns) FROM event WHERE id = ?", [id], StoredEvent.init(row:))
        }
        guard let event, (event.handlerID == nil) == isGeneral else { return nil }
        return account == nil || account == event.accountID ? event : nil
    }

    private func list(_ query: Query) async throws -> [StoredEvent] {
        try await readComparing { try $0.rows(query.sql, query.arguments, StoredEvent.init(row:)) }
    }
    /// Reads by conditions that a client wrote, which may not fit what is there.
    func readComparing<Value: Sendable>(
        _ body: @escaping @Sendable (any Connection) throws -> Value
    ) async throws -> Value {
        do { return try await database.read(body) } catch let error as SQLError {
            if let reason = error.castFailure { throw StoreError.incompatibleFilter(reason: reason) }
            throw StoreError(error)
        }
    }
}

extension SQLError {
    /// Why a value of a JSON column could not be compared; `nil` for any other error.
    fileprivate var castFailure: String? {
        guard let start = description.range(of: Dialect.castFailure) else { return nil }
        return String(description[start.lowerBound...].prefix { $0 != "\"" && $0 != "\n" })
    }
}

// The queries, apart from their execution so that a test can ask the database how it would run them.
extension Store {
    static let eventColumns = """
        id, account_id, stream_id, handler_id, type, track_id, begin_offset, begin_time, end_offset, end_time, state, body
        """

    static func eventsQuery<Resource: EventResource>(
        _ filter: Filter<Resource>, order: EventOrder, page: Page, _ dialect: Dialect
    ) -> Query {
        var clauses = filter.eventClauses(dialect)
        clauses.add(Resource.rows, [])
        // Of several such values few events are found. SQLite would rather walk all events in their order; the plus forbids it.
        let isSelective =
            !order.isByID
            && filter.conditions.contains {
                ["id", "track_id", "external_id"].contains($0.column) && $0.comparison == .isIn && $0.values.count > 1
            }
        // The page is found in an index alone and its rows are read then, so that a page far behind costs little.
        let ordered = "ORDER BY \(isSelective ? "+" : "")\(order.sql) LIMIT ?"
        let page =
            dialect.name == .postgres && !order.isByID && filter.isFoundByAccounts
            ? clauses.pageByAccounts(ordered, page)
            : Query(
                "SELECT sequence FROM event\(clauses.sql) \(ordered) OFFSET ?",
                clauses.arguments + [page.limit, page.offset])
        return Query(
            "SELECT \(eventColumns) FROM event WHERE sequence IN (\(page.sql)) ORDER BY \(order.sql)", page.arguments)
    }
}

extension Clauses {
    /// The first events of each account, and of these the page: PostgreSQL reads along the time and drops what does not match where it
    /// takes more to match than does, unless each account's index gives the order.
    fileprivate func pageByAccounts(_ ordered: String, _ page: Page) -> Query {
        let (limit, isTooFar) = page.limit.addingReportingOverflow(page.offset)
        return Query(
            """
            SELECT found.sequence FROM account CROSS JOIN LATERAL (
                SELECT sequence, begin_time FROM event\(sql) AND account_id = account.id \(ordered)) AS found
            \(ordered) OFFSET ?
            """,
            arguments + [isTooFar ? .max : limit, page.limit, page.offset])
    }
}

extension Filter where Resource: EventResource {
    /// Columns whose indexes begin with the account and go on with time.
    private static var indexed: Set<String> {
        [
            "handler_id", "external_id", "source", "city", "area", "district", "street", "house_number", "stream_id",
            "track_id", "type",
        ]
    }
    private func names(_ columns: Set<String>) -> Bool {
        conditions.contains { columns.contains($0.column) && [.equal, .isIn].contains($0.comparison) }
    }

    /// Whether all accounts' events are asked for by what an account's index finds.
    fileprivate var isFoundByAccounts: Bool { accountID == nil && !names(["id"]) && names(Self.indexed) }

    /// The conditions, worded so that the database takes the index that is meant: SQLite knows little of how values are spread, and
    /// neither skips over the account, with which indexes begin.
    /// - Parameter isCounted: all rows that match are looked at, in any order.
    func eventClauses(_ dialect: Dialect, isCounted: Bool = false) -> Clauses {
        let isSQLite = dialect.name == .sqlite
        // An id is found by itself; a plus keeps the account's other indexes away.
        guard accountID == nil else {
            return clauses(dialect, account: isSQLite && names(["id"]) ? "+account_id" : "account_id")
        }
        var clauses = clauses(dialect)
        if !names(["id"]), isCounted || (isSQLite && names(Self.indexed)) {
            let accounts = "SELECT id FROM account"
            clauses.add(isSQLite ? "account_id IN (\(accounts))" : "account_id = ANY (ARRAY(\(accounts)))", [])
        }
        return clauses
    }
    /// Whether a time is named before which nothing is asked for.
    var hasStart: Bool {
        conditions.contains { $0.column == "begin_time" && [.atLeast, .above].contains($0.comparison) }
    }
}

extension EventOrder {
    fileprivate var isByID: Bool { if case .byID = self { true } else { false } }
    fileprivate var sql: String {
        switch self {
        case .byTime(.newestFirst): "begin_time DESC, sequence DESC"
        case .byTime(.oldestFirst): "begin_time, sequence"
        case .byID(.newestFirst): "id DESC"
        case .byID(.oldestFirst): "id"
        }
    }
}
