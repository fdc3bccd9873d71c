public import Foundation
import GRDB
public import Records

extension Store {
    /// Creates an account.
    /// - Parameter id: `nil` makes a new one.
    /// - Throws: `invalidLogin`, `invalidPassword`, `invalidDescription`, `loginTaken`, `accountIDTaken`, `tooManyLogins`.
    public func createAccount(
        id: UUID? = nil, login: String, password: String, kind: Account.Kind, description: String = "",
        from address: String = "", at now: Date = .now
    ) async throws -> Account {
        guard Account.isValid(login: login) else { throw StoreError.invalidLogin(login) }
        guard Account.isValid(password: password) else { throw StoreError.invalidPassword }
        guard description.unicodeScalars.count <= 128 else { throw StoreError.invalidDescription }
        let hash = try await hasher.hash(password, from: LoginOrigin(login: login, address: address))
        let time = Milliseconds.date(Milliseconds.nearest(now))
        let account = Account(
            id: id ?? UUID(), login: login, kind: kind, description: description, createTime: time, lastUpdateTime: time
        )
        try await write { database in
            if try Self.account(database, where: "login = ?", [login]) != nil { throw StoreError.loginTaken(login) }
            if try Self.account(database, where: "id = ?", [account.id]) != nil {
                throw StoreError.accountIDTaken(account.id)
            }
            try database.execute(
                sql: """
                    INSERT INTO account (id, login, password_hash, type, description, create_time, last_update_time)
                    VALUES (?, ?, ?, ?, ?, ?, ?)
                    """,
                arguments: [
                    account.id, login, hash, kind.rawValue, description, Milliseconds.nearest(now),
                    Milliseconds.nearest(now),
                ])
        }
        credentials.drop(account.id)
        return account
    }

    /// Changes what `change` names. `nil` when there is no such account.
    ///
    /// Whoever was known by the old login or password is forgotten at once.
    /// - Throws: `invalidLogin`, `invalidPassword`, `invalidDescription`, `loginTaken`, `adminTypeIsFixed`, `tooManyLogins`.
    public func changeAccount(
        id: UUID, _ change: AccountChange, from address: String = "", at now: Date = .now
    ) async throws -> Account? {
        if let login = change.login, !Account.isValid(login: login) { throw StoreError.invalidLogin(login) }
        if let password = change.password, !Account.isValid(password: password) { throw StoreError.invalidPassword }
        if let text = change.description, text.unicodeScalars.count > 128 { throw StoreError.invalidDescription }
        guard let current = try await account(id: id) else { return nil }
        let origin = LoginOrigin(login: current.login, address: address)
        let hash: String? =
            if let password = change.password { try await hasher.hash(password, from: origin) } else { nil }
        defer { credentials.drop(id) }
        return try await write { database in
            guard let account = try Self.account(database, where: "id = ?", [id]) else { return nil }
            if account.kind == .admin, change.kind != nil { throw StoreError.adminTypeIsFixed(id) }
            if let login = change.login, let other = try Self.account(database, where: "login = ?", [login]),
                other.id != id
            {
                throw StoreError.loginTaken(login)
            }
            try database.execute(
                sql: """
                    UPDATE account SET login = coalesce(?, login), password_hash = coalesce(?, password_hash),
                        type = coalesce(?, type), description = coalesce(?, description), last_update_time = ?
                    WHERE id = ?
                    """,
                arguments: [
                    change.login, hash, change.kind?.rawValue, change.description, Milliseconds.nearest(now), id,
                ])
            return try Self.account(database, where: "id = ?", [id])
        }
    }

    /// The newest first.
    public func accounts(_ filter: AccountFilter, page: Page = Page()) async throws -> [Account] {
        try await read { database in
            let query = Self.accountsQuery(filter, page: page)
            return try Row.fetchAll(database, sql: query.sql, arguments: query.arguments).map(Account.init(row:))
        }
    }
    static func accountsQuery(_ filter: AccountFilter, page: Page) -> Query {
        let conditions = filter.conditions
        return (
            "SELECT * FROM account\(conditions.sql) ORDER BY create_time DESC, id DESC LIMIT ? OFFSET ?",
            conditions.arguments + [page.limit, page.offset]
        )
    }

    public func account(id: UUID) async throws -> Account? {
        try await read { try Self.account($0, where: "id = ?", [id]) }
    }
    public func account(login: String) async throws -> Account? {
        try await read { try Self.account($0, where: "login = ?", [login]) }
    }
    public func accountCount() async throws -> Int {
        try await read { try Int.fetchOne($0, sql: "SELECT count(*) FROM account") ?? 0 }
    }

    private static func account(
        _ database: Database, where condition: String, _ arguments: StatementArguments
    ) throws -> Account? {
        try Row.fetchOne(database, sql: "SELECT * FROM account WHERE \(condition)", arguments: arguments)
            .map(Account.init(row:))
    }
}

extension Account {
    init(row: Row) throws {
        guard let kind = Kind(rawValue: row["type"]) else { throw StoreError.failed(reason: "unknown account type") }
        self.init(
            id: row["id"], login: row["login"], kind: kind, description: row["description"],
            createTime: Milliseconds.date(row["create_time"]),
            lastUpdateTime: Milliseconds.date(row["last_update_time"]))
    }
}
