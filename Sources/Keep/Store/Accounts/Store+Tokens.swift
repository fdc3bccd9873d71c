public import Foundation
import GRDB
import JSON
public import Records

extension Store {
    public func createToken(
        _ specification: TokenSpecification, account: UUID, id: UUID = UUID(), at now: Date = .now
    ) async throws -> Token {
        let time = Milliseconds.nearest(now)
        let token = Token(
            id: id, accountID: account, specification: specification,
            jwt: try await jwt(id, account, specification), createTime: Milliseconds.date(time),
            lastUpdateTime: Milliseconds.date(time))
        try await write { database in
            try database.execute(
                sql: """
                    INSERT INTO token (id, account_id, description, expiration_time, visibility, permissions, jwt,
                        create_time, last_update_time)
                    VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)
                    """,
                arguments: [
                    id, account, specification.description, specification.expirationTime.map(Milliseconds.nearest),
                    specification.visibility.rawValue, specification.permissions.wire.text, token.jwt, time, time,
                ])
        }
        return token
    }

    /// Replaces the whole token; JWTs given out before stay good for what it now is. `nil` when `account` has no such token.
    public func replaceToken(
        id: UUID, account: UUID, with specification: TokenSpecification, at now: Date = .now
    ) async throws -> Token? {
        let jwt = try await jwt(id, account, specification)
        return try await write { database in
            try database.execute(
                sql: """
                    UPDATE token SET description = ?, expiration_time = ?, visibility = ?, permissions = ?, jwt = ?,
                        last_update_time = ?
                    WHERE id = ? AND account_id = ?
                    """,
                arguments: [
                    specification.description, specification.expirationTime.map(Milliseconds.nearest),
                    specification.visibility.rawValue, specification.permissions.wire.text, jwt,
                    Milliseconds.nearest(now), id, account,
                ])
            guard database.changesCount == 1 else { return nil }
            return try Self.token(id, in: database)
        }
    }
    /// Returns false when `account` has no such token.
    public func deleteToken(id: UUID, account: UUID) async throws -> Bool {
        try await write { database in
            try database.execute(sql: "DELETE FROM token WHERE id = ? AND account_id = ?", arguments: [id, account])
            return database.changesCount == 1
        }
    }

    /// A token of `account`, or of any account when that is `nil`.
    public func token(id: UUID, account: UUID?) async throws -> Token? {
        try await read { database in
            guard let token = try Self.token(id, in: database) else { return nil }
            return account == nil || account == token.accountID ? token : nil
        }
    }
    /// The newest first.
    public func tokens(_ filter: TokenFilter, page: Page = Page()) async throws -> [Token] {
        try await read { database in
            let query = Self.tokensQuery(filter, page: page)
            return try Row.fetchAll(database, sql: query.sql, arguments: query.arguments).map(Token.init(row:))
        }
    }
    static func tokensQuery(_ filter: TokenFilter, page: Page) -> Query {
        let conditions = filter.conditions
        return (
            "SELECT * FROM token\(conditions.sql) ORDER BY sequence DESC LIMIT ? OFFSET ?",
            conditions.arguments + [page.limit, page.offset]
        )
    }

    /// What a JWT stands for now.
    public func lookUp(jwt: String, at now: Date = .now) async throws -> TokenLookup {
        guard let claims = await signer.claims(of: jwt), let id = UUID(uuidString: claims.tokenId) else {
            return .corrupted
        }
        let found = try await read { database -> (Token, Account)? in
            guard let token = try Self.token(id, in: database),
                let account = try Row.fetchOne(
                    database.cachedStatement(sql: "SELECT * FROM account WHERE id = ?"), arguments: [token.accountID])
            else { return nil }
            return (token, try Account(row: account))
        }
        guard let (token, account) = found else { return .unknown }
        return token.isExpired(at: now) ? .expired : .valid(token, account)
    }

    private func jwt(_ id: UUID, _ account: UUID, _ specification: TokenSpecification) async throws -> String {
        try await signer.sign(
            TokenSigner.Claims(token: id, account: account, expirationTime: specification.expirationTime))
    }
    private static func token(_ id: UUID, in database: Database) throws -> Token? {
        try Row.fetchOne(database.cachedStatement(sql: "SELECT * FROM token WHERE id = ?"), arguments: [id])
            .map(Token.init(row:))
    }
}

extension Token {
    fileprivate init(row: Row) throws {
        guard let visibility = Visibility(rawValue: row["visibility"]) else {
            throw StoreError.failed(reason: "a token holds a value that this version does not know")
        }
        self.init(
            id: row["id"], accountID: row["account_id"],
            specification: TokenSpecification(
                description: row["description"],
                expirationTime: (row["expiration_time"] as Int64?).map(Milliseconds.date), visibility: visibility,
                permissions: try TokenPermissions(wire: JSONValue(stored: row["permissions"]))),
            jwt: row["jwt"], createTime: Milliseconds.date(row["create_time"]),
            lastUpdateTime: Milliseconds.date(row["last_update_time"]))
    }
}

extension Database {
    /// The secret `name` of this database, made when it is asked for the first time.
    func secret(_ name: String, length: Int) throws -> Data {
        if let known = try Data.fetchOne(self, sql: "SELECT value FROM secret WHERE name = ?", arguments: [name]) {
            return known
        }
        var generator = SystemRandomNumberGenerator()
        let value = Data((0..<length).map { _ in UInt8.random(in: 0...255, using: &generator) })
        try execute(sql: "INSERT INTO secret (name, value) VALUES (?, ?)", arguments: [name, value])
        return value
    }
}
