import Analytics
import DecodeWorker
import Foundation
import Frames
import Inference
import JSON
import Logging
import Pipeline
import Records
import Scene
import Synchronization
import TestSupport
import Testing

@testable import Streams

/// What one run of a stream counts while its sources come and go.
struct StreamRunTests {
    private static func run(
        _ opener: any FrameSourceOpener, _ kind: SourceSpecification.Kind = .stream
    ) -> StreamRun {
        let stream = StreamDefinition(
            id: UUID(), accountID: UUID(), version: 1, source: SourceSpecification(kind: kind, reference: "camera"),
            analytics: [AnalyticChoice(name: "presence", parameters: .emptyObject)], location: .emptyObject)
        var configuration = SupervisorConfiguration()
        (configuration.reconnectDelay, configuration.maximumReconnectDelay) = (.milliseconds(1), .milliseconds(2))
        configuration.watchInterval = .milliseconds(1)
        return StreamRun(
            stream,
            turn: FairTurns.Kind(
                WaitingStream(stream.streamVersion, accountID: stream.accountID, since: .now, isRetry: false)),
            workshop: Workshop(
                opener: opener, models: Models(ScriptedFinder(walkerIn: 2..<5)),
                catalogue: AnalyticCatalogue(entries: [Presence.entry()])),
            hub: EventHub(log: NoStore()), traces: TraceMemory(), configuration: configuration,
            logger: Logger(label: "test"), onOpen: {})
    }
    /// Runs `body` beside the run, and stops that.
    private static func withRun(
        _ opener: any FrameSourceOpener, _ body: @escaping @Sendable (StreamRun) async throws -> Void
    ) async throws {
        let run = run(opener)
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask { _ = await run.run() }
            try await body(run)
            run.stop()
            try await group.waitForAll()
        }
    }

    /// Two frames, some pictures that are held, and then silence, until its own deadline ends it. It counts slowly.
    private final class Holding: FrameSource {
        private let frames: SyntheticSource
        init(_ failure: SyntheticFailure?, rates: [Rate]) {
            frames = SyntheticSource(count: 2, rates: rates, failure: failure, waitsAtEnd: failure == nil)
        }
        var properties: SourceProperties { frames.properties }
        func cancel() { frames.cancel() }
        func next() async throws -> Frame? { try await frames.next() }
        var statistics: SourceStatistics {
            usleep(200)
            var statistics = frames.statistics
            (statistics.framesWaiting, statistics.pictureBytes, statistics.silence) = (3, 1000, .seconds(9))
            return statistics
        }
    }
    /// Opens so many sources that fall silent; then `last`.
    private final class Series: FrameSourceOpener {
        private let count: Int
        private let last: @Sendable ([Rate]) async throws -> any FrameSource
        private let openings = Atomic(0)
        init(_ count: Int, last: @escaping @Sendable ([Rate]) async throws -> any FrameSource) {
            (self.count, self.last) = (count, last)
        }
        func open(_ request: SourceSpecification, rates: [Rate], answerWithin patience: Duration?) async throws
            -> any FrameSource
        {
            guard openings.add(1, ordering: .relaxed).newValue <= count else { return try await last(rates) }
            return Holding(SyntheticFailure("silent", isTransient: true, silence: .seconds(10)), rates: rates)
        }
    }

    @Test func aSilenceThatTheSourcesOwnDeadlineEndsIsAStall() async throws {
        try await Self.withRun(Series(3) { Holding(nil, rates: $0) }) { run in
            while run.statistics.framesDecoded < 8 { try await Task.sleep(for: .milliseconds(1)) }
            #expect(run.streamStatistics.stalls == 3 && run.streamStatistics.reconnections == 3)
        }
    }

    @Test func aSourceThatIsRefusedOrBreaksIsNoStall() async throws {
        let opener = Opener { _, round, rates in
            if round == 2 { throw SyntheticFailure("refused", isTransient: true) }
            let failure = SyntheticFailure("reset", isTransient: true)
            return SyntheticSource(count: 2, rates: rates, failure: round < 3 ? failure : nil, waitsAtEnd: round > 2)
        }
        try await Self.withRun(opener) { run in
            while run.statistics.framesDecoded < 4 { try await Task.sleep(for: .milliseconds(1)) }
            #expect(run.streamStatistics.stalls == 0 && run.streamStatistics.reconnections == 2)
        }
    }

    @Test func whatASourceHeldGoesWithIt() async throws {
        let opener = Series(1) { _ in
            try await Task.sleep(for: .seconds(3600))
            throw CancellationError()
        }
        try await Self.withRun(opener) { run in
            while run.streamStatistics.reconnections == 0 { try await Task.sleep(for: .milliseconds(1)) }
            let statistics = run.statistics
            #expect(statistics.framesDecoded == 2)
            #expect(statistics.framesWaiting == 0 && statistics.pictureBytes == 0 && statistics.silence == nil)
        }
    }

    @Test func whatIsCountedNeverFallsWhileSourcesComeAndGo() async throws {
        try await Self.withRun(Series(200) { Holding(nil, rates: $0) }) { run in
            var latest = 0
            while latest < 402 {
                let count = run.statistics.framesDecoded
                #expect(count >= latest)
                latest = max(latest, count)
                await Task.yield()
            }
        }
    }

    /// Opens a camera that takes some time to answer; remembers how much it was given.
    private final class Slow: FrameSourceOpener {
        let patience = Mutex<[Duration?]>([])
        private let timeToAnswer: Duration
        init(_ timeToAnswer: Duration) { self.timeToAnswer = timeToAnswer }
        func open(
            _ request: SourceSpecification, rates: [Rate], answerWithin patience: Duration?
        ) async throws -> any FrameSource {
            self.patience.withLock { $0.append(patience) }
            return Answering(timeToAnswer, rates: rates)
        }
    }
    private final class Answering: FrameSource {
        private let frames: SyntheticSource
        private let timeToAnswer: Duration
        init(_ timeToAnswer: Duration, rates: [Rate]) {
            self.timeToAnswer = timeToAnswer
            frames = SyntheticSource(count: 2, rates: rates, failure: SyntheticFailure("reset", isTransient: true))
        }
        var properties: SourceProperties {
            var properties = frames.properties
            properties.timeToAnswer = timeToAnswer
            return properties
        }
        func cancel() { frames.cancel() }
        func next() async throws -> Frame? { try await frames.next() }
        var statistics: SourceStatistics { frames.statistics }
    }

    @Test(arguments: [(0.1, 3.0), (4, 8)])
    func aSourceThatIsOpenedAgainHasTwiceAsLongToAnswerAsItTook(answer: Double, patience: Double) async throws {
        let opener = Slow(.seconds(answer))
        try await Self.withRun(opener) { run in
            while opener.patience.withLock({ $0.count < 3 }) { try await Task.sleep(for: .milliseconds(1)) }
        }
        #expect(opener.patience.withLock { Array($0.prefix(3)) } == [nil, .seconds(patience), .seconds(patience)])
    }

    /// What is fatal is taken up by no start and no autorestart.
    @Test(arguments: [
        (WorkerFailure.abandoned, false), (WorkerFailure.cannotStart(EAGAIN), false),
        (WorkerFailure.died(.hang(.seconds(30)), times: 1), true),
    ])
    func aFileIsGivenUpForWhatItDidAlone(failure: WorkerFailure, isFatal: Bool) async {
        let outcome = await Self.run(Opener { _, _, _ in throw failure }, .file).run()
        guard case .failed(_, let found) = outcome else {
            Issue.record("ended with \(outcome)")
            return
        }
        #expect(found == isFatal)
    }
}
