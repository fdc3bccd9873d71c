import Covering
import DecodeWorker
import Foundation
import Frames
import Inference
import JSON
import Media
import Models
import Pipeline
import Recognition
import Records
public import Scene
public import Setup

/// `sightline analyze --blur`: one video, written again with people covered and its sound as it was.
///
/// It is looked at twice. First everybody is found, by looks at some of the frames (`VideoLooks`); then, when it is known who is where before,
/// between and after these, it is covered and written. Nothing but boxes is kept between.
public struct Blurring: Sendable {
    /// What is covered, and where that goes.
    public struct Specification: Sendable {
        /// A path.
        public var input: String
        public var privacy: Privacy
        public var outputFile: String
        /// Where each frame was covered, one line for each.
        public var placesFile: String?
        public init(input: String, privacy: Privacy, outputFile: String, placesFile: String? = nil) {
            (self.input, self.privacy) = (input, privacy)
            (self.outputFile, self.placesFile) = (outputFile, placesFile)
        }
    }

    public struct Summary: Sendable {
        public var progress = Analysis.Progress()
        var frames = 0
        /// In how many of them something is covered.
        var coveredFrames = 0
        var sound = VideoWriter.Sound.none

        /// Some lines for a person.
        public var text: String {
            let seconds = max(progress.elapsed.seconds, 1e-9)
            var lines = [
                "\(frames) frames in \(String(format: "%.1f", seconds)) s; people are covered in \(coveredFrames)"
            ]
            switch sound {
            case .none: lines.append("no sound")
            case .kept(let codec): lines.append("sound: \(codec), as it was")
            case .left(let codec): lines.append("sound: \(codec), which an MP4 does not hold, is left out")
            }
            return lines.joined(separator: "\n")
        }
    }

    private let settings: Settings
    private let specification: Specification
    public init(settings: Settings, specification: Specification) {
        (self.settings, self.specification) = (settings, specification)
    }

    /// Runs to the end of the input.
    /// - Parameter onProgress: called now and then, at most a few times a second; counts the frames of both looks.
    /// - Throws: an error whose description is one sentence for the user.
    public func run(onProgress: @escaping @Sendable (Analysis.Progress) -> Void) async throws -> Summary {
        FFmpegLog.install(linesPerSecond: 0) { _ in }
        guard !specification.input.contains("://") else { throw BlurringError.notAFile }
        guard specification.privacy.mode != .faces || settings.models.findsFaces else { throw BlurringError.noFaces }
        var report = Report(onProgress)
        let coverer = try await coverer()
        let covers = try await find(coverer, &report)
        return try await write(covers, coverer, &report)
    }

    private var opener: SourceOpener {
        var media = settings.media
        media.allowsAnyPath = true
        return SourceOpener(media)
    }
    private func open() async throws -> any FrameSource {
        try await opener.open(
            SourceSpecification(kind: .file, reference: specification.input), rates: [.frames(1)])
    }

    // MARK: The two looks

    private func coverer() async throws -> PeopleCoverer {
        let library = ModelLibrary(settings.models)
        let bodies = try await library.model(.people(nil))
        guard specification.privacy.mode == .faces else { return coverer([target(bodies, \.coverOfBody)]) }
        return coverer([target(try await library.model(.faces), \.coverOfFace), target(bodies, \.coverOfHead)])
    }
    private func coverer(_ targets: [PeopleCoverer.Target]) -> PeopleCoverer {
        PeopleCoverer(targets, by: specification.privacy.methodInForce)
    }
    private func target(
        _ model: LoadedModel, _ place: @escaping @Sendable (BoundingBox) -> BoundingBox
    ) -> PeopleCoverer.Target {
        PeopleCoverer.Target(
            model, sureFrom: model.thresholds.confidence,
            tracker: settings.tracker.configuration(for: model.thresholds), place: place)
    }

    private func find(_ coverer: PeopleCoverer, _ report: inout Report) async throws -> [[Cover]] {
        let source = try await open()
        defer { source.cancel() }
        report.expect(source.properties.frameCount)
        return try await coverer.covers(of: source) { report.step(people: $0) }
    }

    private func write(
        _ covers: [[Cover]], _ coverer: PeopleCoverer, _ report: inout Report
    ) async throws -> Summary {
        let source = try await open()
        defer { source.cancel() }
        let properties = source.properties
        let writer = try VideoWriter(
            path: specification.outputFile, size: properties.size, frameRate: properties.frameRate ?? 25,
            sound: try opener.sounds.open(specification.input))
        let lines = try specification.placesFile.map(LineFile.init(path:))
        var summary = Summary()
        try await coverer.write(covers, from: source, to: writer) { time, here in
            try lines?.write(Self.line(time, here))
            summary.frames += 1
            if !here.isEmpty { summary.coveredFrames += 1 }
            report.step(people: here.count)
        }
        try writer.finish()
        try lines?.close()
        (summary.progress, summary.sound) = (report.finished(), writer.sound)
        return summary
    }

    private static func line(_ time: FrameTime, _ places: [BoundingBox]) -> String {
        func pixels(_ value: Float) -> JSONValue { .number((Double(value) * 100).rounded() / 100) }
        let covered: [JSONValue] = places.map { box in
            [
                "x": pixels(box.minX), "y": pixels(box.minY), "width": pixels(box.width),
                "height": pixels(box.height),
            ]
        }
        let line: JSONValue = [
            "frame": .integer(Int64(time.index + 1)),
            "time_offset": .number((time.pts.seconds * 1000).rounded() / 1000), "covered": .array(covered),
        ]
        return line.text
    }

    /// How far both looks have come.
    private struct Report {
        private let onProgress: @Sendable (Analysis.Progress) -> Void
        private let started = ContinuousClock.now
        private var last: ContinuousClock.Instant?
        private var progress = Analysis.Progress()
        init(_ onProgress: @escaping @Sendable (Analysis.Progress) -> Void) { self.onProgress = onProgress }

        mutating func expect(_ frames: Int?) { progress.expectedFrames = frames.map { $0 * 2 } }
        mutating func step(people: Int) {
            progress.framesDecoded += 1
            progress.people = people
            let now = ContinuousClock.now
            if let last, now - last < .milliseconds(250) { return }
            last = now
            progress.elapsed = now - started
            onProgress(progress)
        }
        mutating func finished() -> Analysis.Progress {
            progress.elapsed = ContinuousClock.now - started
            return progress
        }
    }
}

/// Why a video could not be covered; each case is one sentence.
public enum BlurringError: Error, Hashable, Sendable, CustomStringConvertible {
    case notAFile
    case noFaces

    public var description: String {
        switch self {
        case .notAFile: "--blur looks at a video twice, so it needs a file."
        case .noFaces:
            "--blur faces needs a model that finds faces, which is not installed (make setup brings it); use --blur people."
        }
    }
}
