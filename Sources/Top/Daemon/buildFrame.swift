import Analytics
import DecodeWorker
import Foundation
import Frames
import Inference
import Logging
import Media
import Models
import Pipeline
import Setup
import Store

/// What a frame passes on its way.
struct FrameShelf: Sendable {
    let catalogue: AnalyticCatalogue
    let models: ModelLibrary
    /// The model of those who name none.
    let model: ModelLibrary.Loaded
    let workshop: Workshop
    let limits: SourceLimitCounts
    let stills: StillDecoder
    /// Opens what was downloaded or sent, and lies below `received`.
    let receivedFiles: SourceOpener
    let received: URL
    /// Opens files of objects, which lie wherever the store has them.
    let objectFiles: SourceOpener
}

/// Loads the model of the settings, which takes some seconds.
func buildFrame(_ settings: Settings, logger: Logger) async throws -> FrameShelf {
    FFmpegLog.install { logger.info("FFmpeg", metadata: ["message": "\($0)"]) }
    // What a killed process was downloading is nobody's any more.
    try? FileManager.default.removeItem(at: settings.media.downloadFolder)
    var media = settings.media
    media.isRoomForDownloads = { [reserve = settings.diskReserve, folder = media.downloadFolder] in
        reserve.isFree(on: folder)
    }
    let catalogue = try AnalyticCatalogue(
        directory: settings.installation.analytics, noopNames: settings.daemon.noopAnalytics,
        abilities: settings.abilities)
    if !settings.models.findsFaces {
        logger.notice("There is no model of faces; people are followed by their bodies where nobody says by what")
    }
    let models = ModelLibrary(settings.models)
    let model = try await models.keepDefault()
    logger.info("Model loaded", metadata: ["model": "\(model.description)"])
    let opener = SourceOpener(media)
    return FrameShelf(
        catalogue: catalogue, models: models, model: model,
        workshop: Workshop(
            opener: opener, models: models, estimators: models, catalogue: catalogue, tracker: settings.tracker),
        limits: opener.limits, stills: opener.stills,
        receivedFiles: opener.forFiles(in: media.downloadFolder), received: media.downloadFolder,
        objectFiles: opener.forAnyFile())
}
