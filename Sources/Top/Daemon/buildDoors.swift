import API
import Foundation
import HTTPEdge
import Inference
import Logging
import Models
import Pipeline
import ServiceLifecycle
import Setup
import Streams

/// Who comes in.
func buildDoors(
    _ settings: Settings, _ keep: KeepShelf, _ frame: FrameShelf, _ work: WorkShelf, logger: Logger,
    onRunning: @escaping @Sendable (Int) async -> Void
) throws -> any Service {
    let (supervisor, models) = (work.supervisor, frame.models)
    var view = DaemonView(
        documents: try Documents(folder: settings.installation.documents, viewer: settings.installation.viewer))
    view.probes = [
        HealthProbe(name: "video-manager", isVital: true) { try await supervisor.check() },
        HealthProbe(name: "video-agent") { try models.check() },
    ]
    view.streamHealth = { await supervisor.streamHealth }
    view.configuration = settings.shown(
        tracking: settings.tracker.configuration(for: frame.model.model.thresholds))
    let metrics = Metrics([
        StreamMetrics(
            hub: work.hub, statistics: { await supervisor.streamStatistics }, health: { await supervisor.streamHealth }),
        StoreMetrics(store: keep.store),
        ProcessMetrics { ProcessUsage.residentBytes },
    ])
    let api = buildAPI(
        store: keep.store, identity: keep.identity, hub: work.hub, catalogue: frame.catalogue, daemon: view,
        metrics: metrics, settings: settings.api)
    let host = settings.listener.host
    return HTTPListener([api], configuration: settings.listener, metrics: metrics.requests, logger: logger) { port in
        logger.notice("Listening", metadata: ["address": "http://\(host):\(port)"])
        await onRunning(port)
    }
}
