import Analytics
import DecodeWorker
import Foundation
import Frames
import JSON
import Media
import Models
import Pipeline
import Records
import Scene
public import Setup
import Synchronization

/// `sightline bench`: what this machine can do, and how near the pipeline comes to it. All in one run, so that the
/// ratios hold whatever else the machine is doing.
public struct Benchmark: Sendable {
    /// One count of streams.
    public struct Row: Sendable {
        public var streams: Int
        /// Frames per second, all streams together: decoding alone, inference alone, the whole pipeline.
        public var decode, inference, pipeline: Double
        /// Processor time of the whole pipeline per frame, in all processes [ms].
        public var cpuPerFrame: Double
        /// From packet to the last event of its frame being taken [ms].
        public var latencyP50, latencyP99: Double
        /// Memory at the end of the row, in all processes: proportional set size [MB].
        public var megabytes: Double

        /// What a machine that did nothing but decode and infer would reach: 1 / (decode + inference) time per frame.
        public var limit: Double { 1 / (1 / decode + 1 / inference) }
        public var share: Double { pipeline / limit }
    }

    let settings: Settings
    private let clip: String
    private let maximumStreams: Int
    let seconds: Double
    var specification: SourceSpecification { SourceSpecification(kind: .file, reference: clip) }

    /// - Parameter clip: a path; `nil` takes the project's own sample.
    /// - Throws: `FileError` when it is not there.
    public init(settings: Settings, clip: String?, maximumStreams: Int, seconds: Double) throws {
        let path = clip ?? settings.installation.sampleClip.path
        guard FileManager.default.isReadableFile(atPath: path) else { throw FileError.cannotRead(path: path) }
        (self.settings, self.clip, self.maximumStreams, self.seconds) = (settings, path, maximumStreams, seconds)
    }

    /// - Parameter onRow: called as each count of streams is done: 1, 2, 4 … and the maximum.
    public func run(onRow: @escaping @Sendable (Row) -> Void) async throws -> [Row] {
        let catalogue = try AnalyticCatalogue(
            directory: settings.installation.analytics, abilities: settings.abilities)
        let models = ModelLibrary(settings.models)
        let finder = try await models.keepDefault().finder
        var media = settings.media
        media.allowsAnyPath = true
        let workshop = Workshop(
            opener: SourceOpener(media), models: models, estimators: models, catalogue: catalogue,
            tracker: settings.tracker)
        var counts = Array(sequence(first: 1) { $0 * 2 }.prefix { $0 < maximumStreams })
        counts.append(maximumStreams)
        var rows: [Row] = []
        for count in counts {
            let decode = try await measure(count, seconds: seconds) { deadline, _ in
                try await self.decodeOnly(workshop.opener, until: deadline)
            }
            let inference = try await measure(count, seconds: seconds) { deadline, _ in
                try await self.inferOnly(finder, until: deadline)
            }
            let pipeline = try await measure(count, seconds: seconds) { deadline, latencies in
                try await self.wholePipeline(workshop, until: deadline, latencies)
            }
            let row = Row(
                streams: count, decode: decode.framesPerSecond, inference: inference.framesPerSecond,
                pipeline: pipeline.framesPerSecond, cpuPerFrame: pipeline.cpuPerFrame,
                latencyP50: pipeline.latency(0.5), latencyP99: pipeline.latency(0.99),
                megabytes: ProcessFamily.megabytes)
            onRow(row)
            rows.append(row)
        }
        return rows
    }

    struct Measurement {
        var frames = 0
        /// Seconds.
        var elapsed = 0.0, cpu = 0.0
        var latencies: [Double] = []
        var framesPerSecond: Double { Double(frames) / elapsed }
        var cpuPerFrame: Double { cpu / Double(max(1, frames)) * 1000 }
        /// Milliseconds.
        func latency(_ quantile: Double) -> Double {
            guard !latencies.isEmpty else { return 0 }
            return latencies.sorted()[min(latencies.count - 1, Int(quantile * Double(latencies.count)))] * 1000
        }
        static func += (sum: inout Self, more: Self) {
            sum.frames += more.frames
            sum.elapsed += more.elapsed
            sum.cpu += more.cpu
            sum.latencies += more.latencies
        }
    }

    /// Runs `body` in `count` tasks at once until the time is over; each says how many frames it did.
    func measure(
        _ count: Int, seconds: Double,
        _ body: @escaping @Sendable (ContinuousClock.Instant, Latencies) async throws -> Int
    ) async throws -> Measurement {
        let latencies = Latencies()
        let cpu = ProcessFamily.cpuSeconds
        let start = ContinuousClock.now
        let deadline = start + .seconds(seconds)
        let frames = try await withThrowingTaskGroup(of: Int.self) { group in
            for _ in 0..<count { group.addTask { try await body(deadline, latencies) } }
            return try await group.reduce(0, +)
        }
        return Measurement(
            frames: frames, elapsed: (ContinuousClock.now - start).seconds, cpu: ProcessFamily.cpuSeconds - cpu,
            latencies: latencies.values)
    }

    /// The clip again and again until the deadline, but once at least: a rate is told of what was done.
    /// - Parameter body: plays it once and says how many frames it had.
    private func eachRound(
        until deadline: ContinuousClock.Instant, _ body: (SourceSpecification) async throws -> Int
    ) async throws -> Int {
        var frames = 0
        repeat { frames += try await body(specification) } while ContinuousClock.now < deadline
        return frames
    }

    func decodeOnly(
        _ opener: any FrameSourceOpener, until deadline: ContinuousClock.Instant
    ) async throws -> Int {
        try await eachRound(until: deadline) { clip in
            let source = try await opener.open(clip, rates: [.frames(1)])
            defer { source.cancel() }
            var frames = 0
            while try await source.next() != nil {
                frames += 1
                if ContinuousClock.now >= deadline { break }
            }
            return frames
        }
    }

    private func inferOnly(_ finder: NetworkFinder, until deadline: ContinuousClock.Instant) async throws -> Int {
        var frames = 0
        repeat {
            try await finder.runEmpty()
            frames += 1
        } while ContinuousClock.now < deadline
        return frames
    }

    func wholePipeline(
        _ workshop: Workshop, until deadline: ContinuousClock.Instant, _ latencies: Latencies
    ) async throws -> Int {
        let plan = try await workshop.prepare(
            AnalyticCatalogue.followingNames.prefix(1).map { AnalyticChoice(name: $0) })
        return try await eachRound(until: deadline) { clip in
            let planned = try await workshop.open(clip, for: plan)
            defer { planned.source.cancel() }
            let stopwatch = Stopwatch(source: planned.source, deadline: deadline, latencies: latencies)
            var pipeline = workshop.pipeline(of: planned, sink: DiscardingSink(), taps: [stopwatch])
            do { try await pipeline.run() } catch is CancellationError {}
            return stopwatch.frames
        }
    }
}

/// Notes when each frame is done, and ends its source at the deadline.
private final class Stopwatch: FrameTap {
    private let source: any FrameSource
    private let deadline: ContinuousClock.Instant
    private let latencies: Latencies
    private let count = Atomic(0)
    var frames: Int { count.load(ordering: .relaxed) }

    init(source: any FrameSource, deadline: ContinuousClock.Instant, latencies: Latencies) {
        (self.source, self.deadline, self.latencies) = (source, deadline, latencies)
    }
    func take(_ frame: Frame, _ results: [AnalyticResult]) {
        latencies.add(Date().timeIntervalSince(frame.time.wallClock))
        count.add(1, ordering: .relaxed)
        if ContinuousClock.now >= deadline { source.cancel() }
    }
}

final class Latencies: Sendable {
    private let seconds = Mutex<[Double]>([])
    var values: [Double] { seconds.withLock { $0 } }
    func add(_ value: Double) { seconds.withLock { $0.append(value) } }
}

private struct DiscardingSink: EventSink {
    func record(_ updates: [AnalyticUpdates]) {}
    func fail(_ analytic: EventOrigin, _ reason: String) {}
}

// MARK: How it is told

extension Benchmark {
    public static let header =
        "streams  decode fps  inference fps  pipeline fps  limit fps  share  at 25 fps  CPU ms/frame  p50 ms  p99 ms  PSS MB"

    /// The least share among the rows that load every core, which is what the machine would run in earnest.
    public static func verdict(_ rows: [Row]) -> String {
        let cores = ProcessInfo.processInfo.activeProcessorCount
        let loaded = rows.filter { $0.streams >= cores }
        let share = (loaded.isEmpty ? rows : loaded).map(\.share).min() ?? 0
        var lines = [String(format: "share of limit: %.2f", share)]
        if let first = rows.first, let best = rows.max(by: { $0.pipeline < $1.pipeline }) {
            let perCore = { (row: Row) in row.pipeline / 25 / Double(cores) }
            lines.append(
                String(
                    format: "streams of 25 fps per core: %.2f with %d, %.2f with %d", perCore(first), first.streams,
                    perCore(best), best.streams))
        }
        return lines.joined(separator: "\n")
    }

    public static func json(_ rows: [Row], _ isolation: IsolationCost) -> String {
        let object: JSONValue = [
            "cores": .integer(Int64(ProcessInfo.processInfo.activeProcessorCount)), "rows": .array(rows.map(\.json)),
            "isolation": isolation.json,
        ]
        return object.text
    }
}

extension Benchmark.Row {
    public var text: String {
        String(
            format: "%7d %11.1f %14.1f %13.1f %10.1f %6.2f %10.1f %13.2f %7.1f %7.1f %7.0f", streams, decode,
            inference, pipeline, limit, share, pipeline / 25, cpuPerFrame, latencyP50, latencyP99, megabytes)
    }

    fileprivate var json: JSONValue {
        func rounded(_ value: Double) -> JSONValue { .number((value * 1000).rounded() / 1000) }
        return [
            "streams": .integer(Int64(streams)), "decode_fps": rounded(decode), "inference_fps": rounded(inference),
            "pipeline_fps": rounded(pipeline), "limit_fps": rounded(limit), "share_of_limit": rounded(share),
            "streams_at_25_fps": rounded(pipeline / 25), "cpu_ms_per_frame": rounded(cpuPerFrame),
            "latency_p50_ms": rounded(latencyP50), "latency_p99_ms": rounded(latencyP99),
            "pss_mb": rounded(megabytes),
        ]
    }
}
