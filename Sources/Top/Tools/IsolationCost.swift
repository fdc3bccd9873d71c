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
import Setup

/// What it costs to decode in processes of their own, against the same in this one: both in one run, by turns.
public struct IsolationCost: Sendable {
    /// One way to decode.
    struct Way {
        /// All turns together: decoding alone, and the whole pipeline.
        var decode = Benchmark.Measurement(), pipeline = Benchmark.Measurement()
        /// What an open source takes of the machine's memory, in all processes: proportional set size [MB].
        var megabytes = 0.0
    }
    var streams: Int
    var apart = Way(), here = Way()
    /// From the picture before a worker's death to the one after it [ms].
    var restart = 0.0

    private func ratio(_ measurement: KeyPath<Way, Benchmark.Measurement>) -> (rate: Double, cpu: Double) {
        let (apart, here) = (apart[keyPath: measurement], here[keyPath: measurement])
        return (apart.framesPerSecond / here.framesPerSecond, apart.cpuPerFrame / here.cpuPerFrame)
    }

    public var text: String {
        let decode = ratio(\.decode), pipeline = ratio(\.pipeline)
        return String(
            format: """
                isolation, %d streams, against decoding in the same process:
                  decoding: %.3f of the frames (%.1f and %.1f fps), %.3f of the CPU time per frame (%.3f and %.3f ms)
                  pipeline: %.3f of the frames (%.1f and %.1f fps), %.3f of the CPU time per frame (%.2f and %.2f ms)
                  memory a stream: %.1f MB against %.1f MB; from a crash to the next picture: %.0f ms
                """,
            streams, decode.rate, apart.decode.framesPerSecond, here.decode.framesPerSecond, decode.cpu,
            apart.decode.cpuPerFrame, here.decode.cpuPerFrame, pipeline.rate, apart.pipeline.framesPerSecond,
            here.pipeline.framesPerSecond, pipeline.cpu, apart.pipeline.cpuPerFrame, here.pipeline.cpuPerFrame,
            apart.megabytes, here.megabytes, restart)
    }
    var json: JSONValue {
        func rounded(_ value: Double) -> JSONValue { .number((value * 1000).rounded() / 1000) }
        let decode = ratio(\.decode), pipeline = ratio(\.pipeline)
        return [
            "streams": .integer(Int64(streams)), "decode_fps_ratio": rounded(decode.rate),
            "decode_cpu_ratio": rounded(decode.cpu), "pipeline_fps_ratio": rounded(pipeline.rate),
            "pipeline_cpu_ratio": rounded(pipeline.cpu), "stream_mb": rounded(apart.megabytes),
            "stream_in_process_mb": rounded(here.megabytes), "restart_ms": rounded(restart),
        ]
    }
}

extension Benchmark {
    /// Turns are short, so that both ways have their share of whatever else the machine is doing.
    private static let longestTurn = 2.0
    /// Sources that are open at once while their memory is measured, and the pictures that each has shown.
    private static let openSources = 8, shownPictures = 30

    /// - Parameter count: of streams at once.
    public func isolationCost(streams count: Int) async throws -> IsolationCost {
        let catalogue = try AnalyticCatalogue(
            directory: settings.installation.analytics, abilities: settings.abilities)
        let models = ModelLibrary(settings.models)
        _ = try await models.keepDefault()
        let ways: [(WritableKeyPath<IsolationCost, IsolationCost.Way>, SourceOpener)] = [
            (\.apart, opener(.worker)), (\.here, opener(.none)),
        ]
        var cost = IsolationCost(streams: count)
        let length = min(seconds, Self.longestTurn)
        for turn in 0..<max(2, Int(seconds)) {
            for (way, opener) in turn % 2 == 0 ? ways : ways.reversed() {
                let workshop = Workshop(opener: opener, models: models, catalogue: catalogue, tracker: settings.tracker)
                cost[keyPath: way].decode += try await measure(count, seconds: length) { deadline, _ in
                    try await self.decodeOnly(opener, until: deadline)
                }
                cost[keyPath: way].pipeline += try await measure(count, seconds: length) { deadline, latencies in
                    try await self.wholePipeline(workshop, until: deadline, latencies)
                }
            }
        }
        for (way, opener) in ways { cost[keyPath: way].megabytes = try await megabytes(opener) }
        cost.restart = try await restart()
        return cost
    }

    private func opener(_ isolation: MediaConfiguration.Isolation) -> SourceOpener {
        var media = settings.media
        (media.allowsAnyPath, media.isolation) = (true, isolation)
        return SourceOpener(media)
    }
    private func shown(_ opener: SourceOpener) async throws -> any FrameSource {
        let source = try await opener.open(specification, rates: [.frames(1)])
        for _ in 0..<Self.shownPictures { _ = try await source.next() }
        return source
    }

    /// What one more source takes.
    private func megabytes(_ opener: SourceOpener) async throws -> Double {
        // What the first takes all others share.
        let first = try await shown(opener)
        defer { first.cancel() }
        let before = ProcessFamily.megabytes
        var sources: [any FrameSource] = []
        defer { for source in sources { source.cancel() } }
        for _ in 0..<Self.openSources { sources.append(try await shown(opener)) }
        return (ProcessFamily.megabytes - before) / Double(Self.openSources)
    }

    private func restart() async throws -> Double {
        var opener = opener(.worker)
        opener.trap = WorkerTrap(.crash, at: Self.shownPictures, times: 1)
        let source = try await shown(opener)
        defer { source.cancel() }
        let death = ContinuousClock.now
        _ = try await source.next()
        return (ContinuousClock.now - death).seconds * 1000
    }
}
