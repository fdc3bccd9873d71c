import Foundation
import SQL
import Sealing

// The step that seals what secrets lie open in a database, and the key that belongs to one.
extension Schema {
    /// A stream's reference and analytics, the callbacks of deliveries, tokens and the database's own keys. All of them in the
    /// transaction of the step: a process that is killed in it leaves the database as it was.
    static func sealing(_ vault: Vault) -> Migration {
        Migration("0005 sealed secrets", emptied: ["stream", "delivery", "token", "secret"]) { connection in
            let mark = try opening { () throws(KeyError) in try vault.begin() }
            try connection.script(beginning(connection.dialect))
            try sealStreams(vault, connection)
            try sealTokens(vault, connection)
            try sealDeliveries(vault, connection)
            try connection.script(end(connection.dialect))
            let secrets: [(name: String, value: [UInt8])] = try connection.rows(
                "SELECT name, value FROM secret", []
            ) { ($0[0], $0[1]) }
            for (name, value) in secrets {
                try connection.execute(
                    "UPDATE secret SET value = ? WHERE name = ?", [vault.seal(value, at: .secret(name)), name])
            }
            try connection.execute("INSERT INTO secret (name, value) VALUES (?, ?)", [Vault.markName, mark])
        }
    }

    /// Finds out which of the keys at hand is the database's.
    static func unlock(_ vault: Vault, _ connection: any Connection) throws {
        let mark: [UInt8]? = try connection.value("SELECT value FROM secret WHERE name = ?", [Vault.markName])
        try opening { () throws(KeyError) in try vault.resume(mark: mark ?? []) }
    }
    private static func opening<Value>(_ body: () throws(KeyError) -> Value) throws(OpeningError) -> Value {
        do { return try body() } catch { throw .unusableKey(reason: error.description) }
    }

    private static func beginning(_ type: Dialect) -> String {
        func sealed(_ column: String, of table: String) -> String {
            "ALTER TABLE \(table) ADD COLUMN sealed_\(column) \(type.blob) NOT NULL DEFAULT \(type.noBytes);\n"
        }
        return """
            DROP INDEX stream_by_reference;
            DROP INDEX stream_by_reference_alone;
            ALTER TABLE stream ADD COLUMN reference_hash \(type.id);
            """ + sealed("reference", of: "stream") + sealed("analytics", of: "stream") + sealed("jwt", of: "token")
                + sealed("callback", of: "delivery")
    }
    private static func end(_ type: Dialect) -> String {
        func renamed(_ column: String, of table: String) -> String {
            """
            ALTER TABLE \(table) DROP COLUMN \(column);
            ALTER TABLE \(table) RENAME COLUMN sealed_\(column) TO \(column);

            """
        }
        return renamed("reference", of: "stream") + renamed("analytics", of: "stream") + renamed("jwt", of: "token")
            + renamed("callback", of: "delivery") + """
                CREATE INDEX stream_by_reference ON stream (account_id, reference_hash, sequence);
                CREATE INDEX stream_by_reference_alone ON stream (reference_hash, sequence);
                """
    }

    // What was open is overwritten too, since a dropped column stays in a table's rows.
    private static func sealStreams(_ vault: Vault, _ connection: any Connection) throws {
        try connection.inPortions("SELECT sequence, id, reference, analytics FROM stream") {
            (sequence: $0[0] as Int64, id: $0[1] as UUID, reference: $0[2] as String, analytics: $0[3] as String)
        } apply: { stream in
            try connection.execute(
                """
                UPDATE stream SET reference = '', analytics = '', sealed_reference = ?, sealed_analytics = ?,
                    reference_hash = ?
                WHERE sequence = ?
                """,
                [
                    vault.seal(stream.reference, at: .reference(ofStream: stream.id)),
                    vault.seal(stream.analytics, at: .analytics(ofStream: stream.id)), vault.hash(stream.reference),
                    stream.sequence,
                ])
            return stream.sequence
        }
    }
    private static func sealTokens(_ vault: Vault, _ connection: any Connection) throws {
        try connection.inPortions("SELECT sequence, id, jwt FROM token") {
            (sequence: $0[0] as Int64, id: $0[1] as UUID, jwt: $0[2] as String)
        } apply: { token in
            try connection.execute(
                "UPDATE token SET jwt = '', sealed_jwt = ? WHERE sequence = ?",
                [vault.seal(token.jwt, at: .token(token.id)), token.sequence])
            return token.sequence
        }
    }
    private static func sealDeliveries(_ vault: Vault, _ connection: any Connection) throws {
        try connection.inPortions("SELECT sequence, event_id, callback FROM delivery") {
            (sequence: $0[0] as Int64, event: $0[1] as UUID, callback: $0[2] as String)
        } apply: { delivery in
            try connection.execute(
                "UPDATE delivery SET callback = '', sealed_callback = ? WHERE sequence = ?",
                [vault.seal(delivery.callback, at: .callback(ofEvent: delivery.event)), delivery.sequence])
            return delivery.sequence
        }
    }
}

extension Connection {
    /// Reads a table some rows at a time, in the order of `sequence`, and does something with each.
    /// - Parameters:
    ///   - sql: without conditions.
    ///   - apply: returns the row's sequence.
    func inPortions<T>(_ sql: String, _ read: (Row) throws -> T, apply: (T) throws -> Int64) throws {
        var last = Int64.min
        while true {
            let portion = try rows("\(sql) WHERE sequence > ? ORDER BY sequence LIMIT 1000", [last], read)
            guard !portion.isEmpty else { return }
            for row in portion { last = try apply(row) }
        }
    }
}
