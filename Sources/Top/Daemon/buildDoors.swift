import API
import Foundation
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
    view.streams = { await supervisor.streamStatistics }
    view.residentBytes = { ProcessUsage.residentBytes }
    view.parts = [
        DaemonView.Part(name: "video-manager") { try await supervisor.check() },
        DaemonView.Part(name: "video-agent") { try models.check() },
    ]
    view.configuration = settings.shown(
        tracking: settings.tracker.configuration(for: frame.model.model.thresholds))
    let host = settings.api.host
    return buildAPI(
        store: keep.store, identity: keep.identity, hub: work.hub, catalogue: frame.catalogue, daemon: view,
        settings: settings.api, logger: logger,
        onRunning: { port in
            logger.notice("Listening", metadata: ["address": "http://\(host):\(port)"])
            await onRunning(port)
        })
}
