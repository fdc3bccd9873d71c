import Analytics
import DecodeWorker
import Discovery
import DoorSupport
import Foundation
import HTTPEdge
import JSON
import Jobs
import LogSupport
import Logging
import Media
import Notifications
import Pipeline
import Probing
import Recognition
import Records
import Scene
import Sealing
import Store
import Streams
import Synchronization
import TestSupport
import Testing
import WorkerSupport

@testable import API
@testable import Identity

/// A running API over a store of its own, with one account of each type.
struct TestServer: Sendable {
    let listener: RunningListener
    /// The data directory.
    let directory: URL
    let door: Door
    let store: Store
    let identity: Identity
    let hub: EventHub
    let views: ViewBoard
    let user, stranger, advanced, admin: Account

    var port: Int { listener.port }
    var log: LogCollector { listener.log }
    func shutDown() async { await listener.shutDown() }
    /// Every operation that is served, as `GET /6/streams`.
    var operations: [String] { door.operations }
    var entries: [Door.Entry] { door.entries }

    static let analytics = AnalyticCatalogue(entries: [
        AnalyticCatalogue.noop(name: "example_analytic"),
        AnalyticEntry(
            name: "picky", description: "Takes a count.", version: 3, defaultParameters: ["count": 1],
            validationSchema: ["type": "object"], documentation: "# picky\n", resultName: "picky",
            prepare: { parameters throws(JSONViolation) in
                _ = try parameters.object(known: ["count", "callbacks", "parameters"])
                _ = try parameters.optional("count")?.integer(in: 0...9)
                var callbacks: [Callback] = []
                for reader in try parameters.optional("callbacks")?.items() ?? [] {
                    callbacks.append(try Callback(reader))
                }
                let handler = try parameters.optional("parameters")?.required("handler_id").id()
                return PreparedAnalytic(Silent(), callbacks: callbacks, handler: handler)
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
        try await listener.send(method, path, headers: headers, body: body)
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

/// Sees nothing.
private struct Silent: Analytic {
    let requirements = AnalyticRequirements(rate: .frames(1))
    func observe(_ observation: Observation) -> [EventUpdate] { [] }
    var decisions: [any Decision] { [] }
    func finish() -> [EventUpdate] { [] }
}

/// Runs `body` against a server, then shuts it down in good order. Not to be called within itself.
/// - Parameter keepsEvents: whether events of its hub are stored, as a daemon's are.
func withServer(
    _ change: (inout APISettings) -> Void = { _ in }, daemon changeView: (inout DaemonView) -> Void = { _ in },
    listener configure: (inout ListenerConfiguration) -> Void = { _ in },
    counting sources: (Store, EventHub) -> [any MetricsSource] = { _, _ in [] },
    stills: StillDecoder = TestWorkers.opener(MediaConfiguration()).stills,
    looker: PictureLooker = PictureLooker(models: Sights(), findsFaces: true),
    fetch: @escaping @Sendable (String, Int) async throws -> Fetched = { _, _ in
        throw FetchFailure(description: "Nothing is there")
    },
    videos: VideoLook = .frames(0), cameras: CameraFinder? = nil, prober: SourceProber = .frames(0),
    analytics catalogue: AnalyticCatalogue = TestServer.analytics, keepsEvents: Bool = false,
    _ body: (TestServer) async throws -> Void
) async throws {
    try await inTurn {
        let directory = FileManager.default.temporaryDirectory.appending(path: "sightline-\(UUID())")
        defer { try? FileManager.default.removeItem(at: directory) }
        // Whoever has tried too many passwords is refused at once: no test waits.
        var logins = LoginThrottle.Configuration()
        logins.firstDistance = .seconds(3600)
        logins.patience = .zero
        let store = try Store(directory: directory, keys: .given(.random()))
        let identity = Identity(store: store, throttle: LoginThrottle(logins))
        let hub = EventHub(log: keepsEvents ? store as any EventLog : NoEvents())
        let metrics = Metrics(sources(store, hub)), views = ViewBoard()
        var settings = APISettings()
        change(&settings)
        var view = DaemonView(documents: try Documents(folder: TestServer.documentFolder, viewer: nil))
        changeView(&view)
        let jobs = JobEngine(store: store, configuration: JobConfiguration(), logger: Logger(label: "test"))
        let working = Task { try? await jobs.run() }
        defer { working.cancel() }
        let door = buildAPI(
            store: store, identity: identity, hub: hub, views: views, jobs: jobs, catalogue: catalogue, daemon: view,
            metrics: metrics, settings: settings, decodeStill: stills.decode,
            pictures: PictureTools(open: stills.open, looker: looker, fetch: fetch), videos: videos,
            cameras: cameras, prober: prober)
        func account(_ login: String, _ kind: Account.Kind) async throws -> Account {
            try await identity.createAccount(login: login, password: "secret", kind: kind)
        }
        let user = try await account("user@example.org", .user)
        let stranger = try await account("stranger@example.org", .user)
        let advanced = try await account("advanced@example.org", .advancedUser)
        let admin = try await account("admin@example.org", .admin)
        try await withListener([door], metrics: metrics.requests, configure) { listener in
            try await body(
                TestServer(
                    listener: listener, directory: directory, door: door, store: store, identity: identity, hub: hub,
                    views: views, user: user,
                    stranger: stranger, advanced: advanced, admin: admin))
        }
    }
}

private struct NoEvents: EventLog {
    func record(
        _ updates: [EventUpdate], deliveries: [Delivery], of stream: StreamDefinition
    ) -> EventTicket? { nil }
    func untilDurable(_ ticket: EventTicket) -> Bool { true }
}

extension VideoLook {
    /// Whatever the address, a video of so many made-up frames.
    static func frames(_ count: Int) -> VideoLook {
        let opener = SyntheticOpener { SyntheticSource(count: count, rates: $0) }
        let workshop = Workshop(opener: opener, models: Sights(), catalogue: TestServer.analytics)
        return VideoLook(workshop: workshop, configuration: JobConfiguration())
    }
}

extension SourceProber {
    /// Whatever the address, a source of so many made-up frames.
    static func frames(_ count: Int) -> SourceProber {
        let opener = SyntheticOpener { SyntheticSource(count: count, rates: $0) }
        return SourceProber(workshop: Workshop(opener: opener, models: Sights(), catalogue: TestServer.analytics))
    }
}

final class Counter: Sendable {
    private let state = Mutex(0)
    func increment() { state.withLock { $0 += 1 } }
    var value: Int { state.withLock { $0 } }
}
