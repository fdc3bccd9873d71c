import Analytics
import Foundation
import Frames
import Inference
import JSON
import LogSupport
import Logging
import Pipeline
import Records
import Scene
import Synchronization
import TestSupport
import Testing

@testable import Streams

/// What the supervisor notices and says while streams run.
struct SupervisionTests {
    private let ledger = MemoryLedger()
    private let log = LogCollector()
    private let stream = StreamDefinition(
        id: UUID(), accountID: UUID(), version: 1, source: SourceSpecification(kind: .stream, reference: "camera"),
        analytics: [AnalyticChoice(name: "presence", parameters: .emptyObject)], location: .emptyObject)

    private func withSupervisor(
        _ opener: any FrameSourceOpener, finder: any ObjectFinder = ScriptedFinder(walkerIn: 2..<5),
        change: (inout SupervisorConfiguration) -> Void = { _ in },
        _ body: (StreamSupervisor) async throws -> Void
    ) async throws {
        var configuration = SupervisorConfiguration()
        configuration.reconnectDelay = .milliseconds(1)
        configuration.watchInterval = .milliseconds(10)
        configuration.shortestStall = .milliseconds(100)
        configuration.stallLearningTime = .milliseconds(50)
        configuration.advancePatience = .milliseconds(50)
        change(&configuration)
        let supervisor = StreamSupervisor(
            ledger: ledger, changes: ChangeFeed(),
            workshop: Workshop(
                opener: opener, models: Models(finder),
                catalogue: AnalyticCatalogue(entries: [Presence.entry()])),
            hub: EventHub(log: NoStore()), configuration: configuration, logger: log.logger)
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask { try await supervisor.run() }
            try await body(supervisor)
            supervisor.shutDown()
            try await group.waitForAll()
        }
    }

    /// A packet and a frame each five milliseconds, then silence, until that is longer than it may be.
    private final class FadingCamera: FrameSource {
        private let frames: SyntheticSource
        private let start = ContinuousClock.now
        private let count: Int
        private let patience = Mutex<Duration?>(nil)
        init(count: Int, rates: [Rate]) {
            self.count = count
            frames = SyntheticSource(count: count, rates: rates, waitsAtEnd: true)
        }
        var properties: SourceProperties { frames.properties }
        func cancel() { frames.cancel() }
        func limitSilence(to patience: Duration) { self.patience.withLock { $0 = patience } }
        func next() async throws -> Frame? {
            try await Task.sleep(for: .milliseconds(5))
            while let silence = statistics.silence, silence > .zero {
                if let patience = patience.withLock({ $0 }), silence > patience {
                    throw SyntheticFailure("silent", isTransient: true, silence: patience)
                }
                try await Task.sleep(for: .milliseconds(5))
            }
            return try await frames.next()
        }
        var statistics: SourceStatistics {
            var statistics = frames.statistics
            statistics.packetsRead = statistics.framesDecoded
            statistics.silence = statistics.framesDecoded < count ? .zero : ContinuousClock.now - start
            return statistics
        }
    }
    private struct Fading: FrameSourceOpener {
        let opener: Opener
        func open(_ request: SourceSpecification, rates: [Rate], answerWithin patience: Duration?) async throws
            -> any FrameSource
        {
            let next = try await opener.open(request, rates: rates, answerWithin: patience)
            let round = opener.openings.withLock { $0[request.reference] }
            return round == 1 ? FadingCamera(count: 40, rates: rates) : next
        }
    }

    @Test func aStalledSourceIsOpenedAgainWithoutAChangeOfStatus() async throws {
        await ledger.add(stream)
        let opener = Opener { _, round, rates in
            if round == 2 { throw SyntheticFailure("refused", isTransient: true) }
            return SyntheticSource(count: 6, rates: rates, waitsAtEnd: true)
        }
        try await withSupervisor(Fading(opener: opener)) { supervisor in
            var counts: StreamStatistics?
            while counts?.framesDecoded != 46 {
                try await Task.sleep(for: .milliseconds(2))
                counts = await supervisor.streamStatistics[stream.id]
            }
            #expect(counts?.stalls == 1 && counts?.reconnections == 2)
            while await !supervisor.streamHealth.isEmpty { try await Task.sleep(for: .milliseconds(2)) }
        }
        #expect(await ledger.log == ["in_progress"])
    }

    @Test func whatIsWrongWithAStreamIsKnownWhileItIs() async throws {
        await ledger.add(stream)
        let opener = Opener { _, round, rates in
            if round > 1 { throw SyntheticFailure("refused", isTransient: true) }
            return SyntheticSource(count: 6, rates: rates, failure: SyntheticFailure("reset", isTransient: true))
        }
        try await withSupervisor(opener) { supervisor in
            var trouble: StreamHealth.Trouble?
            while trouble?.lastError != "refused" {
                try await Task.sleep(for: .milliseconds(2))
                trouble = await supervisor.streamHealth[stream.id]?.troubles.first
            }
            #expect(trouble?.reason == .reconnecting && (trouble?.attempt ?? 0) >= 2)
            supervisor.wake()
            while log.count(of: "Stream unwell", at: .warning) == 0 { try await Task.sleep(for: .milliseconds(2)) }
        }
        #expect(log.count(of: "Stream unwell", at: .warning) == 1)
    }

    /// Its frames wait, whatever it has given.
    private final class CrowdedCamera: FrameSource {
        private let frames: SyntheticSource
        init(rates: [Rate]) { frames = SyntheticSource(count: 9, rates: rates, waitsAtEnd: true) }
        var properties: SourceProperties { frames.properties }
        func cancel() { frames.cancel() }
        func next() async throws -> Frame? { try await frames.next() }
        var statistics: SourceStatistics {
            var statistics = frames.statistics
            statistics.framesWaiting = 3
            return statistics
        }
    }
    private struct Crowded: FrameSourceOpener {
        func open(_ request: SourceSpecification, rates: [Rate], answerWithin patience: Duration?) async throws
            -> any FrameSource
        {
            CrowdedCamera(rates: rates)
        }
    }
    private struct HangingFinder: ObjectFinder {
        func find(in frame: Frame, region: PixelRect, urgency: Urgency) async throws -> [Detection] {
            try await Task.sleep(for: .seconds(3600))
            return []
        }
    }

    @Test func framesThatWaitWhileNoneIsAnalysedAreTheDaemonsTrouble() async throws {
        await ledger.add(stream)
        try await withSupervisor(Crowded(), finder: HangingFinder()) { supervisor in
            var trouble: StreamSupervisor.Trouble?
            while trouble != .nothingAdvances {
                supervisor.wake()
                try await Task.sleep(for: .milliseconds(5))
                do throws(StreamSupervisor.Trouble) { try await supervisor.check() } catch { trouble = error }
            }
            await ledger.set(stream.id, .stop)
            while trouble != nil {
                supervisor.wake()
                try await Task.sleep(for: .milliseconds(5))
                trouble = nil
                do throws(StreamSupervisor.Trouble) { try await supervisor.check() } catch { trouble = error }
            }
        }
    }

    @Test func aDatabaseThatTakesNoWritesKeepsNoStoppedStreamRunning() async throws {
        await ledger.add(stream)
        try await withSupervisor(Opener { SyntheticSource(count: 1, rates: $2, waitsAtEnd: true) }) { supervisor in
            await ledger.wait(for: stream.id, .inProgress)
            await ledger.setBroken(true)
            await ledger.set(stream.id, .stop)
            while await !supervisor.streamStatistics.isEmpty {
                supervisor.wake()
                try await Task.sleep(for: .milliseconds(2))
            }
        }
    }

    /// Sources that open one by one.
    private struct Gates: FrameSourceOpener {
        let gates: [String: Signal]
        func open(_ request: SourceSpecification, rates: [Rate], answerWithin patience: Duration?) async throws
            -> any FrameSource
        {
            await gates[request.reference]?.wait()
            return SyntheticSource(count: 1, rates: rates, waitsAtEnd: true)
        }
    }

    @Test(arguments: [64, 4]) func anOpeningIsReasonToLookForTurnsOnlyWhereSomebodyIsHeldBack(places: Int) async throws
    {
        // All of one account, of which three of four may be opened at once.
        let streams = (0..<4).map { index in
            StreamDefinition(
                id: UUID(), accountID: stream.accountID, version: 1,
                source: SourceSpecification(kind: .stream, reference: "\(index)"), analytics: stream.analytics,
                location: .emptyObject)
        }
        for stream in streams { await ledger.add(stream) }
        let gates = (0..<4).map { _ in Signal() }
        let opener = Gates(gates: Dictionary(uniqueKeysWithValues: gates.enumerated().map { ("\($0)", $1) }))
        try await withSupervisor(opener, change: { ($0.maximumStreams, $0.checkInterval) = (places, .seconds(3600)) }) {
            supervisor in
            func wait(for count: Int) async throws {
                while await supervisor.streamStatistics.values.filter({ $0.framesAnalysed > 0 }).count < count {
                    try await Task.sleep(for: .milliseconds(2))
                }
            }
            for stream in streams.prefix(places == 4 ? 3 : 4) { await ledger.wait(for: stream.id, .inProgress) }
            for index in 0..<3 {
                gates[index].raise()
                try await wait(for: index + 1)
                // With four places the first opening lets the fourth in.
                if index == 0 { await ledger.wait(for: streams[3].id, .inProgress) }
            }
            gates[3].raise()
            try await wait(for: 4)
            supervisor.wake()
            while await ledger.supervisions < (places == 4 ? 3 : 2) { try await Task.sleep(for: .milliseconds(2)) }
        }
        #expect(await ledger.supervisions == (places == 4 ? 3 : 2))
    }

    @Test func anOutageOfTheDatabaseIsSaidOnce() async throws {
        try await withSupervisor(Opener { SyntheticSource(count: 1, rates: $2) }) { supervisor in
            await ledger.setBroken(true)
            for _ in 0..<20 {
                let tries = await ledger.supervisions
                supervisor.wake()
                while await ledger.supervisions == tries { try await Task.sleep(for: .milliseconds(1)) }
            }
            await ledger.setBroken(false)
            supervisor.wake()
            while log.count(of: "Streams are supervised again", at: .notice) == 0 {
                try await Task.sleep(for: .milliseconds(1))
            }
        }
        #expect(log.count(of: "Streams cannot be supervised", at: .error) == 1)
        #expect(log.lines.count { $0.contains("supervised") } == 2)
    }

    /// By itself the supervisor looks once an hour here.
    @Test(.timeLimit(.minutes(30))) func autorestartIsAskedWhenItHasSomethingToDo() async throws {
        await ledger.setAutorestart(Date() + 0.5)
        try await withSupervisor(
            Opener { SyntheticSource(count: 1, rates: $2) }, change: { $0.checkInterval = .seconds(3600) }
        ) {
            _ in
            while await ledger.lateness == nil { try await Task.sleep(for: .milliseconds(5)) }
        }
    }
}
