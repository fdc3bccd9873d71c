import API
import Console
import DecodeWorker
import Foundation
import HTTPEdge
import Inference
import JobDoors
import Jobs
import Logging
import Media
import Models
import Notifications
import Pipeline
import Probing
import Recognition
import Records
import Scene
import ServiceLifecycle
import Setup
import Streams

/// Who comes in.
func buildDoors(
    _ settings: Settings, _ keep: KeepShelf, _ frame: FrameShelf, _ work: WorkShelf, identity: ServerIdentity?,
    log: LogMemory, logger: Logger,
    onRunning: @escaping @Sendable (Int) async -> Void
) throws -> [any Service] {
    let (supervisor, models) = (work.supervisor, frame.models)
    var view = DaemonView(
        documents: try Documents(folder: settings.installation.documents, viewer: settings.installation.viewer))
    view.probes = [
        HealthProbe(name: "video-manager", isVital: true) { try await supervisor.check() },
        HealthProbe(name: "video-agent") { try models.check() },
    ]
    view.streamHealth = { await supervisor.streamHealth }
    view.log = { log.last($0) }
    let start = ContinuousClock.now, processor = ProcessorUse()
    view.status = { [maximum = settings.streams.maximumStreams] in
        var status = SystemStatus()
        (status.uptime, status.cores) = (ContinuousClock.now - start, ProcessInfo.processInfo.activeProcessorCount)
        (status.load, status.cpuPercent) = (Machine.load, processor.percent())
        (status.memory, status.machineMemory) = (ProcessUsage.residentBytes, Machine.memory)
        (status.streamsInProgress, status.streamsMaximum) = (await supervisor.streamStatistics.count, maximum)
        return status
    }
    view.configuration = settings.shown(
        tracking: settings.tracker.configuration(for: frame.model.model.thresholds))
    let metrics = Metrics([
        StreamMetrics(
            hub: work.hub, views: work.views, maximum: settings.streams.maximumStreams, limits: frame.limits,
            statistics: { await supervisor.streamStatistics }, health: { await supervisor.streamHealth }),
        StoreMetrics(store: keep.store),
        DeliveryMetrics(store: keep.store) { [courier = work.courier] in courier.tally },
        JobMetrics(store: keep.store, engine: work.jobs),
        HandlerMetrics { [handlers = work.handlers] in handlers.droppedCount },
        ProcessMetrics { ProcessUsage.residentBytes },
    ])
    var apiSettings = settings.api
    apiSettings.maximumPixels = settings.media.maximumPixels
    apiSettings.callbackNetwork = settings.callbacks.network
    let api = buildAPI(
        store: keep.store, identity: keep.identity, hub: work.hub, traces: work.traces, views: work.views,
        jobs: work.jobs, catalogue: frame.catalogue, daemon: view,
        metrics: metrics, settings: apiSettings, decodeStill: frame.stills.decode,
        pictures: PictureTools(
            open: frame.stills.open,
            looker: work.looker,
            fetch: { [postman = HTTPPostman(settings.callbacks)] url, limit in
                try await postman.fetch(url, limit: limit)
            }),
        videos: VideoLook(workshop: frame.workshop, configuration: settings.jobs), cameras: settings.cameraFinder,
        prober: SourceProber(workshop: frame.workshop))
    let listener = settings.listener
    if identity == nil, !listener.isLoopback {
        logger.warning(
            "Passwords and pictures go unencrypted over the network: set api.certificate and api.key, or listen on loopback behind a proxy",
            metadata: ["host": "\(listener.host)"])
    }
    let jobDoors = buildJobDoors(
        settings.jobDoors, store: keep.store, identity: keep.identity, engine: work.jobs,
        versions: DetectorModel.allCases.filter { !$0.isInTiles }.map(\.rawValue),
        defaultVersion: DetectorModel.accurate.rawValue,
        callbackNetwork: settings.callbacks.network, findsFaces: settings.models.findsFaces,
        detector: frame.model.model.identity?.name ?? "own",
        documents: try JobDocuments(folder: settings.installation.documents))
    let console = openConsole(settings, beside: api, logger: logger).map { [$0] } ?? []
    let server = HTTPListener(
        [api] + console + jobDoors, configuration: listener, metrics: metrics.requests, identity: identity,
        logger: logger
    ) { port in
        logger.notice("Listening", metadata: ["address": "\(listener.scheme)://\(listener.host):\(port)"])
        await onRunning(port)
    }
    var services: [any Service] = identity.map { [CertificateReload(identity: $0, logger: logger)] } ?? []
    services.append(server)
    if settings.jobDoors.opensTagging {
        services.append(try buildTagging(settings, keep, work, metrics: metrics.requests, logger: logger))
    }
    return services
}

/// The pages at `/`; `nil` where they are switched off, or not there: then the daemon does all else that it does.
private func openConsole(_ settings: Settings, beside api: Door, logger: Logger) -> Door? {
    guard settings.console.isServed else { return nil }
    let folder = settings.installation.console
    do { return try buildConsole(folder: folder, beside: api) } catch {
        logger.warning(
            "There is no console", metadata: ["folder": "\(folder.path)", LogKey.error: "\(error)"])
        return nil
    }
}

/// The listener of the door for tags, which asks for no credentials and encrypts nothing.
private func buildTagging(
    _ settings: Settings, _ keep: KeepShelf, _ work: WorkShelf, metrics: RequestMetrics, logger: Logger
) throws -> HTTPListener {
    let door = buildTaggingDoor(
        settings.jobDoors, store: keep.store, engine: work.jobs, tagger: work.tagger,
        documents: try JobDocuments(folder: settings.installation.documents))
    let listener = settings.taggingListener
    if !listener.isLoopback {
        logger.warning(
            "Anybody who reaches jobs.tagging_address may have pictures tagged: let it be a loopback address, or one that is shielded",
            metadata: ["host": "\(listener.host)"])
    }
    return HTTPListener([door], configuration: listener, metrics: metrics, logger: logger) { port in
        logger.notice("Listening for pictures to tag", metadata: ["host": "\(listener.host)", "port": "\(port)"])
    }
}
