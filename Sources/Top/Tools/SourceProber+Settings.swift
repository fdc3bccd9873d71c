import Addresses
import Analytics
import DecodeWorker
import Media
import Models
import Pipeline
public import Probing
public import Setup

extension SourceProber {
    /// For a source that whoever runs the command may read anyway.
    /// - Throws: `FileError` and whatever is wrong with the catalogue of analytics.
    public init(settings: Settings) throws {
        FFmpegLog.install(linesPerSecond: 0) { _ in }  // the report tells what is wrong
        let catalogue = try AnalyticCatalogue(
            directory: settings.installation.analytics, abilities: settings.abilities)
        var media = settings.media
        media.allowsAnyPath = true
        media.network.allowsLoopback = true
        self.init(
            workshop: Workshop(
                opener: SourceOpener(media), models: ModelLibrary(settings.models), catalogue: catalogue,
                tracker: settings.tracker))
    }
}
