import Foundation
public import Records
public import SQL
import Synchronization

/// A PostgreSQL database through libpq: one connection that writes, some that read beside it and one that listens, each on a
/// queue or thread of its own.
///
/// Commits wait until the server has them on disk (`synchronous_commit`). A server that is gone is an error at once (`unavailable`),
/// and it is asked again with the next call. The connection that writes holds an advisory lock, so that one daemon works on a
/// database at a time.
public final class PostgresDatabase: Database {
    public let dialect = Dialect.postgres
    public let changes: ChangeFeed
    private static let readerCount = 4
    /// Of the advisory lock: "sightlin" in ASCII.
    private static let lockKey: Int64 = 0x7369_6768_746c_696e
    private static let leastVersion = 120_000

    private let writer: Lane
    private let readers: LanePool
    private let listener: ChangeListener

    /// Connects, takes the lock and brings the schema up to date. Blocks for some seconds at most when the server is not there.
    /// - Parameters:
    ///   - url: `postgres://user@host:port/database`, with libpq's options behind a `?`, and without a password.
    ///   - password: shown nowhere.
    public init(
        url: String, password: String?, migrations: Migrator, changes: ChangeFeed = ChangeFeed()
    ) throws(OpeningError) {
        let address = try PostgresAddress(url: url, password: password)
        self.changes = changes
        let session = PostgresSession(address, greet: Self.takeLock)
        do {
            let connection = try session.open()
            try Self.check(connection, address)
            try session.write { try migrations.migrate($0) }
        } catch Migrator.Refusal.databaseIsNewer {
            throw .newer(place: address.place)
        } catch let error as OpeningError {
            throw error
        } catch is LockIsTaken {
            throw .databaseInUse(place: address.place)
        } catch {
            throw .unreachable(place: address.place, reason: "\(error)")
        }
        writer = Lane("writer", session)
        readers = LanePool((0..<Self.readerCount).map { Lane("reader \($0)", PostgresSession(address)) })
        listener = ChangeListener(address, changes: changes)
        listener.start()
    }

    private struct LockIsTaken: Error {}
    private static func takeLock(_ connection: PostgresConnection) throws {
        let isTaken: Int64? = try connection.value("SELECT pg_try_advisory_lock(?::bigint)", [lockKey])
        guard isTaken == 1 else {
            // At opening this is somebody else; later also our own earlier connection, until the server has noticed its end.
            throw LockIsTaken()
        }
    }
    private static func check(_ connection: PostgresConnection, _ address: PostgresAddress) throws {
        let version = connection.serverVersion
        guard version >= leastVersion else {
            throw OpeningError.tooOld(
                place: address.place, found: "\(version / 10_000)", wanted: "\(leastVersion / 10_000)")
        }
        let encoding: String? = try connection.value("SELECT current_setting('server_encoding')")
        guard encoding == "UTF8" else {
            throw OpeningError.unreachable(
                place: address.place, reason: "its encoding is \(encoding ?? "unknown"), but UTF8 is wanted")
        }
    }

    public func read<V: Sendable>(
        _ body: @escaping @Sendable (any Connection) throws -> V
    ) async throws -> V {
        let lane = try await readers.take()
        defer { readers.give(lane) }
        try Task.checkCancellation()
        return try await lane.run { try $0.read(body) }
    }

    public func write<V: Sendable>(
        _ body: @escaping @Sendable (any Connection) throws -> V
    ) async throws -> V {
        do {
            return try await writer.run { try $0.write(body) }
        } catch is LockIsTaken {
            throw SQLError(.unavailable, "another process has taken the database")
        }
    }

    public func close() throws {
        listener.stop()
        for lane in readers.all { lane.close() }
        writer.close()
    }
}

/// A session with the queue that it is used on.
///
/// `@unchecked Sendable` holds because the session is touched on the queue alone.
final class Lane: @unchecked Sendable {
    private let queue: DispatchQueue
    private let session: PostgresSession
    private var isClosed = false

    init(_ name: String, _ session: PostgresSession) {
        queue = DispatchQueue(label: "postgres \(name)")
        self.session = session
    }

    func run<V: Sendable>(_ body: @escaping @Sendable (PostgresSession) throws -> V) async throws -> V {
        try await withCheckedThrowingContinuation { continuation in
            queue.async {
                continuation.resume(
                    with: Result {
                        guard !self.isClosed else { throw SQLError(.refused, "the database is closed") }
                        return try body(self.session)
                    })
            }
        }
    }
    /// Waits for what is under way.
    func close() {
        queue.sync {
            isClosed = true
            session.close()
        }
    }
}

/// Lanes that are free, and the tasks that wait for one, first come first served.
final class LanePool: Sendable {
    let all: [Lane]
    private struct State {
        var free: [Lane]
        var waiting: [CheckedContinuation<Lane, Never>] = []
    }
    private let state: Mutex<State>

    init(_ lanes: [Lane]) {
        all = lanes
        state = Mutex(State(free: lanes))
    }

    func take() async throws -> Lane {
        await withCheckedContinuation { continuation in
            let lane = state.withLock { state -> Lane? in
                if let lane = state.free.popLast() { return lane }
                state.waiting.append(continuation)
                return nil
            }
            if let lane { continuation.resume(returning: lane) }
        }
    }
    func give(_ lane: Lane) {
        let next = state.withLock { state -> CheckedContinuation<Lane, Never>? in
            guard state.waiting.isEmpty else { return state.waiting.removeFirst() }
            state.free.append(lane)
            return nil
        }
        next?.resume(returning: lane)
    }
}
