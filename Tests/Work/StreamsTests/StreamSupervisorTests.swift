import Analytics
import Foundation
import Frames
import Inference
import JSON
import Logging
import Pipeline
import Records
import Scene
import Streams
import Synchronization
import TestSupport
import Testing

/// The supervisor is given streams in memory and sources that follow a script; every wait is for something it does.
struct StreamSupervisorTests {
    private let ledger = MemoryLedger()
    private let hub = EventHub(log: NoStore())

    private static func stream(
        _ reference: String, kind: SourceSpecification.Kind = .file, parameters: JSONValue = .emptyObject,
        analytic: String = "presence", id: UUID = UUID(), version: Int = 1
    ) -> StreamDefinition {
        StreamDefinition(
            id: id, accountID: UUID(), version: version, source: SourceSpecification(kind: kind, reference: reference),
            analytics: [AnalyticChoice(name: analytic, parameters: parameters)], location: .emptyObject)
    }
    private func withSupervisor(
        _ opener: Opener, models: any ModelShelf = Models(ScriptedFinder(walkerIn: 2..<5)),
        configuration: SupervisorConfiguration = .init(), _ body: (StreamSupervisor) async throws -> Void
    ) async throws {
        var configuration = configuration
        configuration.reconnectDelay = .milliseconds(1)
        let workshop = Workshop(
            opener: opener, models: models,
            catalogue: AnalyticCatalogue(entries: [Presence.entry(), AnalyticCatalogue.noop(name: "nothing")]))
        let supervisor = StreamSupervisor(
            ledger: ledger, changes: ChangeFeed(), workshop: workshop, hub: hub, configuration: configuration,
            logger: Logger(label: "test"))
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask { try await supervisor.run() }
            try await body(supervisor)
            supervisor.shutDown()
            try await group.waitForAll()
        }
    }

    @Test func aFileGoesThroughInProgressToDone() async throws {
        let stream = Self.stream("a.mp4")
        await ledger.add(stream)
        let feed = hub.subscribe(to: stream.id)
        try await withSupervisor(Opener { SyntheticSource(count: 20, rates: $2) }) { _ in
            await ledger.wait(for: stream.id, .done)
        }
        #expect(await ledger.log == ["in_progress", "done"])
        var messages: [LiveMessage] = []
        while let next = await feed.next() { messages += next }
        #expect(messages.count == 5)  // opened, two continued, closed, finished
        guard case .finished = messages.last else {
            Issue.record("the last message is \(String(describing: messages.last))")
            return
        }
    }

    @Test func aStreamThatIsInProgressAndNobodyRunsIsTakenUpAgain() async throws {
        let stream = Self.stream("a.mp4")
        await ledger.add(stream)
        await ledger.loseAnswers(1)
        var configuration = SupervisorConfiguration()
        configuration.checkInterval = .milliseconds(5)
        try await withSupervisor(Opener { SyntheticSource(count: 5, rates: $2) }, configuration: configuration) { _ in
            await ledger.wait(for: stream.id, .done)
        }
        #expect(await ledger.log == ["in_progress", "restart", "pending", "in_progress", "done"])
    }

    @Test func anEndThatCannotBeWrittenDownAtOnceIsWrittenDownLater() async throws {
        let stream = Self.stream("a.mp4")
        await ledger.add(stream)
        await ledger.refuseEndings(2)
        try await withSupervisor(Opener { SyntheticSource(count: 5, rates: $2) }) { _ in
            await ledger.wait(for: stream.id, .done)
        }
        #expect(await ledger.log == ["in_progress", "done"])
    }

    @Test func oneDeadStreamHarmsNoOther() async throws {
        let dead = Self.stream("dead", kind: .stream), good = Self.stream("good")
        await ledger.add(dead)
        await ledger.add(good)
        try await withSupervisor(
            Opener { request, _, rates in
                if request.reference == "dead" { throw SyntheticFailure("no such camera", isTransient: true) }
                return SyntheticSource(count: 20, rates: rates)
            }
        ) { _ in
            await ledger.wait(for: dead.id, .failure)
            await ledger.wait(for: good.id, .done)
        }
        #expect(await ledger.error(of: dead.id) == "no such camera")
        #expect(await ledger.isFatal(dead.id) == false)
    }

    @Test func whatCannotPassByItselfIsFatal() async throws {
        let text = Self.stream("text.mp4"), absent = Self.stream("absent.mp4"),
            gone = Self.stream("ok.mp4", analytic: "unregistered")
        let outside = Self.stream("ok.mp4", parameters: ["roi": true])
        for stream in [text, absent, gone, outside] { await ledger.add(stream) }
        try await withSupervisor(
            Opener { request, _, rates in
                if request.reference == "text.mp4" { throw SyntheticFailure("no video in it", isTransient: false) }
                if request.reference == "absent.mp4" { throw SyntheticFailure("no such file", isTransient: true) }
                return SyntheticSource(count: 5, rates: rates)
            }
        ) { _ in
            for stream in [text, absent, gone, outside] { await ledger.wait(for: stream.id, .failure) }
        }
        for stream in [text, absent, gone, outside] { #expect(await ledger.isFatal(stream.id)) }
        #expect(await ledger.error(of: outside.id)?.hasPrefix("Invalid rectangle") == true)
    }

    @Test func aStoppedStreamEndsAndItsOpenEventIsClosed() async throws {
        let stream = Self.stream("camera", kind: .stream)
        await ledger.add(stream)
        let feed = hub.subscribe(to: stream.id)
        try await withSupervisor(
            Opener { SyntheticSource(count: 4, rates: $2, waitsAtEnd: true) }
        ) { supervisor in
            _ = await feed.next()  // somebody is in the picture
            await ledger.set(stream.id, .stop)
            supervisor.wake()
            var last: LiveMessage?
            while let messages = await feed.next() { last = messages.last ?? last }
            guard case .finished = last else {
                Issue.record("the last message is \(String(describing: last))")
                return
            }
        }
        #expect(await ledger.log == ["in_progress", "stop"])
    }

    @Test func aReplacedStreamStartsWhenItsOlderVersionHasEnded() async throws {
        let stream = Self.stream("old", kind: .stream)
        await ledger.add(stream)
        let feed = hub.subscribe(to: stream.id)
        let opener = Opener { request, _, rates in
            if request.reference == "new" { #expect(feed.end == .streamEnded) }
            return SyntheticSource(count: 4, rates: rates, waitsAtEnd: request.reference == "old")
        }
        try await withSupervisor(opener) { supervisor in
            _ = await feed.next()  // somebody is in the picture
            await ledger.replace(Self.stream("new", id: stream.id, version: 2))
            supervisor.wake()
            await ledger.wait(for: stream.id, .done)
        }
        #expect(await ledger.log == ["in_progress", "pending", "in_progress", "done"])
    }

    @Test func aLiveStreamThatBreaksIsOpenedAgainAndItsClockGoesOn() async throws {
        let stream = Self.stream("camera", kind: .stream)
        await ledger.add(stream)
        let opener = Opener { request, round, rates in
            if round == 3 { #expect(request.startTime > 0) }
            let failure = SyntheticFailure("connection reset", isTransient: true)
            return SyntheticSource(count: 6, rates: rates, failure: round < 3 ? failure : nil)
        }
        try await withSupervisor(opener) { _ in await ledger.wait(for: stream.id, .done) }
        #expect(opener.openings.withLock { $0["camera"] } == 3)
        #expect(await ledger.log == ["in_progress", "done"])
    }

    @Test func whoHasReadALiveListSaysSoWhenItIsOpenedAgain() async throws {
        let stream = Self.stream("camera", kind: .stream)
        await ledger.add(stream)
        let opener = Opener { request, round, rates in
            #expect(request.continuesLiveList == (round > 1))
            let failure = SyntheticFailure("connection reset", isTransient: true)
            return SyntheticSource(count: 6, rates: rates, failure: round < 3 ? failure : nil, segments: .live)
        }
        try await withSupervisor(opener) { _ in await ledger.wait(for: stream.id, .done) }
        #expect(opener.openings.withLock { $0["camera"] } == 3)
    }

    @Test func aStreamHoldsItsModelWhileItsSourceIsGone() async throws {
        let stream = Self.stream("camera", kind: .stream)
        await ledger.add(stream)
        let models = CountedModels()
        let opener = Opener { _, round, rates in
            let failure = SyntheticFailure("reset", isTransient: true)
            return SyntheticSource(count: 6, rates: rates, failure: round < 3 ? failure : nil)
        }
        try await withSupervisor(opener, models: models) { _ in await ledger.wait(for: stream.id, .done) }
        #expect(opener.openings.withLock { $0["camera"] } == 3)
        #expect(models.asked.load(ordering: .relaxed) == 1)
    }

    @Test func aLiveStreamThatNeverComesBackFails() async throws {
        let stream = Self.stream("camera", kind: .stream)
        await ledger.add(stream)
        var configuration = SupervisorConfiguration()
        configuration.reconnectPatience = .milliseconds(20)
        let opener = Opener { _, round, rates in
            guard round == 1 else { throw SyntheticFailure("connection refused", isTransient: true) }
            return SyntheticSource(count: 6, rates: rates, failure: SyntheticFailure("reset", isTransient: true))
        }
        try await withSupervisor(opener, configuration: configuration) { _ in
            await ledger.wait(for: stream.id, .failure)
        }
        #expect(await ledger.error(of: stream.id) == "connection refused")
    }

    @Test func noMoreStreamsRunAtOnceThanAllowed() async throws {
        let streams = (0..<3).map { Self.stream("file\($0)") }
        for stream in streams { await ledger.add(stream) }
        var configuration = SupervisorConfiguration()
        configuration.maximumStreams = 1
        try await withSupervisor(Opener { SyntheticSource(count: 5, rates: $2) }, configuration: configuration) { _ in
            for stream in streams { await ledger.wait(for: stream.id, .done) }
        }
        #expect(await ledger.log == Array(repeating: ["in_progress", "done"], count: 3).flatMap { $0 })
    }

    @Test func aModelThatCannotBeLoadedFailsTheStreamThatAskedForIt() async throws {
        let (fast, other) = (Self.stream("a.mp4", parameters: ["model": "fast"]), Self.stream("b.mp4"))
        for stream in [fast, other] { await ledger.add(stream) }
        try await withSupervisor(Opener { SyntheticSource(count: 5, rates: $2) }) { _ in
            await ledger.wait(for: fast.id, .failure)
            await ledger.wait(for: other.id, .done)
        }
        #expect(
            await ledger.error(of: fast.id) == "The model 'fast' cannot be used: there is no such file")
    }

    @Test func aShutDownLeavesTheStreamInProgressForTheNextStart() async throws {
        let stream = Self.stream("camera", kind: .stream)
        await ledger.add(stream)
        let opener = Opener { SyntheticSource(count: 3, rates: $2, waitsAtEnd: true) }
        try await withSupervisor(opener) { _ in await ledger.wait(for: stream.id, .inProgress) }
        #expect(await ledger.status(of: stream.id) == .inProgress)
        try await withSupervisor(Opener { SyntheticSource(count: 3, rates: $2) }) { _ in
            await ledger.wait(for: stream.id, .done)
        }
        #expect(await ledger.recoveries == 2)
        #expect(await ledger.log == ["in_progress", "pending", "in_progress", "done"])
    }

    @Test func whatARunningStreamDoesIsCounted() async throws {
        let callback: JSONValue = ["type": "http", "url": "http://a.example/"]
        let off: JSONValue = ["type": "http", "url": "http://a.example/", "enable": 0]
        let callbacks: JSONValue = [callback, off, ["type": "luna-event"], callback]
        let stream = Self.stream("camera", kind: .stream, parameters: ["callbacks": callbacks])
        let other = Self.stream("other")
        await ledger.add(stream)
        await ledger.add(other)
        let opener = Opener { request, round, rates in
            guard request.reference == "camera" else { return SyntheticSource(count: 5, rates: rates) }
            guard round < 3 else { return SyntheticSource(count: 6, rates: rates, waitsAtEnd: true) }
            return SyntheticSource(
                count: 6, rates: rates, failure: SyntheticFailure("connection reset", isTransient: true))
        }
        try await withSupervisor(opener) { supervisor in
            await ledger.wait(for: other.id, .done)
            var all: [UUID: StreamStatistics] = [:]
            while all.count != 1 || all[stream.id]?.framesAnalysed != 18 {
                try await Task.sleep(for: .milliseconds(1))
                all = await supervisor.streamStatistics
            }
            let counts = try #require(all[stream.id])
            #expect(counts.framesDecoded == 18 && counts.framesDropped == 0 && counts.packetsCorrupt == 0)
            #expect(counts.reconnections == 2)
            // In each of the three rounds one person walks through three frames, which is one event.
            #expect(counts.detections == 9 && counts.events == 3)
            #expect(counts.callbacksDue == 6)  // its end, to two of them
        }
    }

    @Test func aSupervisorThatCannotWorkSaysSoUntilItCan() async throws {
        func wait(_ supervisor: StreamSupervisor, for trouble: StreamSupervisor.Trouble?) async throws {
            while true {
                do throws(StreamSupervisor.Trouble) {
                    try await supervisor.check()
                    if trouble == nil { return }
                } catch {
                    if error == trouble { return }
                }
                try await Task.sleep(for: .milliseconds(1))
            }
        }
        var ended: StreamSupervisor?
        try await withSupervisor(Opener { SyntheticSource(count: 1, rates: $2) }) { supervisor in
            try await wait(supervisor, for: nil)
            await ledger.setBroken(true)
            supervisor.wake()
            try await wait(supervisor, for: .cannotReconcile)
            await ledger.setBroken(false)
            supervisor.wake()
            try await wait(supervisor, for: nil)
            ended = supervisor
        }
        await #expect(throws: StreamSupervisor.Trouble.notRunning) { try await ended?.check() }
    }

    @Test func anAnalyticThatProducesNothingLetsTheStreamRunToItsEnd() async throws {
        let stream = Self.stream("a.mp4", analytic: "nothing")
        await ledger.add(stream)
        try await withSupervisor(Opener { SyntheticSource(count: 5, rates: $2) }) { _ in
            await ledger.wait(for: stream.id, .done)
        }
    }
}
