import Foundation
public import Records
public import SQL

/// A PostgreSQL database through libpq: one connection that writes, some that read beside it and one that listens, each on a
/// queue or thread of its own.
///
/// Commits wait until the server has them on disk (`synchronous_commit`). A server that is gone is an error at once
/// (`unavailable`); it is asked again with the next call, after a pause that grows to a second, and meanwhile by the connection
/// that writes, which holds an advisory lock so that one daemon works on a database at a time.
///
/// When the connection is lost during a commit, nobody knows whether it was carried out: the call throws `unavailable`, and who
/// repeats it must write what may be written twice.
public final class PostgresDatabase: Database {
    public let dialect = Dialect.postgres
    public let changes: ChangeFeed
    private static let readerCount = 4

    private let writer: Lane
    private let readers: LanePool
    private let listener: ChangeListener

    /// Connects, takes the lock and brings the schema up to date. Blocks for some seconds at most when the server is not there.
    /// - Parameters:
    ///   - url: `postgres://user@host:port/database`, with libpq's options behind a `?`, and without a password.
    ///   - password: shown nowhere.
    ///   - changes: told what commits have changed, also those of others.
    ///   - patience: how long the server may take for an answer before it counts as gone; migrations may take longer.
    public init(
        url: String, password: String?, migrations: Migrator, changes: ChangeFeed = ChangeFeed(),
        patience: Duration = .seconds(15)
    ) throws(OpeningError) {
        var address: PostgresAddress
        do throws(PostgresAddress.Refusal) { address = try PostgresAddress(url: url, password: password) } catch {
            throw .badAddress(reason: error.description)
        }
        address.patience = patience
        self.changes = changes
        let writer = Lane("writer", try Self.openSession(address, migrations))
        self.writer = writer
        let reachability = Reachability()
        readers = LanePool(
            (1...Self.readerCount).map { Lane("reader \($0)", PostgresSession(address, reachability)) })
        listener = ChangeListener(address, changes: changes)
        listener.start()
        writer.stayOpen()  // the lock goes with its connection
    }
    deinit { listener.stop() }

    public func read<V: Sendable>(
        _ body: @escaping @Sendable (any Connection) throws -> V
    ) async throws -> V {
        try await readers.withLane { lane in try await lane.run { try $0.read(body) } }
    }

    public func write<V: Sendable>(
        _ body: @escaping @Sendable (any Connection) throws -> V
    ) async throws -> V {
        try await writer.run { try $0.write(body) }
    }

    /// The server's files are the server's.
    public func foldIn() async throws {}
    public var mayBeDamaged: Bool { false }
    public func findDamage() async throws -> String? { nil }

    public func close() throws {
        listener.stop()
        for lane in readers.all { lane.close() }
        writer.close()
    }
}
