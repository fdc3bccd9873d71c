import Analytics
import Foundation
import Frames
import Inference
import JSON
import Media
import Pipeline
import ProcessSupport
import Records
import Scene
import TestSupport
import WorkerSupport

@testable import Probing

/// A folder with films and a prober that may read them; it is deleted with this object.
final class ProbedFolder: Sendable {
    let url = FileManager.default.temporaryDirectory.appending(path: "sightline-probe-\(UUID().uuidString)")
    init() throws { try FileManager.default.createDirectory(at: url, withIntermediateDirectories: true) }
    deinit { try? FileManager.default.removeItem(at: url) }

    func ffmpeg(_ arguments: String...) throws {
        let words = arguments.flatMap { $0.split(separator: " ").map(String.init) }
        try ChildProcess.output(of: ["ffmpeg", "-v", "error", "-nostdin", "-y"] + words, in: url)
    }
    /// Five seconds, all white.
    func film(_ name: String = "film.mp4") throws {
        try ffmpeg(
            "-f lavfi -i color=c=white:s=320x240:r=25:d=5 -c:v libx264 -pix_fmt yuv420p -g 25 -keyint_min 25",
            "-sc_threshold 0 -bf 0 \(name)")
    }

    /// The brightness of each pixel of a JPEG that has 320 in a row.
    func brightness(of picture: [UInt8]) throws -> (Int, Int) -> UInt8 {
        try Data(picture).write(to: url.appending(path: "picture.jpg"))
        try ffmpeg("-i picture.jpg -vf format=gray -f rawvideo picture.raw")
        let bytes = [UInt8](try Data(contentsOf: url.appending(path: "picture.raw")))
        return { x, y in bytes[y * 320 + x] }
    }

    /// - Parameter time: a film is read long before it is over.
    func prober(
        finder: any ObjectFinder = ScriptedFinder { _ in [] }, analytics: [AnalyticEntry] = [Presence.entry()],
        time: Duration = .seconds(60), change: (inout MediaConfiguration) -> Void = { _ in }
    ) -> SourceProber {
        var configuration = MediaConfiguration()
        configuration.mediaRoots = [url]
        // A machine may be busy with all other tests.
        (configuration.openDeadline, configuration.readDeadline) = (.seconds(60), .seconds(60))
        change(&configuration)
        return SourceProber(
            workshop: Workshop(
                opener: TestWorkers.opener(configuration), models: Models(finder),
                catalogue: AnalyticCatalogue(entries: analytics)), time: time)
    }
    static func wish(
        _ reference: String, kind: SourceSpecification.Kind = .file, analytics: [String] = ["presence"],
        privacy: Privacy? = nil
    ) -> SourceProber.Wish {
        SourceProber.Wish(
            source: SourceSpecification(kind: kind, reference: reference),
            analytics: analytics.map { AnalyticChoice(name: $0) }, privacy: privacy)
    }
}
