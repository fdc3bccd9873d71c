import Addresses
import Analytics
import DecodeWorker
import Foundation
import Frames
import JSON
import Logging
import Media
import Pipeline
import Records
import Scene
import Streams
import TestSupport
import Testing
import WorkerSupport

/// The supervisor with real connections to servers of this machine that do not behave.
struct DeadSourceTests {
    private static func stream(_ reference: String, isDownloadable: Bool) -> StreamDefinition {
        StreamDefinition(
            id: UUID(), accountID: UUID(), version: 1,
            source: SourceSpecification(kind: .stream, reference: reference, isDownloadable: isDownloadable),
            analytics: [AnalyticChoice(name: "presence", parameters: .emptyObject)], location: .emptyObject)
    }

    /// Each of FFmpeg's calls may take an hour here.
    @Test(
        .timeLimit(.minutes(30)), arguments: SilentServer.Manner.allCases,
        ["rtsp", "rtsps", "http", "https", "download"])
    func aStreamThatIsBeingOpenedEndsWithoutWaitingOn(manner: SilentServer.Manner, scheme: String) async throws {
        let server = SilentServer(manner)
        let ledger = MemoryLedger(), hub = EventHub(log: NoStore())
        let stream = Self.stream(
            "\(scheme == "download" ? "http" : scheme)://127.0.0.1:\(server.port)/live",
            isDownloadable: scheme == "download")
        await ledger.add(stream)
        var media = MediaConfiguration()
        media.network.allowsLoopback = true
        media.openDeadline = .seconds(3600)
        media.readDeadline = .seconds(3600)
        let supervisor = StreamSupervisor(
            ledger: ledger, changes: ChangeFeed(),
            workshop: Workshop(
                opener: TestWorkers.opener(media), models: Models(ScriptedFinder(walkerIn: 0..<1)),
                catalogue: AnalyticCatalogue(entries: [Presence.entry()])),
            hub: hub, configuration: SupervisorConfiguration(), logger: Logger(label: "test"))
        let feed = hub.subscribe(to: stream.id)
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask { try await supervisor.run() }
            while await ledger.log.isEmpty { try await Task.sleep(for: .milliseconds(5)) }
            try await Task.sleep(for: .milliseconds(200))  // for the connection, as far as it gets
            await ledger.set(stream.id, .stop)
            supervisor.wake()
            // What says garbage may have failed by itself, and who wants TLS takes plain text for that.
            while await feed.next() != nil {}
            supervisor.shutDown()
            try await group.waitForAll()
        }
        let log = await ledger.log
        let isGarbage = manner == .saysGarbage || manner == .stopsAfterItsHead && ["rtsps", "https"].contains(scheme)
        #expect(log == ["in_progress", "stop"] || isGarbage && log.prefix(2) == ["in_progress", "failure"], "\(log)")
    }
}
