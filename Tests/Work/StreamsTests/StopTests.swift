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

/// Whatever a stream waits for at the moment, it ends when it is stopped, replaced or deleted: what it waits for takes an hour here, a
/// test much less. How soon it ends on a machine with nothing else to do, `scripts/trial/dead-streams` measures.
struct StopTests {
    enum Moment: CaseIterable {
        case modelIsCompiled, sourceIsOpened, firstFrameIsAwaited, sourceIsSilent, nextTryIsAwaited,
            fileIsReadAtFullSpeed
        case storeIsWaitedFor
    }
    enum Act: CaseIterable { case stop, delete, replace }

    private static func stream(_ moment: Moment, id: UUID = UUID(), version: Int = 1) -> StreamDefinition {
        StreamDefinition(
            id: id, accountID: UUID(), version: version,
            source: SourceSpecification(
                kind: moment == .fileIsReadAtFullSpeed ? .file : .stream, reference: "v\(version)"),
            analytics: [AnalyticChoice(name: "presence", parameters: .emptyObject)], location: .emptyObject)
    }
    /// Waits for as long as the task lives.
    private static func waitForEver() async throws { try await Task.sleep(for: .seconds(3600)) }

    private struct Parts: FrameSourceOpener, ModelShelf, EventLog {
        let moment: Moment
        let reached: @Sendable () -> Void
        let models = Models(ScriptedFinder(walkerIn: 2..<5))

        func model(_ choice: ModelChoice) async throws -> LoadedModel {
            if moment == .modelIsCompiled {
                reached()
                try await StopTests.waitForEver()
            }
            return try await models.model(choice)
        }
        func open(_ request: SourceSpecification, rates: [Rate], answerWithin patience: Duration?) async throws
            -> any FrameSource
        {
            if request.reference != "v1" { return SyntheticSource(count: 0, rates: rates) }
            switch moment {
            case .modelIsCompiled: break
            case .sourceIsOpened:
                reached()
                try await StopTests.waitForEver()
            case .firstFrameIsAwaited:
                reached()
                return SyntheticSource(count: 0, rates: rates, waitsAtEnd: true)
            case .sourceIsSilent:
                reached()
                return SyntheticSource(count: 20, rates: rates, waitsAtEnd: true)
            case .nextTryIsAwaited:
                reached()
                return SyntheticSource(count: 2, rates: rates, failure: SyntheticFailure("reset", isTransient: true))
            case .fileIsReadAtFullSpeed:
                reached()
                return SyntheticSource(count: .max, rates: rates)
            case .storeIsWaitedFor: return SyntheticSource(count: 20, rates: rates, waitsAtEnd: true)
            }
            return SyntheticSource(count: 0, rates: rates)
        }
        func record(
            _ updates: [EventUpdate], deliveries: [Delivery], of stream: StreamDefinition
        ) async throws -> EventTicket? {
            guard moment == .storeIsWaitedFor else { return nil }
            reached()
            try await StopTests.waitForEver()
            return nil
        }
        func untilDurable(_ ticket: EventTicket) async -> Bool { true }
    }

    @Test(.timeLimit(.minutes(30)), arguments: Moment.allCases, Act.allCases)
    func aStreamEndsWithoutWaitingOn(moment: Moment, act: Act) async throws {
        let ledger = MemoryLedger(), stream = Self.stream(moment)
        await ledger.add(stream)
        let (moments, reached) = AsyncStream.makeStream(of: Void.self)
        let parts = Parts(moment: moment) { reached.yield() }
        let hub = EventHub(log: parts)
        var configuration = SupervisorConfiguration()
        configuration.reconnectDelay = .seconds(3600)
        configuration.maximumReconnectDelay = .seconds(3600)
        configuration.reconnectPatience = .seconds(7200)
        let supervisor = StreamSupervisor(
            ledger: ledger, changes: ChangeFeed(),
            workshop: Workshop(
                opener: parts, models: parts, catalogue: AnalyticCatalogue(entries: [Presence.entry()])),
            hub: hub, configuration: configuration, logger: Logger(label: "test"))
        let feed = hub.subscribe(to: stream.id)
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask { try await supervisor.run() }
            for await _ in moments { break }
            try await Task.sleep(for: .milliseconds(50))  // so that it waits, and is not about to
            switch act {
            case .stop: await ledger.set(stream.id, .stop)
            case .delete: await ledger.delete(stream.id)
            case .replace: await ledger.replace(Self.stream(moment, id: stream.id, version: 2))
            }
            supervisor.wake()
            while await feed.next() != nil {}
            #expect(feed.end == .streamEnded)
            supervisor.shutDown()
            try await group.waitForAll()
        }
    }
}
