public import Foundation
import JSON
public import Records
import SQL
import Sealing

// Rows of tokens. Their JWTs are signed and read by `Identity`.
extension Store {
    public func insert(_ token: Token) async throws {
        let specification = token.specification
        _ = try await write { [vault] connection in
            try connection.execute(
                """
                INSERT INTO token (id, account_id, description, expiration_time, visibility, permissions, jwt,
                    create_time, last_update_time)
                VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)
                """,
                [
                    token.id, token.accountID, specification.description,
                    specification.expirationTime.map(Milliseconds.nearest), specification.visibility.rawValue,
                    specification.permissions.wire.text, vault.seal(token.jwt, at: .token(token.id)),
                    Milliseconds.nearest(token.createTime),
                    Milliseconds.nearest(token.lastUpdateTime),
                ])
        }
    }

    /// Replaces all but the id. `nil` when `account` has no such token.
    public func replaceToken(
        id: UUID, account: UUID, with specification: TokenSpecification, jwt: String, at now: Date = .now
    ) async throws -> Token? {
        try await write { [vault] connection in
            let changed = try connection.execute(
                """
                UPDATE token SET description = ?, expiration_time = ?, visibility = ?, permissions = ?, jwt = ?,
                    last_update_time = ?
                WHERE id = ? AND account_id = ?
                """,
                [
                    specification.description, specification.expirationTime.map(Milliseconds.nearest),
                    specification.visibility.rawValue, specification.permissions.wire.text,
                    vault.seal(jwt, at: .token(id)),
                    Milliseconds.nearest(now), id, account,
                ])
            guard changed == 1 else { return nil }
            connection.changed(.credentials(account: account))
            return try connection.token(id, vault)
        }
    }
    /// Returns false when `account` has no such token.
    public func deleteToken(id: UUID, account: UUID) async throws -> Bool {
        try await write { connection in
            let count = try connection.execute("DELETE FROM token WHERE id = ? AND account_id = ?", [id, account])
            if count > 0 { connection.changed(.credentials(account: account)) }
            return count == 1
        }
    }

    /// A token of `account`, or of any account when that is `nil`.
    public func token(id: UUID, account: UUID?) async throws -> Token? {
        let token = try await read { [vault] in try $0.token(id, vault) }
        return account == nil || account == token?.accountID ? token : nil
    }
    /// A token with the account that it belongs to.
    public func tokenWithAccount(id: UUID) async throws -> (token: Token, account: Account)? {
        try await read { [vault] connection in
            guard let token = try connection.token(id, vault),
                let account = try connection.account(where: "id", token.accountID)
            else { return nil }
            return (token, account)
        }
    }
    /// The newest first.
    public func tokens(_ filter: Filter<Token>, page: Page = Page()) async throws -> [Token] {
        let query = Self.tokensQuery(filter, page: page)
        return try await read { [vault] connection in
            try connection.rows(query.sql, query.arguments) { try Token(row: $0, vault: vault) }
        }
    }
    static func tokensQuery(_ filter: Filter<Token>, page: Page) -> Query {
        let clauses = filter.clauses()
        return Query(
            "SELECT \(Token.columns) FROM token\(clauses.sql) ORDER BY sequence DESC LIMIT ? OFFSET ?",
            clauses.arguments + [page.limit, page.offset])
    }

    /// The secret `name` of this database, made when it is asked for the first time.
    public func secret(_ name: String, length: Int) async throws -> Data {
        if let known = try await read({ [vault] in try $0.secret(name, vault) }) { return known }
        return try await write { [vault] connection in
            if let known = try connection.secret(name, vault) { return known }
            var generator = SystemRandomNumberGenerator()
            let value = Data((0..<length).map { _ in UInt8.random(in: 0...255, using: &generator) })
            try connection.execute(
                "INSERT INTO secret (name, value) VALUES (?, ?)",
                [name, vault.seal([UInt8](value), at: .secret(name))])
            return value
        }
    }
}

extension Connection {
    fileprivate func token(_ id: UUID, _ vault: Vault) throws -> Token? {
        try first("SELECT \(Token.columns) FROM token WHERE id = ?", [id]) { try Token(row: $0, vault: vault) }
    }
    fileprivate func secret(_ name: String, _ vault: Vault) throws -> Data? {
        let sealed: [UInt8]? = try value("SELECT value FROM secret WHERE name = ?", [name])
        do { return try sealed.map { Data(try vault.open($0, at: .secret(name))) } } catch let error as KeyError {
            throw StoreError.failed(reason: error.description)
        }
    }
}

extension Token {
    fileprivate static let columns =
        "id, account_id, description, expiration_time, visibility, permissions, jwt, create_time, last_update_time"

    /// - Parameter row: of `columns`.
    fileprivate init(row: Row, vault: Vault) throws {
        guard let visibility = Visibility(rawValue: row[4]) else {
            throw StoreError.failed(reason: "a token holds a value that this version does not know")
        }
        self.init(
            id: row[0], accountID: row[1],
            specification: TokenSpecification(
                description: row[2], expirationTime: (row[3] as Int64?).map(Milliseconds.date),
                visibility: visibility, permissions: TokenPermissions(wire: try JSONValue(stored: row[5]))),
            jwt: try vault.text(row[6], at: .token(row[0])), createTime: Milliseconds.date(row[7]),
            lastUpdateTime: Milliseconds.date(row[8]))
    }
}
