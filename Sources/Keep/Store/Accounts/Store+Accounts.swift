public import Foundation
public import Records
import SQL

// Rows of accounts. What a password is, who may try one, and who is remembered, is `Identity`'s.
extension Store {
    /// - Throws: `loginTaken`, `accountIDTaken`.
    public func insert(_ account: Account, passwordHash: String) async throws {
        try await write { connection in
            if try connection.account(where: "login", account.login) != nil {
                throw StoreError.loginTaken(account.login)
            }
            if try connection.account(where: "id", account.id) != nil { throw StoreError.accountIDTaken(account.id) }
            let (created, updated) = (
                Milliseconds.nearest(account.createTime), Milliseconds.nearest(account.lastUpdateTime)
            )
            try connection.execute(
                """
                INSERT INTO account (id, login, password_hash, type, description, create_time, last_update_time)
                VALUES (?, ?, ?, ?, ?, ?, ?)
                """,
                [
                    account.id, account.login, passwordHash, account.kind.rawValue, account.description, created,
                    updated,
                ])
            try connection.insertBuiltInHandler(of: account.id, at: created)
            connection.changed(.credentials(account: account.id))
        }
    }

    /// Changes what `change` names. `nil` when there is no such account.
    /// - Parameter passwordHash: of the change's password, which ends all sessions; `nil` leaves the one there is.
    /// - Throws: `loginTaken`, `adminTypeIsFixed`.
    public func changeAccount(
        id: UUID, _ change: AccountChange, passwordHash: String?, at now: Date = .now
    ) async throws -> Account? {
        try await write { connection in
            guard let account = try connection.account(where: "id", id) else { return nil }
            if account.kind == .admin, change.kind != nil { throw StoreError.adminTypeIsFixed(id) }
            if let login = change.login, let other = try connection.account(where: "login", login), other.id != id {
                throw StoreError.loginTaken(login)
            }
            try connection.execute(
                """
                UPDATE account SET login = coalesce(?, login), password_hash = coalesce(?, password_hash),
                    type = coalesce(?, type), description = coalesce(?, description), last_update_time = ?
                WHERE id = ?
                """,
                [change.login, passwordHash, change.kind?.rawValue, change.description, Milliseconds.nearest(now), id])
            if passwordHash != nil { try connection.deleteSessions(of: id) }
            connection.changed(.credentials(account: id))
            return try connection.account(where: "id", id)
        }
    }

    /// The newest first.
    public func accounts(_ filter: Filter<Account>, page: Page = Page()) async throws -> [Account] {
        let query = Self.accountsQuery(filter, page: page)
        return try await read { try $0.rows(query.sql, query.arguments, Account.init(row:)) }
    }
    static func accountsQuery(_ filter: Filter<Account>, page: Page) -> Query {
        let clauses = filter.clauses(account: "id")
        return Query(
            "SELECT \(Account.columns) FROM account\(clauses.sql) ORDER BY create_time DESC, id DESC LIMIT ? OFFSET ?",
            clauses.arguments + [page.limit, page.offset])
    }

    public func account(id: UUID) async throws -> Account? { try await read { try $0.account(where: "id", id) } }
    /// The account of a login, with the hash of its password.
    public func accountWithHash(login: String) async throws -> (account: Account, hash: String)? {
        try await read {
            try $0.first("SELECT \(Account.columns), password_hash FROM account WHERE login = ?", [login]) {
                (try Account(row: $0), $0["password_hash"])
            }
        }
    }
    /// The account that was created first.
    public func oldestAccount() async throws -> Account? {
        try await read {
            try $0.first(
                "SELECT \(Account.columns) FROM account ORDER BY create_time, id LIMIT 1", [], Account.init(row:))
        }
    }
    public func accountCount() async throws -> Int {
        try await read { try $0.value("SELECT count(*) FROM account") ?? 0 }
    }
}

extension Connection {
    func account(where column: String, _ value: any Bindable) throws -> Account? {
        try first("SELECT \(Account.columns) FROM account WHERE \(column) = ?", [value], Account.init(row:))
    }
}

extension Account {
    static let columns = "id, login, type, description, create_time, last_update_time"

    /// - Parameter row: begins with `columns`.
    init(row: Row) throws {
        guard let kind = Kind(rawValue: row[2]) else { throw StoreError.failed(reason: "unknown account type") }
        self.init(
            id: row[0], login: row[1], kind: kind, description: row[3], createTime: Milliseconds.date(row[4]),
            lastUpdateTime: Milliseconds.date(row[5]))
    }
}
