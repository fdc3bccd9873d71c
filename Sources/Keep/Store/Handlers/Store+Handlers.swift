public import Foundation
import JSON
public import Records
import SQL
import Sealing

extension Store {
    /// - Throws: `listNotFound`; then nothing was made.
    public func createHandler(
        _ details: HandlerDetails, account: UUID, id: UUID = UUID(), at now: Date = .now
    ) async throws -> Handler {
        let time = Milliseconds.nearest(now)
        try await write { [vault] connection in
            try connection.checkLists(of: details, account: account)
            try connection.execute(
                """
                INSERT INTO handler (id, account_id, kind, description, policies, create_time, last_update_time)
                VALUES (?, ?, ?, ?, ?, ?, ?)
                """,
                [id, account, details.kind, details.description, details.sealed(of: id, vault), time, time])
        }
        let created = Milliseconds.date(time)
        return Handler(id: id, accountID: account, details: details, createTime: created, lastUpdateTime: created)
    }

    /// Replaces all that the owner wrote of a handler.
    /// - Returns: false when `account` has no such handler.
    /// - Throws: `listNotFound`.
    public func replaceHandler(
        id: UUID, _ details: HandlerDetails, account: UUID, at now: Date = .now
    ) async throws -> Bool {
        try await write { [vault] connection in
            try connection.checkLists(of: details, account: account)
            return try connection.execute(
                """
                UPDATE handler SET kind = ?, description = ?, policies = ?, last_update_time = ?
                WHERE id = ? AND account_id = ?
                """,
                [
                    details.kind, details.description, details.sealed(of: id, vault), Milliseconds.nearest(now), id,
                    account,
                ]) == 1
        }
    }
    /// Looks whether an account has the lists that policies name.
    /// - Throws: `listNotFound`.
    public func checkLists(of details: HandlerDetails, account: UUID) async throws {
        try await read { try $0.checkLists(of: details, account: account) }
    }

    /// A handler of `account`, or of any account when that is `nil`.
    public func handler(id: UUID, account: UUID?) async throws -> Handler? {
        let found = try await read { [vault] in
            try $0.first("SELECT \(Handler.columns) FROM handler WHERE id = ?", [id]) {
                try Handler(row: $0, vault: vault)
            }
        }
        guard let found, account == nil || account == found.accountID else { return nil }
        return found
    }
    /// The newest first.
    public func handlers(_ filter: Filter<Handler>, page: Page = Page()) async throws -> [Handler] {
        let query = Self.handlersQuery(filter, page: page)
        return try await read { [vault] in
            try $0.rows(query.sql, query.arguments) { try Handler(row: $0, vault: vault) }
        }
    }
    public func handlerCount(_ filter: Filter<Handler>) async throws -> Int {
        let query = Self.handlerCountQuery(filter)
        return try await read { try $0.value(query.sql, query.arguments) ?? 0 }
    }
    /// Removes a handler; its events stay. Returns false when `account` has no such handler.
    public func deleteHandler(id: UUID, account: UUID) async throws -> Bool {
        try await write {
            try $0.execute("DELETE FROM handler WHERE id = ? AND account_id = ?", [id, account]) == 1
        }
    }
}

// The queries, apart from their execution so that a test can ask the database how it would run them.
extension Store {
    static func handlersQuery(_ filter: Filter<Handler>, page: Page) -> Query {
        let clauses = filter.clauses()
        return Query(
            "SELECT \(Handler.columns) FROM handler\(clauses.sql) ORDER BY sequence DESC LIMIT ? OFFSET ?",
            clauses.arguments + [page.limit, page.offset])
    }
    static func handlerCountQuery(_ filter: Filter<Handler>) -> Query {
        let clauses = filter.clauses()
        return Query("SELECT count(*) FROM handler\(clauses.sql)", clauses.arguments)
    }
}

extension Handler {
    fileprivate static let columns = "id, account_id, description, policies, create_time, last_update_time"
    /// - Parameter row: of `columns`.
    fileprivate init(row: Row, vault: Vault) throws {
        let id: UUID = row[0], sealed: [UInt8]? = row[3]
        let policies = try sealed.map { sealed -> HandlerPolicies in
            let text = try vault.text(sealed, at: .policies(ofHandler: id))
            do { return try HandlerPolicies(JSONReader(JSONValue(stored: text))) } catch let error as JSONViolation {
                throw StoreError.failed(
                    reason: "the policies of handler \(id.wire) cannot be read (\(error.path): \(error.message))")
            }
        }
        self.init(
            id: id, accountID: row[1], details: HandlerDetails(description: row[2], policies: policies),
            createTime: Milliseconds.date(row[4]), lastUpdateTime: Milliseconds.date(row[5]))
    }
}

extension HandlerDetails {
    fileprivate func sealed(of handler: UUID, _ vault: Vault) -> [UInt8]? {
        policies.map { vault.seal($0.stored.text, at: .policies(ofHandler: handler)) }
    }
}

extension Connection {
    fileprivate func checkLists(of details: HandlerDetails, account: UUID) throws {
        for list in (details.policies?.lists ?? []).sorted(by: { $0.wire < $1.wire }) {
            guard try self.list(list, account: account) != nil else { throw StoreError.listNotFound(list) }
        }
    }
    /// The handler that every account has.
    func insertBuiltInHandler(of account: UUID, at time: Int64) throws {
        try execute(
            """
            INSERT INTO handler (id, account_id, kind, description, create_time, last_update_time)
            VALUES (?, ?, 1, ?, ?, ?)
            """, [BuiltInHandler.id(of: account), account, BuiltInHandler.description, time, time])
    }
}

extension Store {
    static func resealHandlers(_ vault: Vault, _ connection: any Connection) throws {
        try connection.inPortions(
            "SELECT sequence, id, policies FROM (SELECT * FROM handler WHERE policies IS NOT NULL) AS own"
        ) {
            (sequence: $0[0] as Int64, id: $0[1] as UUID, policies: $0[2] as [UInt8])
        } apply: { handler in
            let place = SealedPlace.policies(ofHandler: handler.id)
            try connection.execute(
                "UPDATE handler SET policies = ? WHERE sequence = ?",
                [vault.seal(try vault.text(handler.policies, at: place), at: place), handler.sequence])
            return handler.sequence
        }
    }
}
