import Foundation
import SQL
public import Sealing

extension Store {
    /// The name of the key that secrets are sealed under.
    public var keyName: String { vault.key.name }

    /// Gives the database another key. Both keys lie where keys come from until all is sealed under the new one, so a process that
    /// is killed at any point leaves a database that opens; the next call goes on from there.
    /// - Parameter given: `nil`: the one that a call before was cut off with, or a new one.
    /// - Throws: `KeyError`, `StoreError`.
    public func rotateKey(in source: KeySource, to given: SealingKey?) async throws {
        let keys = try source.keys()
        let new = given ?? (keys.count > 1 ? keys[0] : .random())
        try source.write([new] + keys.filter { $0 != new })
        try await changeKey(to: new)
        try await foldIn()
        try source.write([new])
    }

    /// Seals everything anew, under another key, in one transaction: all of it or nothing. Events that wait for the database are
    /// written before. Under that key already, nothing is done.
    /// - Throws: `StoreError`; then the key is the one from before.
    func changeKey(to key: SealingKey) async throws {
        do { try await events.drainLeftOver() } catch let error as SQLError { throw StoreError(error) }
        let former = vault.key
        guard former != key else { return }
        vault.add(key)
        let mark = vault.change(to: key)
        do {
            try await write { [vault] connection in
                try Self.resealRows(vault, connection)
                try Self.resealSecrets(vault, connection)
                try connection.execute("UPDATE secret SET value = ? WHERE name = ?", [mark, Vault.markName])
            }
        } catch {
            _ = vault.change(to: former)
            throw error
        }
    }

    private static func resealRows(_ vault: Vault, _ connection: any Connection) throws {
        func again(_ sealed: [UInt8], _ place: SealedPlace) throws -> [UInt8] {
            vault.seal(try vault.text(sealed, at: place), at: place)
        }
        try connection.inPortions("SELECT sequence, id, reference, analytics, credentials FROM stream") {
            (
                sequence: $0[0] as Int64, id: $0[1] as UUID, reference: $0[2] as [UInt8], analytics: $0[3] as [UInt8],
                credentials: $0[4] as [UInt8]?
            )
        } apply: { stream in
            let reference = try vault.text(stream.reference, at: .reference(ofStream: stream.id))
            try connection.execute(
                "UPDATE stream SET reference = ?, analytics = ?, reference_hash = ?, credentials = ? WHERE sequence = ?",
                [
                    vault.seal(reference, at: .reference(ofStream: stream.id)),
                    try again(stream.analytics, .analytics(ofStream: stream.id)), vault.hash(reference),
                    try stream.credentials.map { try again($0, .credentials(ofStream: stream.id)) }, stream.sequence,
                ])
            return stream.sequence
        }
        try connection.inPortions("SELECT sequence, id, jwt FROM token") {
            (sequence: $0[0] as Int64, id: $0[1] as UUID, jwt: $0[2] as [UInt8])
        } apply: { token in
            try connection.execute(
                "UPDATE token SET jwt = ? WHERE sequence = ?", [try again(token.jwt, .token(token.id)), token.sequence])
            return token.sequence
        }
        try connection.inPortions("SELECT sequence, id, parameters FROM job") {
            (sequence: $0[0] as Int64, id: $0[1] as UUID, parameters: $0[2] as [UInt8])
        } apply: { job in
            try connection.execute(
                "UPDATE job SET parameters = ? WHERE sequence = ?",
                [try again(job.parameters, .parameters(ofJob: job.id)), job.sequence])
            try resealItems(of: job.id, sequence: job.sequence, vault, connection)
            return job.sequence
        }
        try connection.inPortions(
            "SELECT sequence, id, body FROM (SELECT * FROM delivery WHERE body IS NOT NULL) AS report"
        ) {
            (sequence: $0[0] as Int64, id: $0[1] as UUID, body: $0[2] as [UInt8]?)
        } apply: { report in
            if let body = report.body {
                try connection.execute(
                    "UPDATE delivery SET body = ? WHERE sequence = ?",
                    [try again(body, .body(ofDelivery: report.id)), report.sequence])
            }
            return report.sequence
        }
        try resealLanes(vault, connection)
        try resealJobCallbacks(vault, connection)
        try resealHandlers(vault, connection)
    }
    private static func resealItems(
        of job: UUID, sequence: Int64, _ vault: Vault, _ connection: any Connection
    ) throws {
        let place = SealedPlace.item(ofJob: job)
        var last = -1
        while true {
            let items: [(number: Int, subject: [UInt8])] = try connection.rows(
                "SELECT number, subject FROM job_item WHERE job_sequence = ? AND number > ? ORDER BY number LIMIT 1000",
                [sequence, last]
            ) { ($0[0], $0[1]) }
            guard let end = items.last else { return }
            for item in items {
                try connection.execute(
                    "UPDATE job_item SET subject = ? WHERE job_sequence = ? AND number = ?",
                    [vault.seal(try vault.text(item.subject, at: place), at: place), sequence, item.number])
            }
            last = end.number
        }
    }
    /// A lane's name is a hash under the key too, so what is in it is put into another.
    private static func resealLanes(_ vault: Vault, _ connection: any Connection) throws {
        let ids: [UUID] = try connection.rows("SELECT id FROM lane", []) { $0[0] }
        for id in ids {
            let found: (source: UUID, callback: [UInt8])? = try connection.first(
                "SELECT source_id, callback FROM lane WHERE id = ?", [id]
            ) { ($0[0], $0[1]) }
            guard let found else { continue }
            let text = try vault.text(found.callback, at: .callback(ofLane: id))
            let lane = Lane(text, of: found.source, vault: vault)
            try connection.execute(
                """
                INSERT INTO lane (id, account_id, source_id, receiver, callback, failures, count, next_time)
                SELECT ?, account_id, source_id, ?, ?, failures, count, next_time FROM lane WHERE id = ?
                """, [lane.id, lane.receiver, lane.callback, id])
            try connection.execute("UPDATE delivery SET lane_id = ? WHERE lane_id = ?", [lane.id, id])
            try connection.execute("UPDATE pledge SET lane_id = ? WHERE lane_id = ?", [lane.id, id])
            try connection.execute("DELETE FROM lane WHERE id = ?", [id])
        }
    }
    private static func resealSecrets(_ vault: Vault, _ connection: any Connection) throws {
        let secrets: [(name: String, value: [UInt8])] = try connection.rows(
            "SELECT name, value FROM secret WHERE name <> ?", [Vault.markName]
        ) { ($0[0], $0[1]) }
        for (name, sealed) in secrets {
            let value: [UInt8]
            do { value = try vault.open(sealed, at: .secret(name)) } catch {
                throw StoreError.failed(reason: error.description)
            }
            try connection.execute(
                "UPDATE secret SET value = ? WHERE name = ?", [vault.seal(value, at: .secret(name)), name])
        }
    }
}
