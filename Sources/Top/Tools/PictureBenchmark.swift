import DecodeWorker
import Foundation
import Media
import Models
import Recognition
public import Setup

/// How fast pictures are decoded and looked at for people one by one: what batches of them are measured against.
public struct PictureBenchmark: Sendable {
    public struct Result: Sendable {
        public let pictures: Int
        /// For one of them.
        public let decoding, looking: Duration

        /// A line for a person.
        public var text: String {
            func milliseconds(_ time: Duration) -> String { String(format: "%.2f", time / .milliseconds(1)) }
            let rate = String(format: "%.1f", 1 / ((decoding + looking) / .seconds(1)))
            return
                "\(pictures) pictures one by one: decoding \(milliseconds(decoding)) ms, looking \(milliseconds(looking)) ms each, \(rate) per second"
        }
    }
    private let settings: Settings
    private let folder: String

    /// - Parameter folder: of pictures.
    public init(settings: Settings, folder: String) { (self.settings, self.folder) = (settings, folder) }

    /// Goes through all of them once, after a few that load what is loaded once.
    /// - Throws: an error whose description is one sentence for the user.
    public func run() async throws -> Result {
        FFmpegLog.install(linesPerSecond: 0) { _ in }
        let names = try FileManager.default.contentsOfDirectory(atPath: folder).sorted()
        let looker = PictureLooker(models: ModelLibrary(settings.models), findsFaces: false)
        let stills = SourceOpener(settings.media).stills
        let wishes = StillWishes(maximumPixels: settings.media.maximumPixels)
        var decoding = Duration.zero, looking = Duration.zero
        for (index, name) in (names.prefix(5) + names).enumerated() {
            let bytes = [UInt8](try Data(contentsOf: URL(fileURLWithPath: folder).appending(path: name)))
            let start = ContinuousClock.now
            let still = try stills.open(bytes, wishes)
            let decoded = ContinuousClock.now
            _ = try await looker.people(in: still)
            guard index >= 5 else { continue }
            decoding += decoded - start
            looking += .now - decoded
        }
        let count = max(1, names.count)
        return Result(pictures: names.count, decoding: decoding / count, looking: looking / count)
    }
}
