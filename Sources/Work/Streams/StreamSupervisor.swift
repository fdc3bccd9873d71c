public import Foundation
import Frames
public import Logging
public import Pipeline
public import Records

/// Keeps the streams running that ought to run: takes pending ones, stops those that were stopped, replaced or
/// deleted, writes down how each ends, and resumes after a restart what an earlier process left.
///
/// The ledger decides and the supervisor reconciles: after every `wake()` and every few seconds it compares what runs
/// with what the ledger says, so a lost message can delay a stream but never lose it.
public actor StreamSupervisor {
    private let ledger: any StreamLedger
    private let changes: ChangeFeed
    private let workshop: Workshop
    private let hub: EventHub
    private let traces: TraceMemory
    private let views: ViewBoard
    private let configuration: SupervisorConfiguration
    private let logger: Logger
    private var running: [StreamVersion: StreamRun] = [:]
    private var healthLog: HealthLog
    private var progress: ProgressWatch
    private var outage = Outage()
    /// Whether some stream waits for no place but for another to be open.
    private var isHeldBack = false
    private var lastLook = ContinuousClock.now
    /// When autorestart has something to do next, and when somebody will wake us for it.
    private var nextAutorestart, alarm: Date?
    private var isShuttingDown = false
    private let wakes: AsyncStream<Void>
    private let waker: AsyncStream<Void>.Continuation

    /// - Parameters:
    ///   - changes: tells when the ledger's streams may have changed.
    ///   - workshop: puts the pipelines together.
    ///   - hub: where their events go.
    ///   - traces: what is remembered of their frames.
    ///   - views: where their frames are shown.
    public init(
        ledger: any StreamLedger, changes: ChangeFeed, workshop: Workshop, hub: EventHub,
        traces: TraceMemory = TraceMemory(), views: ViewBoard = ViewBoard(), configuration: SupervisorConfiguration,
        logger: Logger
    ) {
        (self.ledger, self.changes, self.workshop, self.hub) = (ledger, changes, workshop, hub)
        (self.traces, self.views) = (traces, views)
        (self.configuration, self.logger, healthLog) = (configuration, logger, HealthLog(logger))
        progress = ProgressWatch(patience: configuration.advancePatience)
        (wakes, waker) = AsyncStream.makeStream(bufferingPolicy: .bufferingNewest(1))
    }

    /// Says that streams may have changed. Never waits.
    public nonisolated func wake() { waker.yield() }

    /// Ends `run()`: streams are stopped and their open events closed; the ledger keeps them `in_progress`, so that the
    /// next start resumes them.
    public nonisolated func shutDown() { waker.finish() }

    /// Counts of all streams that run now; of one that was just replaced, those of its newest version.
    public var streamStatistics: [UUID: StreamStatistics] {
        newest.mapValues(\.streamStatistics)
    }
    /// What is wrong with the streams that run now; those that are well are left out.
    public var streamHealth: [UUID: StreamHealth] {
        newest.mapValues(\.health).filter { !$0.value.troubles.isEmpty }
    }
    private var newest: [UUID: StreamRun] {
        Dictionary(running.values.map { ($0.stream.id, $0) }) { a, b in a.stream.version > b.stream.version ? a : b }
    }

    /// Why streams are not supervised at this moment.
    public enum Trouble: Error, Hashable, Sendable, CustomStringConvertible {
        case notRunning
        /// The ledger could not be read or written when streams were last compared with it.
        case cannotReconcile
        /// Frames wait to be analysed, and none is.
        case nothingAdvances
        public var description: String {
            switch self {
            case .notRunning: "the supervisor of the streams does not run"
            case .cannotReconcile: "the streams cannot be compared with the database"
            case .nothingAdvances: "no stream advances although frames wait"
            }
        }
    }
    private var trouble: Trouble? = .notRunning
    /// Returns while all is well.
    public func check() throws(Trouble) {
        if let trouble { throw trouble }
        if progress.isStuck { throw .nothingAdvances }
        if ContinuousClock.now - lastLook > max(.seconds(60), configuration.checkInterval * 5) {
            throw .cannotReconcile
        }
    }

    /// Supervises until `shutDown()` or cancellation.
    /// - Throws: what the ledger throws while an earlier process's streams are taken over.
    public func run() async throws {
        try await ledger.recoverFromUncleanStop()
        (trouble, lastLook) = (nil, .now)
        defer { trouble = .notRunning }
        await withDiscardingTaskGroup { streams in
            await withDiscardingTaskGroup { helpers in
                let changed = changes.changes { $0 == .streams }
                helpers.addTask { [waker] in for await _ in changed { waker.yield() } }
                helpers.addTask { [waker, interval = configuration.checkInterval] in
                    while (try? await Task.sleep(for: interval)) != nil { waker.yield() }
                }
                wake()
                for await _ in wakes {
                    lookAtStreams()
                    do {
                        try await reconcile(in: &streams)
                        trouble = nil
                        report(outage.works())
                        setAlarm(in: &helpers)
                    } catch {
                        trouble = .cannotReconcile
                        report(outage.fails(), error)
                    }
                }
                helpers.cancelAll()
            }
            isShuttingDown = true
            for run in running.values { run.stop() }
            streams.cancelAll()  // nobody goes on waiting for a store or a camera
        }
    }

    /// Sees that streams are looked at when autorestart has something to do, if that is before the next look.
    private func setAlarm(in helpers: inout DiscardingTaskGroup) {
        let now = Date()
        guard let due = nextAutorestart, due != alarm,
            due.timeIntervalSince(now) < configuration.checkInterval / .seconds(1)
        else { return }
        alarm = due
        helpers.addTask { [waker] in
            // Times are kept in milliseconds.
            let pause = max(0, due.timeIntervalSinceNow) + 0.001
            if (try? await Task.sleep(for: .seconds(pause))) != nil { waker.yield() }
        }
    }

    private static let turnsAtOnce = 64

    private func reconcile(in streams: inout DiscardingTaskGroup) async throws {
        // Comes first, since a database that takes no writes tells all the same who was stopped.
        let known = Set(running.keys), wanted = try await ledger.streamsInProgress()
        for (version, run) in running where !wanted.contains(version) { run.stop() }
        // A ledger whose answer was lost has taken up streams that nobody runs.
        let orphans = wanted.subtracting(known)
        if !orphans.isEmpty {
            try await ledger.putBack(orphans)
            for orphan in orphans {
                logger.warning(
                    "A stream was in progress and nobody ran it, it is taken up again",
                    metadata: [LogKey.stream: "\(orphan.id.wire)"])
            }
        }
        nextAutorestart = try await ledger.performAutorestarts(now: Date())
        isHeldBack = false
        let places = configuration.maximumStreams
        guard running.count < places else { return }
        // A stream that was replaced waits until its older version has ended, so that two never speak in one feed.
        let ids = Set(running.keys.map(\.id))
        let waiting = try await ledger.waitingStreams(limit: places).filter { !ids.contains($0.stream.id) }
        // One more than are taken tells that there are more.
        let free = min(places - running.count, Self.turnsAtOnce + 1)
        let turns = FairTurns(places: places).next(
            of: waiting, free: free, opening: running.values.filter { !$0.hasOpened }.map(\.turn))
        isHeldBack = turns.count < min(waiting.count, free)
        // Whoever stops a stream meanwhile must not wait for all of them.
        if turns.count > Self.turnsAtOnce { wake() }
        for turn in turns.prefix(Self.turnsAtOnce) {
            if let stream = try await ledger.take(turn.stream) { start(stream, turn: .init(turn), in: &streams) }
        }
    }

    private func start(_ stream: StreamDefinition, turn: FairTurns.Kind, in streams: inout DiscardingTaskGroup) {
        var logger = logger
        logger[metadataKey: LogKey.stream] = "\(stream.id.wire)"
        let run = StreamRun(
            stream, turn: turn, workshop: workshop, hub: hub, traces: traces, views: views,
            configuration: configuration, logger: logger, onOpen: opened)
        running[stream.streamVersion] = run
        hub.begin(stream.id)
        logger.debug("Stream started")
        streams.addTask { [logger] in
            let outcome = await run.run()
            await self.ended(run, outcome, logger)
        }
    }

    /// A stream's source is open for the first time, so that another may take its place among those that are being opened.
    private func opened() { if isHeldBack { wake() } }

    private func ended(_ run: StreamRun, _ outcome: StreamRun.Outcome, _ logger: Logger) async {
        let version = run.stream.streamVersion
        let statistics = run.statistics
        logger.info(
            "Stream ended",
            metadata: [
                LogKey.status: "\(outcome)", LogKey.framesDecoded: "\(statistics.framesDecoded)",
                LogKey.framesDropped: "\(statistics.framesDropped)",
                LogKey.packetsCorrupt: "\(statistics.packetsCorrupt)",
                LogKey.packetsLost: "\(statistics.packetsLost)",
            ])
        var message = LiveMessage.finished
        switch outcome {
        case .ended: await writeDown(version, .done, error: nil, isFatal: false, logger)
        case .failed(let reason, let isFatal):
            message = .failed("fatal error during stream processing: \(reason)")
            await writeDown(version, .failure, error: reason, isFatal: isFatal, logger)
        case .stopped: break
        }
        running[version] = nil
        // A stream that the daemon's own end interrupts has not finished: it goes on with the next start.
        hub.end(version.id, isShuttingDown ? nil : message)
        wake()
    }

    /// Writes down how a stream ended, however often it takes: one that is said to be `in_progress` and is not would stay so.
    private func writeDown(
        _ version: StreamVersion, _ status: StreamStatus, error: String?, isFatal: Bool, _ logger: Logger
    ) async {
        // Whoever replaces the stream meanwhile waits no longer than that.
        var pause = GrowingPause(upTo: .seconds(1)), outage = Outage()
        while true {
            do {
                _ = try await ledger.transition(
                    version, from: .inProgress, to: status, error: error, isFatal: isFatal)
                if outage.works() != nil { logger.notice("The end of the stream is written down") }
                return
            } catch {
                if outage.fails() != nil {
                    logger.error("The end of a stream could not be written down", metadata: [LogKey.error: "\(error)"])
                }
            }
            // At the daemon's own end the next start finds the stream in progress and takes it up again.
            guard !isShuttingDown, (try? await pause.wait()) != nil else { return }
        }
    }

    private func lookAtStreams() {
        lastLook = .now
        progress.look(running.mapValues(\.streamStatistics))
        healthLog.look(running.mapValues(\.health))
    }

    private func report(_ word: Outage.Word?, _ error: (any Error)? = nil) {
        var metadata: Logger.Metadata = [:]
        metadata[LogKey.error] = error.map { "\($0)" }
        switch word {
        case .begins: logger.error("Streams cannot be supervised", metadata: metadata)
        case .lasts(let duration):
            metadata[LogKey.seconds] = "\(duration.components.seconds)"
            logger.error("Streams can still not be supervised", metadata: metadata)
        case .isOver(let duration):
            metadata[LogKey.seconds] = "\(duration.components.seconds)"
            logger.notice("Streams are supervised again", metadata: metadata)
        case nil: break
        }
    }
}
