import Analytics
import Frames
import Pipeline
import Records
import Scene

/// Gathers what analytics say of one video. Events are written as soon as they are over, since that takes less room.
actor VideoNotes: EventSink, FrameTap {
    /// Bytes that what is told of one frame takes at least.
    private static let leastEstimation = 32
    private struct Written {
        let begin: MediaTime
        let bytes: [UInt8]
    }

    private let source: any FrameSource
    private let startTime: Double
    private let configuration: JobConfiguration
    private let meter: JobMeter
    private let write: @Sendable (Event) -> [UInt8]
    private var events: [[Written]]
    /// Of the events that are over, and of what is kept at least for those that go on.
    private var bytesWritten = 0, bytesDue = 0
    private var lastFrame: FrameTime?
    /// Why it is of no use to go on.
    private(set) var failure: VideoLookError?

    init(
        of source: any FrameSource, from startTime: Double, analytics: Int, _ configuration: JobConfiguration,
        _ meter: JobMeter, _ write: @escaping @Sendable (Event) -> [UInt8]
    ) {
        (self.source, self.startTime, self.configuration) = (source, startTime, configuration)
        (self.meter, self.write) = (meter, write)
        events = Array(repeating: [], count: analytics)
    }

    func record(_ updates: [AnalyticUpdates]) throws {
        // After a failure only what is left of open events comes.
        guard failure == nil else { return }
        for analytic in updates {
            for update in analytic.updates {
                switch update.change {
                case .opened, .continued: bytesDue += Self.leastEstimation
                case .closed:
                    let event = update.event, bytes = write(event)
                    events[analytic.origin.index].append(Written(begin: event.begin.pts, bytes: bytes))
                    bytesWritten += bytes.count
                    bytesDue = max(0, bytesDue - event.estimations.count * Self.leastEstimation)
                }
            }
        }
        let limit = configuration.videoAnswerLimit
        if bytesWritten + bytesDue > limit { try stop(.answerTooLarge(limit: limit)) }
    }
    func fail(_ analytic: EventOrigin, _ reason: String) {
        try? stop(.failed(reason: "\(analytic.name): \(reason)"))
    }

    func take(_ frame: Frame, _ results: [AnalyticResult]) throws {
        lastFrame = frame.time
        meter.set(done: frame.time.index + 1, of: source.properties.frameCount)
        let limit = configuration.videoDurationLimit
        if .seconds(frame.time.pts.seconds - startTime) > limit { try stop(.tooLong(limit: limit)) }
    }

    /// An answer that lacks what a frame would have shown is none, so that the first failure is the last.
    private func stop(_ error: VideoLookError) throws(VideoLookError) {
        failure = failure ?? error
        source.cancel()
        throw error
    }

    func findings(isDamaged: Bool) -> VideoFindings {
        let known = source.properties, counts = source.statistics
        let frameCount = max(known.frameCount ?? 0, counts.framesDecoded, lastFrame.map { $0.index + 1 } ?? 0)
        let end = lastFrame?.pts.seconds
        let frame = known.frameRate.flatMap { $0 > 0 ? 1 / $0 : nil } ?? 0
        let duration = known.duration ?? end.map { $0 - startTime + frame } ?? 0
        // Where it was cut off, as far as it was analysed.
        let processed = end.map { isDamaged ? $0 : max($0, startTime + duration) }
        return VideoFindings(
            frameCount: frameCount, duration: duration, frameRate: known.frameRate,
            processed: processed.map { startTime...max(startTime, $0) },
            errorCount: isDamaged ? max(1, counts.packetsCorrupt) : counts.packetsCorrupt,
            events: events.map { list in
                list.enumerated().sorted { ($0.element.begin, $0.offset) < ($1.element.begin, $1.offset) }
                    .map(\.element.bytes)
            })
    }
}
