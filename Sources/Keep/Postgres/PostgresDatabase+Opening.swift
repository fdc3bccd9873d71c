import Foundation
import SQL

extension PostgresDatabase {
    private static let leastVersion = 120_000
    /// Of the advisory lock: "sightlin" in ASCII.
    private static let lockKey: Int64 = 0x7369_6768_746c_696e
    /// How long a daemon that was killed may seem to hold the lock: the server notices its end, but not at once.
    private static let lockPatience = Duration.seconds(2)

    /// The session that writes, with the lock, on a schema that is up to date.
    static func openSession(_ address: PostgresAddress, _ migrations: Migrator) throws(OpeningError) -> PostgresSession
    {
        var isUpToDate = false
        // Who comes back after an outage may have been restored from a copy, or brought up to date by a newer daemon.
        let session = PostgresSession(address, Reachability()) { pipeline in
            try takeLock(pipeline)
            guard isUpToDate else { return }
            try migrations.check(taken: try pipeline.run([], Migrator.takenStatement).rows { $0[0] })
        }
        do {
            try check(try open(session).connection, address)
            let emptied = try session.write { try migrations.migrate($0) }
            if !emptied.isEmpty {
                // Dead rows stay in the server's files until their table is written anew. It does no harm where that is not allowed.
                _ = try? session.open().run([], "VACUUM FULL \(emptied.joined(separator: ", "))", [])
            }
            isUpToDate = true
            return session
        } catch Migrator.Refusal.databaseIsNewer {
            throw .newer(place: address.place)
        } catch let error as OpeningError {
            throw error
        } catch SQLError.lockIsTaken {
            throw .databaseInUse(place: address.place)
        } catch let error as SQLError where error.kind != .unavailable {
            throw .unusable(place: address.place, reason: error.description)
        } catch {
            throw .unreachable(place: address.place, reason: "\(error)")
        }
    }

    private static func open(_ session: PostgresSession) throws -> PostgresPipeline {
        let deadline = ContinuousClock.now + lockPatience
        while true {
            do { return try session.open() } catch SQLError.lockIsTaken where ContinuousClock.now < deadline {
                Thread.sleep(forTimeInterval: 0.1)
            }
        }
    }
    static func takeLock(_ pipeline: PostgresPipeline) throws {
        let answer = try pipeline.run([], "SELECT pg_try_advisory_lock(?)", [lockKey])
        // At opening this is somebody else; later also our own earlier connection, until the server has noticed its end.
        guard try answer.rows({ $0[0] as Bool }) == [true] else { throw SQLError.lockIsTaken }
    }
    private static func check(_ connection: PostgresConnection, _ address: PostgresAddress) throws {
        let version = connection.serverVersion
        guard version >= leastVersion else {
            throw OpeningError.tooOld(
                place: address.place, found: "\(version / 10_000)", wanted: "\(leastVersion / 10_000)")
        }
        guard let encoding = connection.parameter("server_encoding"), encoding == "UTF8" else {
            throw OpeningError.unusable(place: address.place, reason: "its encoding is not UTF8")
        }
    }
}

extension SQLError {
    static let lockIsTaken = SQLError(
        .unavailable, "another process works on the database", plain: "another process works on it")
    static func ~= (pattern: SQLError, error: any Error) -> Bool { error as? SQLError == pattern }
}
