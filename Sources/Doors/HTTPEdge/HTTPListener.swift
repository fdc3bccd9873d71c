import Hummingbird
import HummingbirdCore
public import Logging
import NIOCore
public import ServiceLifecycle

/// A server at one address, with the doors that it opens. Runs until its task is cancelled or a graceful shutdown is asked
/// for; open WebSockets are then closed with 1001.
public struct HTTPListener: Service {
    /// Descriptors that it may hold for a moment beyond its connections.
    public static let spareDescriptors = Admission.spare
    /// Connections that the system keeps until they are accepted; it may allow fewer. A short queue makes clients come again
    /// after a second.
    private static let backlog = 4096

    private let application: Application<EdgeResponder>
    public func run() async throws { try await application.run() }

    /// - Parameters:
    ///   - doors: those with longer prefixes are asked first; exactly one has none.
    ///   - metrics: counts every request, every answer to what was none, and whatever a limit ended.
    ///   - identity: of `configuration`; without one nothing is encrypted.
    ///   - onRunning: told the port once connections are accepted.
    public init(
        _ doors: [Door], configuration: ListenerConfiguration, metrics: RequestMetrics,
        identity: ServerIdentity? = nil, logger: Logger,
        onRunning: @escaping @Sendable (Int) async -> Void = { _ in }
    ) {
        let edge = Edge(
            doors: Doors(doors), metrics: metrics, listener: configuration,
            admission: Admission(configuration, metrics: metrics.limits, logger: logger), identity: identity,
            logger: logger)
        application = Application(
            responder: EdgeResponder(edge: edge),
            server: .http1WithWebSocket(edge),
            configuration: ApplicationConfiguration(
                address: .hostname(configuration.host, port: configuration.port), backlog: Self.backlog,
                availableConnectionsDelegate: AcceptLimit(configuration.connectionLimit + Admission.spare)),
            onServerRunning: { await onRunning($0.localAddress?.port ?? configuration.port) },
            logger: logger)
    }
}
