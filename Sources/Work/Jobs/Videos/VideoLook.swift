import Analytics
import Frames
import Inference
public import Pipeline
public import Records
import Scene

/// Looks at one video for somebody who waits for it, from its beginning to its end, and keeps nothing of it.
///
/// What is in memory is bounded: of the frames what their events tell of them, pictures only as far as the answer has them, and both by
/// how large an answer may be.
public struct VideoLook: Sendable {
    /// What is to be looked at, and for what.
    public struct Wish: Sendable {
        /// Of a file that is fetched first.
        public var source: SourceSpecification
        public var analytics: [AnalyticChoice]
        /// Whether what was found before the first damage is told. Otherwise damage is an error.
        public var allowsDamage: Bool
        public init(source: SourceSpecification, analytics: [AnalyticChoice], allowsDamage: Bool = false) {
            (self.source, self.analytics, self.allowsDamage) = (source, analytics, allowsDamage)
        }
    }
    private var workshop: Workshop
    public let configuration: JobConfiguration

    /// - Parameter workshop: where the models' other work goes first.
    public init(workshop: Workshop, configuration: JobConfiguration) {
        (self.workshop, self.configuration) = (workshop, configuration)
        self.workshop.urgency = .batch
    }

    /// - Parameters:
    ///   - meter: is told how many frames are done, of those that are expected.
    ///   - write: writes an event that is over, with its estimations and pictures.
    /// - Throws: `VideoLookError`, a `SourceFailure`, `PipelineError`; `CancellationError` soon after the calling task was cancelled.
    public func look(
        at wish: Wish, _ meter: JobMeter, write: @escaping @Sendable (Event) -> [UInt8]
    ) async throws -> VideoFindings {
        let plan = try await workshop.prepare(wish.analytics, keepsEstimations: true)
        var specification = wish.source
        (specification.endsAtDamage, specification.maximumBytes) = (true, configuration.videoSizeLimit)
        let planned = try await workshop.open(specification, for: plan)
        let source = planned.source
        defer { source.cancel() }
        meter.set(done: 0, of: source.properties.frameCount)
        try checkLength(source.properties.duration ?? 0)

        let notes = VideoNotes(
            of: source, from: specification.startTime, analytics: wish.analytics.count, configuration, meter, write)
        var pipeline = workshop.pipeline(of: planned, sink: notes, taps: [notes])
        var isDamaged = false
        do {
            try await withTaskCancellationHandler {
                try await pipeline.run()
            } onCancel: {
                source.cancel()
            }
        } catch let error as any SourceFailure where error.isDamage && wish.allowsDamage {
            isDamaged = true
        } catch {
            try Task.checkCancellation()
            if let failure = await notes.failure { throw failure }
            throw error
        }
        try Task.checkCancellation()
        if let failure = await notes.failure { throw failure }
        return await notes.findings(isDamaged: isDamaged)
    }
    private func checkLength(_ seconds: Double) throws(VideoLookError) {
        let limit = configuration.videoDurationLimit
        if .seconds(seconds) > limit { throw .tooLong(limit: limit) }
    }
}

/// Why a video was not looked at to its end, where that is due neither to the source nor to the pipeline.
public enum VideoLookError: Error, Hashable, Sendable, CustomStringConvertible {
    case tooLong(limit: Duration)
    /// What there is to tell of it has more bytes than an answer may have.
    case answerTooLarge(limit: Int)
    /// A frame could not be analysed.
    case failed(reason: String)

    public var description: String {
        switch self {
        case .tooLong(let limit):
            "The video is longer than \(limit.seconds.formatted) s (setting jobs.videosdk_duration_limit)"
        case .answerTooLarge(let limit):
            "The answer would have more than \(limit) bytes (setting jobs.videosdk_answer_limit): ask for fewer targets, "
                + "frames or pixels, or for a shorter video"
        case .failed(let reason): reason
        }
    }
}

extension Double {
    fileprivate var formatted: String { self == rounded() ? "\(Int(self))" : "\(self)" }
}

/// What was found in a video.
public struct VideoFindings: Sendable {
    /// The video as its container has it; what that does not know as it was counted.
    public var frameCount: Int
    public var duration: Double
    /// `nil` when unknown.
    public var frameRate: Double?
    /// What was looked at, in seconds on the clock of the offsets; `nil`: nothing.
    public var processed: ClosedRange<Double>?
    /// Packets and frames that could not be decoded.
    public var errorCount: Int
    /// By analytic, in the order in which these were asked for: its events as they were written, by their beginnings.
    public var events: [[[UInt8]]]
}
