import Analytics
import Foundation
import JSON
import Logging
import Pipeline
import Records
import Scene
import Streams
import Synchronization
import TestSupport
import Testing

/// People are counted over time beside the events of a stream.
struct CountTapTests {
    private final class Counts: EventLog {
        let minutes = Mutex<[PeopleMinute]>([])
        func record(
            _ updates: [EventUpdate], deliveries: [Delivery], of stream: StreamDefinition
        ) async throws -> EventTicket? { nil }
        func untilDurable(_ ticket: EventTicket) async -> Bool { true }
        func add(_ minutes: [PeopleMinute]) async throws { self.minutes.withLock { $0 += minutes } }
    }

    @Test func whatAStreamHasCountedIsKeptWhenItEnds() async throws {
        let ledger = MemoryLedger(), counts = Counts()
        let stream = StreamDefinition(
            id: UUID(), accountID: UUID(), version: 1, source: SourceSpecification(kind: .file, reference: "a.mp4"),
            analytics: [AnalyticChoice(name: "nothing"), AnalyticChoice(name: "presence")], location: .emptyObject)
        await ledger.add(stream)
        let workshop = Workshop(
            opener: Opener { SyntheticSource(count: 20, rates: $2) }, models: Models(ScriptedFinder(walkerIn: 2..<5)),
            catalogue: AnalyticCatalogue(entries: [Presence.entry(), AnalyticCatalogue.noop(name: "nothing")]))
        let supervisor = StreamSupervisor(
            ledger: ledger, changes: ChangeFeed(), workshop: workshop, hub: EventHub(log: counts),
            configuration: SupervisorConfiguration(), logger: Logger(label: "test"))
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask { try await supervisor.run() }
            await ledger.wait(for: stream.id, .done)
            supervisor.shutDown()
            try await group.waitForAll()
        }
        let minutes = counts.minutes.withLock { $0 }
        // What comes first among the analytics produces nothing, and keeps its place.
        let series = CountSeries(streamID: stream.id, accountID: stream.accountID, analytic: 1)
        #expect(!minutes.isEmpty && minutes.allSatisfy { $0.series == series })
        #expect(minutes.map(\.count.maximum).max() == 1 && minutes.map(\.count.minimum).min() == 0)
    }
}
