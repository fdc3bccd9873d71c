import API
import Addresses
import Analytics
import Foundation
public import Logging
import Housekeeping
import Identity
import Inference
import Media
import Models
import Pipeline
import ServiceLifecycle
import Store
import Streams
import UnixSignals

/// A daemon that is put together and waits to be run.
public struct SightlineDaemon: Sendable {
    /// Made just now, because the data directory was empty.
    public let initialAccount: InitialAccount?
    private let services: [any Service]
    private let store: Store
    private let logger: Logger

    fileprivate init(initialAccount: InitialAccount?, services: [any Service], store: Store, logger: Logger) {
        (self.initialAccount, self.services, self.store, self.logger) = (initialAccount, services, store, logger)
    }

    /// Runs until SIGTERM or SIGINT; then the server first, streams next, the database last.
    public func run() async throws {
        let group = ServiceGroup(
            services: services, gracefulShutdownSignals: [.sigterm, .sigint], logger: logger)
        do {
            try await group.run()
        } catch {
            try? store.close()
            throw error
        }
        try store.close()
    }
}

/// The parts list: everything the daemon consists of, and what each part is given.
///
/// Loads the model and opens the database, so it may take some seconds.
/// - Parameter onRunning: told the port once requests are accepted.
/// - Throws: an error whose description is one sentence for the operator.
public func buildDaemon(
    _ settings: Settings, logger: Logger, onRunning: @escaping @Sendable (Int) async -> Void = { _ in }
) async throws -> SightlineDaemon {
    FFmpegLog.install { logger.info("FFmpeg", metadata: ["message": "\($0)"]) }
    let catalogue = try AnalyticCatalogue(directory: settings.analyticsFolder, noopNames: settings.noopAnalytics)
    let store = try Store(directory: settings.dataFolder) { log($0, to: logger) }
    // What a killed process was downloading is nobody's any more.
    try? FileManager.default.removeItem(at: settings.media.downloadFolder)
    let models = ModelLibrary(settings.models)
    let model = try await models.keepDefault()
    let identity = Identity(store: store)
    let initialAccount = try await InitialAccount.create(in: store, identity, folder: settings.dataFolder)
    logger.info("Model loaded", metadata: ["model": "\(model.description)"])

    let hub = EventHub(log: store) { error in
        logger.error("Events cannot be stored, streams wait", metadata: [LogKey.error: "\(error)"])
    }
    let supervisor = StreamSupervisor(
        ledger: store, changes: store.changes,
        workshop: Workshop(
            opener: MediaOpener(settings.media), models: models, catalogue: catalogue, tracker: settings.tracker),
        hub: hub, configuration: settings.supervisor, logger: logger)

    var view = DaemonView(documents: try Documents(folder: settings.documentsFolder, viewer: settings.viewerFolder))
    view.streams = { await supervisor.streamStatistics }
    view.residentBytes = { ProcessUsage.residentBytes }
    view.parts = [
        DaemonView.Part(name: "video-manager") { try await supervisor.check() },
        DaemonView.Part(name: "video-agent") { try models.check() },
    ]
    view.configuration = settings.shown(tracking: settings.tracker.configuration(for: model.model.thresholds))
    let host = settings.host
    let server = buildAPI(
        store: store, identity: identity, hub: hub, catalogue: catalogue, daemon: view, settings: settings.api,
        logger: logger,
        onRunning: { port in
            logger.notice("Listening", metadata: ["address": "http://\(host):\(port)"])
            await onRunning(port)
        })
    var services: [any Service] = [SupervisorService(supervisor: supervisor), server]
    if settings.logRetention.isActive {
        services.insert(LogRetention(store: store, configuration: settings.logRetention, logger: logger), at: 0)
    }
    return SightlineDaemon(initialAccount: initialAccount, services: services, store: store, logger: logger)
}

/// Tells the operator where events are while the database is gone.
private func log(_ report: SpoolReport, to logger: Logger) {
    switch report {
    case .began(let reason):
        logger.warning("Database gone, events wait in the data directory", metadata: [LogKey.error: "\(reason)"])
    case .ended: logger.notice("Database back, all events that waited are in it")
    case .putAside(let count):
        logger.error("Events can never be stored and were put aside", metadata: ["events.count": "\(count)"])
    }
}
