import DecodeWorker
import Foundation
import Frames
import Glibc
import Media
import ProcessSupport
import Records
import Scene
import Testing
import WorkerSupport

/// Sources that are decoded in processes of their own.
struct WorkerTests {
    /// Four seconds of moving colours.
    static func clip(_ folder: borrowing Folder, options: [String] = []) throws -> String {
        try folder.ffmpeg(
            ["-f", "lavfi", "-i", "testsrc2=s=320x240:r=25:d=4", "-c:v", "libx264", "-pix_fmt", "yuv420p", "-g", "25"]
                + options + ["clip.mp4"])
        return folder.path("clip.mp4")
    }
    static func configuration(_ change: (inout MediaConfiguration) -> Void = { _ in }) -> MediaConfiguration {
        var configuration = MediaConfiguration()
        configuration.allowsAnyPath = true
        // A machine may be busy with all other tests.
        (configuration.openDeadline, configuration.readDeadline) = (.seconds(60), .seconds(60))
        change(&configuration)
        return configuration
    }
    static func file(_ path: String) -> SourceSpecification { SourceSpecification(kind: .file, reference: path) }

    /// A frame's time and what its picture shows.
    struct Sight: Hashable {
        var index: Int
        var pts: MediaTime
        var pixels: Int
    }
    static func sights(of source: any FrameSource) async throws -> [Sight] {
        var sights: [Sight] = []
        while let frame = try await source.next() { sights.append(try sight(frame)) }
        return sights
    }
    static func sight(_ frame: Frame) throws -> Sight {
        var bytes = [UInt8](repeating: 0, count: 64 * 48 * 3)
        try bytes.withUnsafeMutableBufferPointer { bytes in
            try frame.picture.draw(
                PixelRect(x: 0, y: 0, width: frame.size.width, height: frame.size.height),
                to: PixelTarget(
                    base: bytes.baseAddress!, bytesPerRow: 64 * 3, size: PixelSize(width: 64, height: 48), order: .bgr))
        }
        return Sight(index: frame.time.index, pts: frame.time.pts, pixels: bytes.hashValue)
    }

    @Test func aFileShowsTheSameInAWorkerAsInThisProcess() async throws {
        let folder = try Folder(), path = try Self.clip(folder)
        let apart = try await TestWorkers.opener(Self.configuration()).open(Self.file(path), rates: [.frames(1)])
        let here = try await MediaOpener(Self.configuration()).open(Self.file(path), rates: [.frames(1)])
        #expect(apart.properties == here.properties)
        let seen = try await Self.sights(of: apart)
        #expect(try await seen == Self.sights(of: here))
        #expect(seen.count == 100)
        let (a, b) = (apart.statistics, here.statistics)
        #expect(a.framesDecoded == b.framesDecoded && a.framesDelivered == b.framesDelivered)
        #expect(a.pictureBytes == 0, "nobody holds a picture")
    }

    /// Pictures may be held for as long as anybody likes; those that are decoded meanwhile lie elsewhere.
    @Test func picturesThatAreHeldStayAsTheyWere() async throws {
        let folder = try Folder(), path = try Self.clip(folder)
        let source = try await TestWorkers.opener(Self.configuration()).open(Self.file(path), rates: [.frames(1)])
        var held: [(Frame, Sight)] = []
        while held.count < 20, let frame = try await source.next() { held.append((frame, try Self.sight(frame))) }
        _ = try await Self.sights(of: source)
        for (frame, sight) in held { #expect(try Self.sight(frame) == sight) }
    }

    /// Of each way to die.
    @Test(arguments: [
        WorkerTrap.Deed.crash, .breakPromise, .takeMemory, .shareMemory, .execute, .openFile, .connect, .signal,
    ])
    func aWorkersDeathIsItsSourcesFailure(deed: WorkerTrap.Deed) async throws {
        let folder = try Folder(), path = try Self.clip(folder)
        let other = try await TestWorkers.opener(Self.configuration()).open(Self.file(path), rates: [.frames(1)])
        let opener = TestWorkers.opener(Self.configuration(), trap: WorkerTrap(deed, at: 10))
        let error = await #expect(throws: WorkerFailure.self) {
            let source = try await opener.open(Self.file(path), rates: [.frames(1)])
            _ = try await Self.sights(of: source)
        }
        guard case .died(let death, let times) = error else { return #expect(Bool(false), "\(error as Any)") }
        let expected: [WorkerFailure.Death] =
            switch deed {
            case .crash: [.signal(SIGSEGV)]
            case .breakPromise: [.signal(SIGILL), .signal(SIGTRAP)]
            case .execute: [.signal(SIGSYS)]
            default: [.signal(SIGABRT)]
            }
        #expect(expected.contains(death), "\(death)")
        #expect(times == WorkerFailure.mostDeaths && error?.isTransient == false && error?.endedDecoder == true)
        #expect(try await Self.sights(of: other).count == 100)
    }

    /// Two workers die at the same frame; the third has another day.
    @Test func aFileGoesOnWhereItsWorkerDied() async throws {
        let folder = try Folder(), path = try Self.clip(folder)
        let opener = TestWorkers.opener(Self.configuration(), trap: WorkerTrap(.crash, at: 40, times: 2))
        let source = try await opener.open(Self.file(path), rates: [.frames(1)])
        let here = try await MediaOpener(Self.configuration()).open(Self.file(path), rates: [.frames(1)])
        #expect(try await Self.sights(of: source) == Self.sights(of: here))
    }

    /// As when memory runs out: the system ends the process that starts workers rather than the daemon.
    @Test func aFileGoesOnWhenTheWorkersLauncherEnds() async throws {
        let folder = try Folder(), path = try Self.clip(folder)
        let launcher = WorkerLauncher(executable: TestWorkers.executable)
        let source = try await SourceOpener(Self.configuration(), launcher: launcher).open(
            Self.file(path), rates: [.frames(1)])
        let first = try #require(try await source.next())
        var sights = [try Self.sight(first)]
        kill(try #require(launcher.process), SIGKILL)
        sights += try await Self.sights(of: source)
        let here = try await MediaOpener(Self.configuration()).open(Self.file(path), rates: [.frames(1)])
        #expect(try await sights == Self.sights(of: here))
    }

    @Test(.timeLimit(.minutes(30))) func aFileIsGivenUpWhenTheLauncherEndsAgainAndAgain() async throws {
        let folder = try Folder(), path = try Self.clip(folder)
        let launcher = WorkerLauncher(executable: TestWorkers.executable)
        let source = try await SourceOpener(Self.configuration(), launcher: launcher).open(
            Self.file(path), rates: [.frames(1)])
        let error = await #expect(throws: WorkerFailure.abandoned) {
            var last: Int32?
            while try await source.next() != nil {
                if let process = launcher.process, process != last {
                    last = process
                    kill(process, SIGKILL)
                }
            }
        }
        #expect(error?.isOwnFault == true && error?.endedDecoder == false)
    }

    /// Whatever a worker says of coded video, it is passed on to who asked for it, and to nobody else.
    @Test func videoThatNobodyAskedForGoesNowhere() async throws {
        let folder = try Folder(), path = try Self.clip(folder)
        let opener = TestWorkers.opener(Self.configuration(), trap: WorkerTrap(.passUnasked, at: 10))
        let source = try await opener.open(Self.file(path), rates: [.frames(1)])
        #expect(try await Self.sights(of: source).count == 100)
    }
    @Test func videoThatCannotBeEndsItsWorker() async throws {
        let folder = try Folder(), path = try Self.clip(folder)
        let opener = TestWorkers.opener(Self.configuration(), trap: WorkerTrap(.passTooMuch, at: 10))
        let source = try await opener.open(Self.file(path), rates: [.frames(1)])
        await #expect(throws: WorkerFailure.died(.nonsense, times: 3)) { _ = try await Self.sights(of: source) }
    }

    /// In silence or not.
    @Test(arguments: [WorkerTrap.Deed.hang, .chatter])
    func aWorkerThatHangsIsEnded(deed: WorkerTrap.Deed) async throws {
        let folder = try Folder(), path = try Self.clip(folder)
        let configuration = Self.configuration { $0.decodePatience = .seconds(1) }
        let opener = TestWorkers.opener(configuration, trap: WorkerTrap(deed, at: 10))
        let source = try await opener.open(Self.file(path), rates: [.frames(1)])
        await #expect(throws: WorkerFailure.died(.hang(.seconds(1)), times: 3)) {
            _ = try await Self.sights(of: source)
        }
    }

    /// It hears nothing, so it is ended some seconds later.
    @Test(.timeLimit(.minutes(30))) func aWorkerThatNeverStopsTalkingEndsWhenItsSourceIsCancelled() async throws {
        let folder = try Folder(), path = try Self.clip(folder)
        let launcher = WorkerLauncher(executable: TestWorkers.executable)
        var opener = SourceOpener(Self.configuration(), launcher: launcher)
        opener.trap = WorkerTrap(.chatter, at: 0)
        let source = try await opener.open(Self.file(path), rates: [.frames(1)])
        let process = try #require(launcher.process)
        #expect(Self.processes().contains { $0.parent == process })
        source.cancel()
        while Self.processes().contains(where: { $0.parent == process }) {
            try await Task.sleep(for: .milliseconds(20))
        }
    }

    @Test func whatAWorkerSaysIsBelievedAsFarAsAnybodyCouldMeanIt() async throws {
        let folder = try Folder(), path = try Self.clip(folder)
        let opener = TestWorkers.opener(Self.configuration(), trap: WorkerTrap(.exaggerate, at: 10))
        let source = try await opener.open(Self.file(path), rates: [.frames(1)])
        await #expect(throws: MediaError.stalled(after: .seconds(86_400))) { _ = try await Self.sights(of: source) }
    }

    @Test func aWorkerThatDiesBeforeAnythingIsReadIsToldOf() async throws {
        let folder = try Folder(), path = try Self.clip(folder)
        let opener = TestWorkers.opener(Self.configuration(), trap: WorkerTrap(.crash, at: -1))
        await #expect(throws: WorkerFailure.died(.signal(SIGSEGV), times: 3)) {
            _ = try await opener.open(Self.file(path), rates: [.frames(1)])
        }
    }

    @Test func aWorkerThatDiesOfASoundIsToldOf() throws {
        let folder = try Folder(), clip = try Self.clip(folder)
        var opener = TestWorkers.opener(Self.configuration()).sounds
        #expect(try opener.open(clip) == nil, "it has none")
        opener.trap = WorkerTrap(.crash, at: -1)
        #expect(throws: WorkerFailure.died(.signal(SIGSEGV), times: 1)) { try opener.open(clip) }
    }

    @Test func aWorkerWritesNothingIntoTheDaemonsLog() async throws {
        let folder = try Folder(), path = try Self.clip(folder)
        let launcher = WorkerLauncher(executable: TestWorkers.executable)
        let source = try await SourceOpener(Self.configuration(), launcher: launcher).open(
            Self.file(path), rates: [.frames(1)])
        let process = try #require(launcher.process)
        let worker = try #require(Self.processes().first(where: { $0.parent == process }))
        for descriptor in 0...2 {
            let file = try FileManager.default.destinationOfSymbolicLink(
                atPath: "/proc/\(worker.id)/fd/\(descriptor)")
            #expect(file == "/dev/null")
        }
        source.cancel()
    }

    /// Its launcher is this test's own, so that its children are known.
    @Test(.timeLimit(.minutes(30))) func nobodyIsLeftBehind() async throws {
        let folder = try Folder(), path = try Self.clip(folder)
        var launcher: WorkerLauncher? = WorkerLauncher(executable: TestWorkers.executable)
        var source: (any FrameSource)? = try await SourceOpener(Self.configuration(), launcher: launcher!).open(
            Self.file(path), rates: [.frames(1)])
        #expect(try await source?.next() != nil)
        // The worker waits for room and the launcher for orders.
        let before = Self.processes(), launchers = before.filter { $0.parent == getpid() && $0.isWorker }
        let workers = before.filter { worker in launchers.contains { $0.id == worker.parent } }
        #expect(!launchers.isEmpty && !workers.isEmpty)
        source?.cancel()
        (source, launcher) = (nil, nil)
        // The other launcher is that of all tests.
        let own = Set(launchers.map(\.id))
        while Self.processes().filter({ own.contains($0.id) && $0.parent == getpid() }).count >= own.count {
            try await Task.sleep(for: .milliseconds(20))
        }
        while Self.processes().contains(where: { $0.state == "Z" && own.contains($0.id) }) {
            try await Task.sleep(for: .milliseconds(20))
        }
    }

    private struct RunningProcess {
        var id, parent: pid_t
        var state: Character
        var isWorker: Bool
    }
    private static func processes() -> [RunningProcess] {
        ((try? FileManager.default.contentsOfDirectory(atPath: "/proc")) ?? []).compactMap { name in
            guard let id = pid_t(name), let text = try? String(contentsOfFile: "/proc/\(id)/stat", encoding: .utf8),
                let end = text.lastIndex(of: ")")
            else { return nil }
            let fields = text[text.index(after: end)...].split(separator: " ")
            let command = try? String(contentsOfFile: "/proc/\(id)/cmdline", encoding: .utf8)
            return RunningProcess(
                id: id, parent: pid_t(fields[1]) ?? 0, state: fields[0].first ?? "?",
                isWorker: command?.contains(LauncherProcess.command) == true)
        }
    }
}

/// A folder that is deleted with this value.
struct Folder: ~Copyable {
    let url = FileManager.default.temporaryDirectory.appending(path: "sightline-test-\(UUID())")
    init() throws { try FileManager.default.createDirectory(at: url, withIntermediateDirectories: true) }
    deinit { try? FileManager.default.removeItem(at: url) }
    func path(_ name: String) -> String { url.appending(path: name).path(percentEncoded: false) }
    func ffmpeg(_ arguments: [String]) throws {
        try ChildProcess.output(of: ["ffmpeg", "-v", "error", "-nostdin", "-y"] + arguments, in: url)
    }
}
