public import Foundation
public import Records
import SQL

// Rows of sessions, by the digests of their secrets. What a secret is, and how one comes to be, is `Identity`'s.
extension Store {
    /// Sessions of each kind that an account has at most: a further one ends the oldest.
    static let sessionLimit = 100

    /// Returns false, and keeps nothing, when `account` is no longer as it is given here: then nobody knows whether what it was
    /// known by still holds.
    public func insert(_ session: Session, digest: [UInt8], of account: Account) async throws -> Bool {
        try await write { connection in
            guard try connection.account(where: "id", account.id) == account else { return false }
            try connection.insert(session, digest)
            return true
        }
    }

    /// Ends a code and begins a session in its place.
    /// - Parameters:
    ///   - code: its digest.
    ///   - digest: of the session.
    /// - Returns: whose they are; `nil` when there is no such code, or no longer.
    public func exchange(code: [UInt8], forSession digest: [UInt8], at now: Date = .now) async throws -> (
        session: Session, account: Account
    )? {
        try await write { connection in
            guard let account = try connection.session(code, .code, at: now)?.account,
                try connection.execute("DELETE FROM session WHERE digest = ?", [code]) == 1
            else { return nil }
            let session = Session(of: account.id, .browser, at: now)
            try connection.insert(session, digest)
            return (session, account)
        }
    }

    /// The session of a browser with the account that it stands for.
    public func session(digest: [UInt8], at now: Date = .now) async throws -> (session: Session, account: Account)? {
        try await read { try $0.session(digest, .browser, at: now) }
    }

    /// Returns false when there is no such session.
    public func deleteSession(digest: [UInt8]) async throws -> Bool {
        try await write { connection in
            let account: UUID? = try connection.value("SELECT account_id FROM session WHERE digest = ?", [digest])
            guard let account else { return false }
            try connection.execute("DELETE FROM session WHERE digest = ?", [digest])
            connection.changed(.credentials(account: account))
            return true
        }
    }

    /// Removes what has expired.
    /// - Returns: how many that were.
    public func deleteExpiredSessions(at now: Date = .now) async throws -> Int {
        try await deleteInPortions(
            Query(
                """
                DELETE FROM session WHERE sequence IN (
                    SELECT sequence FROM session WHERE expiry <= ? ORDER BY expiry LIMIT ?)
                """, [Milliseconds.floor(now), Self.deletionLimit]))
    }
}

extension Connection {
    /// Ends all that began with the password that the account has had.
    func deleteSessions(of account: UUID) throws {
        try execute("DELETE FROM session WHERE account_id = ?", [account])
    }

    fileprivate func session(
        _ digest: [UInt8], _ kind: Session.Kind, at now: Date
    ) throws -> (session: Session, account: Account)? {
        try first(
            """
            SELECT \(Account.columns), expiry FROM session JOIN account ON account.id = session.account_id
            WHERE digest = ? AND kind = ? AND expiry > ?
            """, [digest, kind.rawValue, Milliseconds.floor(now)]
        ) { row in
            let account = try Account(row: row)
            let expiry = Milliseconds.date(row["expiry"])
            return (Session(accountID: account.id, kind: kind, expiry: expiry), account)
        }
    }

    fileprivate func insert(_ session: Session, _ digest: [UInt8]) throws {
        try execute(
            "INSERT INTO session (digest, account_id, kind, expiry) VALUES (?, ?, ?, ?)",
            [digest, session.accountID, session.kind.rawValue, Milliseconds.nearest(session.expiry)])
        let oldest = try execute(
            """
            DELETE FROM session WHERE account_id = ? AND kind = ? AND sequence NOT IN (
                SELECT sequence FROM session WHERE account_id = ? AND kind = ? ORDER BY sequence DESC LIMIT ?)
            """,
            [
                session.accountID, session.kind.rawValue, session.accountID, session.kind.rawValue, Store.sessionLimit,
            ])
        if oldest > 0 { changed(.credentials(account: session.accountID)) }
    }
}
