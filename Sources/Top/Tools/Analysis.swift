import Addresses
import Analytics
import DecodeWorker
import Foundation
import Frames
import Inference
import JSON
import Media
import Models
import Pipeline
public import Records
import Scene
public import Setup

/// `sightline analyze`: one input, no daemon.
public struct Analysis: Sendable {
    /// What is looked at, for what, and where the results go.
    public struct Specification: Sendable {
        /// A path, or an address as a stream's `reference`.
        public var input: String
        public var analytics: [AnalyticChoice]
        public var eventsFile: String?
        /// Where the pictures of the events go; `nil`: into the events.
        public var imageFolder: String?
        public var motFile: String?
        public var annotateFile: String?
        public var detectionsFile: String?
        /// Why there were events, and why there were none.
        public var whyFile: String?
        public init(
            input: String, analytics: [AnalyticChoice], eventsFile: String? = nil, imageFolder: String? = nil,
            motFile: String? = nil, annotateFile: String? = nil, detectionsFile: String? = nil,
            whyFile: String? = nil
        ) {
            (self.input, self.analytics, self.eventsFile, self.motFile) = (input, analytics, eventsFile, motFile)
            self.imageFolder = imageFolder
            (self.annotateFile, self.detectionsFile, self.whyFile) = (annotateFile, detectionsFile, whyFile)
        }
    }

    /// What is known so far; `expectedFrames` counts decoded frames.
    public struct Progress: Sendable {
        public var framesDecoded = 0
        public var framesAnalysed = 0
        public var expectedFrames: Int?
        public var people = 0
        public var elapsed: Duration = .zero
    }

    public struct Summary: Sendable {
        public var progress = Progress()
        public var width = 0, height = 0
        public var codec = ""
        public var packetsCorrupt = 0, packetsLost = 0
        /// By `event_type`.
        public var events: [String: Int] = [:]
        public var maximumPeople = 0

        /// Some lines for a person.
        public var text: String {
            let seconds = max(progress.elapsed.seconds, 1e-9)
            let rate = String(format: "%.1f", Double(progress.framesDecoded) / seconds)
            var lines = [
                "\(codec) \(width)×\(height): \(progress.framesDecoded) frames, \(progress.framesAnalysed) analysed, "
                    + "in \(String(format: "%.1f", seconds)) s (\(rate) frames per second)",
                "most people in a frame: \(maximumPeople)",
            ]
            lines += events.sorted { $0.key < $1.key }.map { "\($0.key) events: \($0.value)" }
            if events.isEmpty { lines.append("no events") }
            if packetsCorrupt > 0 { lines.append("damaged packets: \(packetsCorrupt)") }
            if packetsLost > 0 { lines.append("lost packets: \(packetsLost)") }
            return lines.joined(separator: "\n")
        }
    }

    private let settings: Settings
    private let specification: Specification

    public init(settings: Settings, specification: Specification) {
        (self.settings, self.specification) = (settings, specification)
    }

    /// Runs to the end of the input.
    /// - Parameter onProgress: called now and then, at most a few times a second.
    /// - Throws: an error whose description is one sentence for the user.
    public func run(onProgress: @escaping @Sendable (Progress) -> Void) async throws -> Summary {
        FFmpegLog.install(linesPerSecond: 0) { _ in }  // the summary counts damage; lines would tear the progress bar
        let catalogue = try AnalyticCatalogue(
            directory: settings.installation.analytics, abilities: settings.abilities)
        var media = settings.media
        media.allowsAnyPath = true
        media.network.allowsLoopback = true
        let isLive = specification.input.hasPrefix("rtsp://") || specification.input.hasPrefix("rtsps://")
        let models = ModelLibrary(settings.models)
        let workshop = Workshop(
            opener: SourceOpener(media), models: models, estimators: models, catalogue: catalogue,
            tracker: settings.tracker, urgency: .batch)
        var plan = try await workshop.prepare(specification.analytics)
        // The video that is drawn into shows what analytics found.
        plan.hideWhatAnyAnalyticHides()
        guard specification.annotateFile == nil || !plan.showsNothing else { throw AnalysisError.nothingToAnnotate }
        let planned = try await workshop.open(
            SourceSpecification(kind: isLive ? .stream : .file, reference: specification.input), for: plan)
        let source = planned.source
        let output = try AnalysisOutput(
            specification, source: source, plan: plan, onProgress: onProgress)
        var pipeline = workshop.pipeline(of: planned, sink: output, taps: [output])
        // Stopped by the user or by a source that fails after hours: what was found so far is written out in either case.
        var failure: (any Error)?
        await withTaskCancellationHandler {
            do { try await pipeline.run() } catch is CancellationError {} catch { failure = error }
        } onCancel: {
            source.cancel()
        }
        let summary = try await output.finish()
        if let failure { throw failure }
        return summary
    }
}

/// Why something cannot be analysed as it was asked for; each case is one sentence.
public enum AnalysisError: Error, Hashable, Sendable, CustomStringConvertible {
    case nothingToAnnotate

    public var description: String {
        switch self {
        case .nothingToAnnotate: "--annotate has no pictures to draw into: the privacy of an analytic is 'counts_only'."
        }
    }
}

extension AnalyticChoice {
    /// An analytic with the object that a stream carries as its `parameters`.
    /// - Parameter parametersFile: JSON; `nil` means the defaults.
    /// - Throws: `FileError`.
    public init(name: String, parametersFile: String?) throws {
        guard let parametersFile else {
            self.init(name: name)
            return
        }
        guard let data = FileManager.default.contents(atPath: parametersFile) else {
            throw FileError.cannotRead(path: parametersFile)
        }
        guard let value = try? JSONValue(parsing: data) else { throw FileError.notJSON(path: parametersFile) }
        self.init(name: name, parameters: value)
    }
}
