import Analytics
import DecodeWorker
import Foundation
import Frames
import JSON
import Logging
import Media
import Pipeline
import ProcessSupport
import Records
import Scene
import Streams
import TestSupport
import Testing
import WorkerSupport

/// The supervisor with sources that make the processes end which decode them.
struct DeadDecoderTests {
    /// Ten seconds of video that were rendered for this.
    private static func film() throws -> URL {
        let file = FileManager.default.temporaryDirectory.appending(path: "sightline-film-\(UUID()).mp4")
        let command =
            "ffmpeg -v error -nostdin -y -f lavfi -i testsrc2=s=160x120:r=25:d=10 -c:v libx264 -pix_fmt yuv420p"
        try ChildProcess.output(
            of: command.split(separator: " ").map(String.init) + [file.path(percentEncoded: false)])
        return file
    }
    private static func stream(_ film: URL, _ kind: SourceSpecification.Kind) -> StreamDefinition {
        StreamDefinition(
            id: UUID(), accountID: UUID(), version: 1,
            source: SourceSpecification(kind: kind, reference: film.path(percentEncoded: false)),
            analytics: [AnalyticChoice(name: "presence", parameters: .emptyObject)], location: .emptyObject)
    }
    private static func supervisor(
        _ ledger: MemoryLedger, _ hub: EventHub, _ opener: any FrameSourceOpener
    ) -> StreamSupervisor {
        StreamSupervisor(
            ledger: ledger, changes: ChangeFeed(),
            workshop: Workshop(
                opener: opener, models: Models(ScriptedFinder(walkerIn: 0..<1)),
                catalogue: AnalyticCatalogue(entries: [Presence.entry()])),
            hub: hub, configuration: SupervisorConfiguration(), logger: Logger(label: "test"))
    }
    private static var media: MediaConfiguration {
        var media = MediaConfiguration()
        media.allowsAnyPath = true
        (media.openDeadline, media.readDeadline) = (.seconds(60), .seconds(60))
        return media
    }
    /// Opens one reference with a trap and the rest without.
    private struct HostileOne: FrameSourceOpener {
        let hostile: String
        let calm = TestWorkers.opener(media)
        let trapped: SourceOpener
        init(_ film: URL, at frame: Int) {
            hostile = film.path(percentEncoded: false)
            trapped = TestWorkers.opener(media, trap: WorkerTrap(.crash, at: frame))
        }
        func open(
            _ request: SourceSpecification, rates: [Rate], answerWithin patience: Duration?
        ) async throws -> any FrameSource {
            try await (request.reference == hostile ? trapped : calm).open(
                request, rates: rates, answerWithin: patience)
        }
    }

    /// -1: before anything of it is read.
    @Test(.timeLimit(.minutes(30)), arguments: [SourceSpecification.Kind.file, .stream], [-1, 10])
    func aSourceThatKillsItsDecoderThreeTimesIsGivenUpAndTheOthersGoOn(kind: SourceSpecification.Kind, frame: Int)
        async throws
    {
        let hostile = try Self.film(), calm = try Self.film()
        defer { for film in [hostile, calm] { try? FileManager.default.removeItem(at: film) } }
        let ledger = MemoryLedger(), hub = EventHub(log: NoStore())
        let dying = Self.stream(hostile, kind), living = Self.stream(calm, .file)
        await ledger.add(dying)
        await ledger.add(living)
        let supervisor = Self.supervisor(ledger, hub, HostileOne(hostile, at: frame))
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask { try await supervisor.run() }
            await ledger.wait(for: dying.id, .failure)
            await ledger.wait(for: living.id, .done)
            supervisor.shutDown()
            try await group.waitForAll()
        }
        let reason = try #require(await ledger.error(of: dying.id))
        #expect(reason.contains("crashed (SIGSEGV)") && reason.contains("3 times"), "\(reason)")
        // So that no start and no autorestart takes it up.
        #expect(await ledger.isFatal(dying.id))
        #expect(await ledger.error(of: living.id) == nil)
    }
}
