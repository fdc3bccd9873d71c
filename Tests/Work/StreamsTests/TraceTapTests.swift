import Analytics
import Foundation
import JSON
import Logging
import Pipeline
import Records
import Scene
import Synchronization
import TestSupport
import Testing

@testable import Streams

/// Why there were events and why there were none, of streams as the supervisor runs them.
struct TraceTapTests {
    /// Keeps traces; those of events that it refuses it gives back so many times.
    private final class Traces: EventLog {
        let kept = Mutex<[KeptTrace]>([])
        private let refusals: Mutex<Int>
        init(refusals: Int = 0) { self.refusals = Mutex(refusals) }
        func record(
            _ updates: [EventUpdate], deliveries: [Delivery], of stream: StreamDefinition
        ) async throws -> EventTicket? { nil }
        func untilDurable(_ ticket: EventTicket) async -> Bool { true }
        func add(_ traces: [KeptTrace]) async throws -> [KeptTrace] {
            let isRefused = refusals.withLock { left in
                left -= 1
                return left >= 0
            }
            if isRefused { return traces }
            kept.withLock { $0 += traces }
            return []
        }
    }
    private static let folder = URL(filePath: #filePath).deletingLastPathComponent()
        .appending(path: "../../../analytics").standardizedFileURL
    private static func stream(_ parameters: JSONValue) -> StreamDefinition {
        StreamDefinition(
            id: UUID(), accountID: UUID(), version: 1, source: SourceSpecification(kind: .file, reference: "a.mp4"),
            analytics: [
                AnalyticChoice(name: "nothing"), AnalyticChoice(name: "people_count", parameters: parameters),
            ], location: .emptyObject)
    }
    /// Runs the stream to its end: 60 frames, ten a second, with somebody in those from 20 to 40.
    private static func run(_ stream: StreamDefinition, _ log: Traces, _ memory: TraceMemory) async throws {
        let ledger = MemoryLedger()
        await ledger.add(stream)
        let workshop = Workshop(
            opener: Opener { SyntheticSource(count: 60, rates: $2) }, models: Models(ScriptedFinder(walkerIn: 20..<41)),
            catalogue: AnalyticCatalogue(
                entries: try AnalyticCatalogue(directory: folder).entries + [AnalyticCatalogue.noop(name: "nothing")]))
        let supervisor = StreamSupervisor(
            ledger: ledger, changes: ChangeFeed(), workshop: workshop, hub: EventHub(log: log), traces: memory,
            configuration: SupervisorConfiguration(), logger: Logger(label: "test"))
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask { try await supervisor.run() }
            await ledger.wait(for: stream.id, .done)
            supervisor.shutDown()
            try await group.waitForAll()
        }
    }
    private static let everyFrame: JSONValue = ["rate": ["unit": "frame", "period": 1], "probe_count": 2]
    private static let begin = Date(timeIntervalSince1970: 1_700_000_000)
    private static func verdicts(_ frames: JSONValue?) -> [String] {
        (frames?.array ?? []).compactMap { $0["decisions"]?.array?.first?["verdict"]?.string }
    }

    @Test func whyAnEventWasIsKeptWhenItHasEnded() async throws {
        let stream = Self.stream(["parameters": Self.everyFrame]), log = Traces(), memory = TraceMemory()
        try await Self.run(stream, log, memory)
        let kept = log.kept.withLock { $0 }
        #expect(kept.count == 1 && kept[0].stream == stream.id && kept[0].account == stream.accountID)
        let trace = try #require(kept.first?.document.value)
        let told = Self.verdicts(trace["frames"])
        #expect(told.first == "idle" && told.last == "closed" && told.filter { $0 == "opened" }.count == 1)
        let offsets = try #require(trace["frames"]?.array).compactMap { $0["time_offset"]?.double }
        #expect(offsets.first == 0 && offsets.contains(2) && offsets.contains(2.1))
        #expect(trace["rules"]?["index"] == 1 && trace["rules"]?["analytic"] == "people_count")
        #expect(trace["answer"]?.array?.count == 2)
        #expect(memory.trace(of: kept[0].event, in: stream.id) == nil)
    }
    @Test func whyThereWasNoneIsRememberedForAWhileAfterTheStream() async throws {
        let stream = Self.stream(["parameters": ["rate": ["unit": "frame", "period": 1], "people_count_threshold": 2]])
        let log = Traces(), memory = TraceMemory()
        try await Self.run(stream, log, memory)
        #expect(log.kept.withLock { $0.isEmpty })
        let time = Self.begin.addingTimeInterval(3)
        let moment = memory.moment(of: stream.id, in: time.addingTimeInterval(-1)...time.addingTimeInterval(1))
        let wire = try #require(moment.first?.wire(at: time))
        #expect(moment.count == 1 && Set(Self.verdicts(wire["frames"])) == ["idle"])
        let answer = wire["answer"]?.array?.first?.string ?? ""
        // Of the frames in which nothing changes two a second are remembered.
        #expect(answer.hasPrefix("No event at 2023-11-14T22:13:2"), "\(answer)")
        #expect(answer.hasSuffix(": 1 person is counted, fewer than people_count_threshold 2."), "\(answer)")
        #expect(memory.moment(of: UUID(), in: time...time).isEmpty)
    }
    @Test func aFrameOfAProbeThatOpensAnEventBelongsToIt() async throws {
        let stream = Self.stream(["parameters": Self.everyFrame]), memory = TraceMemory()
        try await Self.run(stream, Traces(), memory)
        func answer(_ second: Double) -> String {
            let time = Self.begin.addingTimeInterval(second)
            let moment = memory.moment(of: stream.id, in: time.addingTimeInterval(-2)...time.addingTimeInterval(2))
            return moment.first?.wire(at: time)["answer"]?.array?.first?.string ?? ""
        }
        #expect(answer(1.9).hasPrefix("No event at"))
        #expect(answer(2).hasPrefix("An event that is confirmed later at"))
        #expect(answer(2.1).hasPrefix("An event at"))
    }
    @Test func aTraceWhoseEventIsNotThereYetIsRememberedMeanwhile() async throws {
        let stream = Self.stream(["parameters": Self.everyFrame])
        let log = Traces(refusals: .max), memory = TraceMemory()
        try await Self.run(stream, log, memory)
        let time = Self.begin.addingTimeInterval(3)
        let moment = memory.moment(of: stream.id, in: time.addingTimeInterval(-1)...time.addingTimeInterval(1))
        let event = try #require(moment.first?.events.first)
        #expect(memory.trace(of: event, in: stream.id)?.isClosed == true)
    }
    @Test(arguments: [WhyConfiguration.Policy.off, .memory])
    func nothingIsKeptThatIsNotWanted(policy: WhyConfiguration.Policy) async throws {
        var configuration = WhyConfiguration()
        configuration.policy = policy
        let stream = Self.stream(["parameters": Self.everyFrame])
        let log = Traces(), memory = TraceMemory(configuration)
        try await Self.run(stream, log, memory)
        #expect(log.kept.withLock { $0.isEmpty })
        let time = Self.begin.addingTimeInterval(3)
        #expect(memory.moment(of: stream.id, in: time...time).isEmpty == (policy == .off))
    }
}
