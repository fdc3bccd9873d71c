import Foundation
import Frames
import Logging
import Pipeline
import Records
import Scene
import Synchronization

/// One stream from its start to its end, through reconnections.
final class StreamRun: Sendable {
    /// How it ended.
    enum Outcome: Sendable {
        case ended
        /// Stopped from outside: by its owner or by the daemon's shutdown.
        case stopped
        case failed(reason: String, isFatal: Bool)
    }

    let stream: StreamDefinition
    /// As what it was taken up.
    let turn: FairTurns.Kind
    private let workshop: Workshop
    private let hub: EventHub
    private let configuration: SupervisorConfiguration
    private let logger: Logger
    private let stopping = Signal()
    private struct Sources {
        /// The one that is open.
        var current: (any FrameSource)?
        /// Counts of those that came before it.
        var earlier = SourceStatistics()
    }
    private let sources = Mutex(Sources())
    private let counters = StreamCounters()
    private let watch: Mutex<StreamWatch>
    private let counting: CountTap
    private let tracing: TraceTap?
    private let viewing: ViewTap
    private let stalls = Atomic(0)
    private let opened = Atomic(false)
    private let onOpen: @Sendable () async -> Void

    /// - Parameter onOpen: called when the stream's source is open for the first time.
    init(
        _ stream: StreamDefinition, turn: FairTurns.Kind, workshop: Workshop, hub: EventHub,
        traces: TraceMemory, views: ViewBoard = ViewBoard(), configuration: SupervisorConfiguration, logger: Logger,
        onOpen: @escaping @Sendable () async -> Void
    ) {
        (self.stream, self.turn, self.workshop, self.hub) = (stream, turn, workshop, hub)
        (self.configuration, self.logger, self.onOpen) = (configuration, logger, onOpen)
        counting = CountTap(of: stream, states: hub.states) { [hub] in try await hub.keep($0) }
        tracing = traces.begin(stream) { [hub] in try await hub.keep($0) }
        viewing = ViewTap(of: stream, on: views)
        watch = Mutex(
            StreamWatch(
                isLive: stream.source.kind == .stream,
                stall: StallWatch(shortest: configuration.shortestStall, timeToLearn: configuration.stallLearningTime)))
    }

    /// Whether its source was open at any time.
    var hasOpened: Bool { opened.load(ordering: .relaxed) }

    /// Makes `run()` return soon.
    func stop() {
        stopping.raise()
        current?.cancel()
    }

    private var current: (any FrameSource)? { sources.withLock { $0.current } }
    /// What is so at the moment is of the source that is open; counts are of all, and never fall.
    var statistics: SourceStatistics {
        sources.withLock { sources in
            var sum = sources.current?.statistics ?? SourceStatistics()
            sum.add(countsOf: sources.earlier)
            return sum
        }
    }

    var streamStatistics: StreamStatistics {
        var result = counters.statistics(of: statistics)
        result.stalls = stalls.load(ordering: .relaxed)
        return result
    }
    var health: StreamHealth { watch.withLock { $0.health } }

    func run() async -> Outcome {
        // What blocks is cancelled through the source; waiting for a connection or a pause through the task.
        await withTaskGroup(of: Outcome?.self) { group in
            group.addTask { await self.work() }
            group.addTask {
                await self.stopping.wait()
                return nil
            }
            group.addTask {
                await self.watchOver()
                return nil
            }
            group.addTask {
                await self.counting.keepRepeatedly()
                return nil
            }
            group.addTask {
                await self.viewing.show()
                return nil
            }
            if let tracing = self.tracing {
                group.addTask {
                    await tracing.keepRepeatedly()
                    return nil
                }
            }
            var outcome = await group.next()!
            group.cancelAll()
            while outcome == nil, let next = await group.next() { outcome = next }
            await self.counting.keepAll()
            await self.tracing?.finish()
            return outcome ?? .stopped
        }
    }

    /// Looks after the source until the task is cancelled, and says how long it may be silent.
    private func watchOver() async {
        while (try? await Task.sleep(for: configuration.watchInterval)) != nil {
            let source = current
            let (statistics, total) = (source?.statistics, streamStatistics)
            viewing.tidy()
            let patience = watch.withLock { watch -> Duration? in
                // What was read of a source that was lost meanwhile says nothing.
                guard source === current else { return nil }
                return watch.look(statistics, total: total)
            }
            if let patience, source?.properties.segments == nil { source?.limitSilence(to: patience) }
        }
    }

    private func work() async -> Outcome {
        let started = ContinuousClock.now
        var lastFrames = ContinuousClock.now
        var pause = GrowingPause(from: configuration.reconnectDelay, upTo: configuration.maximumReconnectDelay)
        var hasDelivered = false, hasReadLiveList = false
        var timeToAnswer: Duration?
        var deaths = DecoderDeaths()
        // Held through reconnections, and its models with it.
        let plan: Plan
        do { plan = try await workshop.prepare(stream.analytics, privacy: stream.privacy) } catch {
            return stopping.isRaised ? .stopped : .failed(reason: "\(error)", isFatal: isFatal(error))
        }
        tracing?.begin(plan)
        viewing.begin(plan)
        while true {
            let began = ContinuousClock.now
            do {
                try await runOnce(plan, elapsed: began - started, &timeToAnswer, &hasReadLiveList)
                return stopping.isRaised ? .stopped : .ended
            } catch {
                if stopping.isRaised || error is CancellationError { return .stopped }
                let (reason, failure) = ("\(error)", error as? any SourceFailure)
                tracing?.lose(reason)
                var spent = ContinuousClock.now - began
                if retire() > 0 {
                    (hasDelivered, lastFrames, spent) = (true, .now, .zero)
                    pause.reset()
                }
                guard stream.source.kind == .stream, let failure, failure.isTransient else {
                    return .failed(reason: reason, isFatal: isFatal(error))
                }
                if failure.endedDecoder {
                    guard deaths.add(at: .now) else {
                        return .failed(reason: DecoderDeaths.reason(reason), isFatal: true)
                    }
                } else if !hasDelivered || ContinuousClock.now - lastFrames >= configuration.reconnectPatience {
                    return .failed(reason: reason, isFatal: isFatal(error))
                }
                logger.debug("Source lost, opening it again", metadata: [LogKey.error: "\(reason)"])
                watch.withLock { $0.lose(reason, after: failure.silence) }
                if failure.silence != nil { stalls.add(1, ordering: .relaxed) }
                counters.reconnections.add(1, ordering: .relaxed)
                do {
                    if failure.endedDecoder {
                        try await DecoderDeaths.pause()
                    } else {
                        try await pause.wait(after: spent)
                    }
                } catch { return .stopped }
            }
        }
    }

    /// Only trouble of the outside world or of our own processes can pass by itself, and an unavailable video file is not such
    /// (`docs/contract/streams.md §3.9`).
    private func isFatal(_ error: any Error) -> Bool {
        if let failure = error as? any SourceFailure {
            return !failure.isOwnFault && (stream.source.kind == .file || !failure.isTransient)
        }
        if case .analysisFailing = error as? PipelineError { return false }
        return error is PipelineError
    }

    /// Opens the source and runs the pipeline on it once.
    /// - Parameters:
    ///   - elapsed: since the stream's first opening; a reopened live stream's clock goes on from there.
    ///   - timeToAnswer: the longest so far; `nil` before the source is open for the first time.
    ///   - hasReadLiveList: whether the source has been a list of segments that goes on.
    private func runOnce(
        _ plan: Plan, elapsed: Duration, _ timeToAnswer: inout Duration?, _ hasReadLiveList: inout Bool
    ) async throws {
        var request = stream.source
        request.continuesLiveList = hasReadLiveList
        if request.kind == .stream, statistics.framesDecoded > 0 { request.startTime += elapsed.seconds }
        let patience = timeToAnswer.map { max(configuration.reconnectAnswer, $0 * 2) }
        let planned = try await workshop.open(request, for: plan, answerWithin: patience)
        let source = planned.source
        if source.properties.segments == .live { hasReadLiveList = true }
        timeToAnswer = max(timeToAnswer ?? .zero, source.properties.timeToAnswer ?? .zero)
        watch.withLock { $0.open() }
        sources.withLock { $0.current = source }
        // Whoever stopped the stream while it was being opened found no source to cancel.
        if stopping.isRaised { source.cancel() }
        defer { source.cancel() }
        if !opened.exchange(true, ordering: .relaxed) { await onOpen() }
        let tap = PictureTap { [weak self] luma in self?.watch.withLock { $0.see(luma) } }
        let taps: [(any FrameTap)?] = [request.kind == .stream ? tap : nil, counting, tracing, viewing]
        var pipeline = workshop.pipeline(
            of: planned, sink: hub.sink(for: stream), taps: taps.compactMap(\.self), counters: counters)
        viewing.open(source)
        defer {
            counting.pause()
            tracing?.pause()
            viewing.pause()
        }
        try await pipeline.run()
    }

    /// Adds the current source's counts to the earlier ones and lets it go. Returns the frames that it decoded.
    private func retire() -> Int {
        sources.withLock { sources in
            guard let counts = sources.current?.statistics else { return 0 }
            sources.earlier.add(countsOf: counts)
            sources.current = nil
            return counts.framesDecoded
        }
    }
}
