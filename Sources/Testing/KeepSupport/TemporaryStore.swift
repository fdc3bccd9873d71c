public import Foundation
public import Identity
import JSON
public import Records
public import Store

/// Where the tests of the store run.
public enum Backend: String, Sendable, CaseIterable {
    case sqlite, postgres

    /// Where the test runs that is running.
    @TaskLocal public static var current = Backend.sqlite
    /// Runs `body` once on each.
    public static func onEach(_ body: () async throws -> Void) async throws {
        for backend in allCases { try await $current.withValue(backend) { try await body() } }
    }

    /// A database of its own.
    public func database() throws -> DatabaseChoice {
        switch self {
        case .sqlite: .sqlite
        case .postgres: .postgres(url: try PostgresServer.shared.get().newDatabase(), password: nil)
        }
    }
}

/// A directory of its own that goes with the value.
public final class TemporaryDirectory: Sendable {
    public let url: URL
    public init() {
        url = FileManager.default.temporaryDirectory.appendingPathComponent("sightline-\(UUID().uuidString)")
    }
    deinit {
        try? FileManager.default.removeItem(at: url)
        try? FileManager.default.removeItem(at: url.appendingPathExtension("key"))
    }
}

/// A new store with one account in it, on a clock that the test holds.
public struct TemporaryStore: Sendable {
    public let directory: TemporaryDirectory
    public let database: DatabaseChoice
    public let store: Store
    public let identity: Identity
    public let account: Account
    /// 2024-05-11T09:11:41.674Z
    public static let noon = Date(timeIntervalSince1970: 1_715_418_701.674)

    public init(_ backend: Backend, objects: ObjectConfiguration = ObjectConfiguration()) async throws {
        try await self.init(in: TemporaryDirectory(), backend.database(), objects: objects)
    }
    /// - Parameter database: a new one.
    public init(
        in directory: TemporaryDirectory, _ database: DatabaseChoice,
        objects: ObjectConfiguration = ObjectConfiguration()
    ) async throws {
        (self.directory, self.database) = (directory, database)
        store = try Store(directory: directory.url, database: database, objects: objects)
        identity = Identity(store: store)
        account = Account(
            id: UUID(), login: "one@example.org", kind: .user, description: "", createTime: Self.noon,
            lastUpdateTime: Self.noon)
        try await store.insert(account, passwordHash: "none")
    }

    public static func specification(
        name: String = "gate", reference: String = "rtsp://camera/1", autorestart: AutorestartPolicy = .init()
    ) -> StreamSpecification {
        StreamSpecification(
            name: name, source: SourceSpecification(kind: .stream, reference: reference),
            location: ["city": "Riga", "area": nil], autorestart: autorestart,
            analytics: [AnalyticChoice(name: "people_count", parameters: ["parameters": ["probe_count": 2]])])
    }
    public func createStream(
        _ specification: StreamSpecification = Self.specification(), at now: Date = Self.noon
    ) async throws -> RegisteredStream {
        try await store.createStream(specification, account: account.id, at: now)
    }
    public func logStatuses(of stream: UUID) async throws -> [StreamStatus] {
        var filter = Filter<StreamLogRecord>()
        filter.require(.streamIDs, [.id(stream)])
        return try await store.streamLogs(filter, page: Page(size: 1000)).reversed().map(\.status)
    }
}

extension TemporaryStore {
    /// A further account, whose password nobody knows.
    public func createAccount(_ login: String) async throws -> Account {
        let account = Account(
            id: UUID(), login: login, kind: .user, description: "", createTime: Self.noon, lastUpdateTime: Self.noon)
        try await store.insert(account, passwordHash: "none")
        return account
    }
}
