import Analytics
import Foundation
import JSON
import Logging
import Streams
import Records
import Scene
import ServiceLifecycle
import Store
import Synchronization
import Testing

@testable import API
@testable import Identity

/// A running API over a store of its own, with one account of each type.
struct TestServer: Sendable {
    let port: Int
    /// Every operation that is served, as `GET /6/streams`.
    let operations: [String]
    let store: Store
    let identity: Identity
    let hub: EventHub
    let user, stranger, advanced, admin: Account
    let entries: [ResourceTable.Entry]
    let log: LogCollector
    let shutDown: @Sendable () async -> Void

    static let analytics = AnalyticCatalogue(entries: [
        AnalyticCatalogue.noop(name: "example_analytic"),
        AnalyticEntry(
            name: "picky", description: "Takes a count.", version: 3, defaultParameters: ["count": 1],
            validationSchema: ["type": "object"], documentation: "# picky\n", resultName: "picky",
            prepare: { parameters throws(JSONViolation) in
                _ = try parameters.object(known: ["count"])
                _ = try parameters.optional("count")?.integer(in: 0...9)
                return nil
            }),
    ])

    /// `api/` of this checkout.
    static let documentFolder = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
        .appending(path: "../../../api").standardizedFileURL

    static func basic(_ account: Account) -> [String: String] { basic("\(account.login):secret") }
    static func basic(_ credentials: String) -> [String: String] {
        ["Authorization": "Basic \(Data(credentials.utf8).base64EncodedString())"]
    }

    /// Sends a request as `user`, unless other headers say who asks.
    func send(
        _ method: String, _ path: String, _ body: JSONValue? = nil, headers: [String: String]? = nil
    ) async throws -> Reply {
        var headers = headers ?? Self.basic(user)
        if body != nil { headers["Content-Type"] = headers["Content-Type"] ?? "application/json" }
        return try await sendRaw(method, path, headers: headers, body: body.map { $0.data } ?? Data())
    }
    func sendRaw(_ method: String, _ path: String, headers: [String: String], body: Data = Data()) async throws -> Reply
    {
        try await RawConnection.open(port: port) { connection in
            var head = "\(method) \(path) HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n"
            if !body.isEmpty { head += "Content-Length: \(body.count)\r\n" }
            for (name, value) in headers { head += "\(name): \(value)\r\n" }
            try await connection.write(Data("\(head)\r\n".utf8) + body)
            return try Reply(await connection.readToEnd())
        }
    }

    func createStream(
        _ account: Account? = nil, name: String = "", reference: String = "rtsp://camera/1", at now: Date = .now
    ) async throws -> RegisteredStream {
        try await store.createStream(
            StreamSpecification(
                name: name, source: SourceSpecification(kind: .stream, reference: reference),
                analytics: [AnalyticChoice(name: "example_analytic")]),
            account: (account ?? user).id, at: now)
    }
    func createRunningStream() async throws -> RegisteredStream {
        let stream = try await createStream()
        #expect(
            try await store.transition(
                StreamVersion(id: stream.id, version: 1), from: .pending, to: .inProgress, error: nil, isFatal: false))
        return stream
    }
}

/// Servers that run at once. All tests start together, and each server holds some ten files: with more than 1300 open in one
/// process, Foundation's `Process` reads past the end of their list when another test starts a program.
private let places = Places(16)

/// A place is taken and given back; who finds none waits for his turn.
private actor Places {
    private var free: Int
    private var waiting: [CheckedContinuation<Void, Never>] = []
    init(_ count: Int) { free = count }

    func take() async {
        if free > 0 { free -= 1 } else { await withCheckedContinuation { waiting.append($0) } }
    }
    func giveBack() {
        if waiting.isEmpty { free += 1 } else { waiting.removeFirst().resume() }
    }
}

/// Runs `body` against a server, then shuts it down in good order. Not to be called within itself.
func withServer(
    _ change: (inout APISettings) -> Void = { _ in }, daemon changeView: (inout DaemonView) -> Void = { _ in },
    _ body: @Sendable (TestServer) async throws -> Void
) async throws {
    await places.take()
    do {
        try await runServer(change, daemon: changeView, body)
    } catch {
        await places.giveBack()
        throw error
    }
    await places.giveBack()
}

private func runServer(
    _ change: (inout APISettings) -> Void, daemon changeView: (inout DaemonView) -> Void,
    _ body: @Sendable (TestServer) async throws -> Void
) async throws {
    let directory = FileManager.default.temporaryDirectory.appendingPathComponent("sightline-\(UUID().uuidString)")
    defer { try? FileManager.default.removeItem(at: directory) }
    // Whoever has tried too many passwords is refused at once: no test waits.
    var logins = LoginThrottle.Configuration()
    logins.firstDistance = .seconds(3600)
    logins.patience = .zero
    let store = try Store(directory: directory)
    let identity = Identity(store: store, throttle: LoginThrottle(logins))
    let hub = EventHub(log: NoEvents())
    let log = LogCollector()
    var logger = Logger(label: "test") { _ in log.handler }
    logger.logLevel = .trace
    var settings = APISettings()
    settings.port = 0
    change(&settings)
    var view = DaemonView(documents: try Documents(folder: TestServer.documentFolder, viewer: nil))
    changeView(&view)

    let (ports, port) = AsyncStream.makeStream(of: Int.self)
    let server = buildAPI(
        store: store, identity: identity, hub: hub, catalogue: TestServer.analytics, daemon: view, settings: settings,
        logger: logger,
        onRunning: { port.yield($0) })
    let group = ServiceGroup(services: [server], logger: logger)
    func account(_ login: String, _ kind: Account.Kind) async throws -> Account {
        try await identity.createAccount(login: login, password: "secret", kind: kind)
    }
    let user = try await account("user@example.org", .user)
    let stranger = try await account("stranger@example.org", .user)
    let advanced = try await account("advanced@example.org", .advancedUser)
    let admin = try await account("admin@example.org", .admin)

    try await withThrowingTaskGroup(of: Void.self) { tasks in
        tasks.addTask { try await group.run() }
        guard let port = await ports.first(where: { _ in true }) else { throw CancellationError() }
        try await body(
            TestServer(
                port: port, operations: server.operations, store: store, identity: identity, hub: hub, user: user,
                stranger: stranger,
                advanced: advanced, admin: admin, entries: server.entries, log: log,
                shutDown: { await group.triggerGracefulShutdown() }))
        await group.triggerGracefulShutdown()
        try await tasks.waitForAll()
    }
}

private struct NoEvents: EventLog {
    func record(_ updates: [EventUpdate], deliveries: [Delivery], of stream: StreamDefinition) {}
}

final class Counter: Sendable {
    private let state = Mutex(0)
    func increment() { state.withLock { $0 += 1 } }
    var value: Int { state.withLock { $0 } }
}

/// Everything that was logged, as text.
final class LogCollector: Sendable {
    private let state = Mutex<[String]>([])
    var lines: [String] { state.withLock { $0 } }
    var handler: any LogHandler { Handler(collector: self) }

    private struct Handler: LogHandler {
        let collector: LogCollector
        var metadata: Logger.Metadata = [:]
        var logLevel = Logger.Level.trace
        subscript(metadataKey key: String) -> Logger.Metadata.Value? {
            get { metadata[key] }
            set { metadata[key] = newValue }
        }
        func log(event: LogEvent) {
            let facts = metadata.merging(event.metadata ?? [:]) { _, last in last }
            collector.state.withLock {
                $0.append("\(event.level) \(event.message) \(facts.sorted { $0.key < $1.key })")
            }
        }
    }
}
