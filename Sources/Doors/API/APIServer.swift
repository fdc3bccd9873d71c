public import Analytics
import Hummingbird
import HummingbirdCore
public import Identity
public import Logging
import NIOCore
public import Pipeline
public import ServiceLifecycle
public import Store
public import Streams

/// The HTTP server. Runs until its task is cancelled or a graceful shutdown is asked for; open WebSockets are then closed
/// with 1001.
public struct APIServer: Service {
    private let application: Application<RouterResponder<APIContext>>
    /// Every operation there is, with who gets to it.
    let entries: [ResourceTable.Entry]
    /// Every operation that is served, as `GET /6/streams/{stream_id}`.
    public let operations: [String]
    public func run() async throws { try await application.run() }

    fileprivate init(_ application: Application<RouterResponder<APIContext>>, _ table: ResourceTable) {
        (self.application, entries, operations) = (application, table.entries, table.operations)
    }
}

/// Puts the API together: which resources there are, and what they work with.
/// - Parameters:
///   - daemon: what is told of the daemon around the API.
///   - onRunning: told the port once connections are accepted.
public func buildAPI(
    store: Store, identity: Identity, hub: EventHub, catalogue: AnalyticCatalogue, daemon: DaemonView,
    settings: APISettings = APISettings(), logger: Logger,
    onRunning: @escaping @Sendable (Int) async -> Void = { _ in }
) -> APIServer {
    let services = Services(
        store: store, identity: identity, hub: hub, catalogue: catalogue, daemon: daemon, settings: settings)
    let router = Router(context: APIContext.self)
    router.add(middleware: Envelope(metrics: services.metrics))
    let table = ResourceTable(router: router)
    let feed = StreamFeed(services: services, logger: logger)
    StreamRoutes(services: services).add(to: table)
    StreamLogRoutes(services: services).add(to: table)
    GroupRoutes(services: services).add(to: table)
    LinkerRoutes(services: services).add(to: table)
    feed.add(to: table)
    AnalyticRoutes(services: services).add(to: table)
    HealthRoutes(services: services).add(to: table)
    MetricsRoutes(services: services).add(to: table)
    ServiceRoutes(services: services).add(to: table)
    AccountRoutes(services: services).add(to: table)
    TokenRoutes(services: services).add(to: table)
    CredentialRoutes(services: services).add(to: table)

    var configuration = ConnectionConfiguration()
    configuration.bodyLimit = settings.bodyLimit
    configuration.idleTimeout = settings.idleTimeout
    configuration.pingInterval = settings.pingInterval
    configuration.onUnreadableRequest = { [metrics = services.metrics] in metrics.record(nil, nil, $0, in: .zero) }
    return APIServer(
        Application(
            router: router,
            server: .http1WithWebSocket(configuration, open: feed.open),
            configuration: ApplicationConfiguration(
                address: .hostname(settings.host, port: settings.port),
                availableConnectionsDelegate: MaximumAvailableConnections(settings.connectionLimit, logger: logger)),
            onServerRunning: { await onRunning($0.localAddress?.port ?? settings.port) },
            logger: logger), table)
}
