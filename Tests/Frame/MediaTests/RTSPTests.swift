import Addresses
import DecodeWorker
import Foundation
import Frames
import Media
import ProcessSupport
import Records
import Scene
import Synchronization
import Testing
import WorkerSupport

/// Against the cameras of the trials, which send over UDP as well and are a process of their own.
struct RTSPTests {
    private static func open(_ server: CameraProcess, _ transport: MediaConfiguration.RTSPTransport) async throws
        -> any FrameSource
    {
        var configuration = MediaConfiguration()
        configuration.network.allowsLoopback = true
        configuration.rtspTransport = transport
        configuration.network.allowed = [NetworkRange("127.0.0.0/8")!]
        // A machine may be busy with all other tests.
        (configuration.openDeadline, configuration.readDeadline) = (.seconds(60), .seconds(60))
        let opener = TestWorkers.opener(configuration)
        let camera = SourceSpecification(kind: .stream, reference: server.address)
        // Over UDP a busy machine may lose what a film begins with; a camera is tried again then.
        for _ in 0..<9 where transport == .udp {
            do { return try await opener.open(camera, rates: [.frames(1)]) } catch let error as MediaError
                where error.isTransient
            {}
        }
        return try await opener.open(camera, rates: [.frames(1)])
    }
    private static func film(_ folder: TemporaryFolder, _ codec: String) throws -> String {
        let options = codec == "libx265" ? "-x265-params log-level=none" : "-preset ultrafast"
        try folder.ffmpeg(
            "-f lavfi -i testsrc2=s=320x240:r=25:d=4 -c:v \(codec) \(options) -g 25 -pix_fmt yuv420p film.mp4")
        return folder.path("film.mp4")
    }

    /// `http` is nothing that these cameras speak (`TransportChoiceTests`).
    private static let transports: [MediaConfiguration.RTSPTransport] = [.auto, .tcp, .udp]

    @Test(arguments: transports, [("libx264", "h264"), ("libx265", "hevc")])
    func aCameraIsWatched(transport: MediaConfiguration.RTSPTransport, codec: (encoder: String, name: String))
        async throws
    {
        let folder = try TemporaryFolder()
        let server = try CameraProcess(Self.film(folder, codec.encoder))
        let source = try await Self.open(server, transport)
        var last: FrameTime?
        for _ in 0..<20 {
            let frame = try #require(try await source.next())
            #expect(frame.size == PixelSize(width: 320, height: 240))
            if let last { #expect(frame.time.pts > last.pts && frame.time.index > last.index) }
            last = frame.time
        }
        #expect(source.properties.duration == nil)
        #expect(source.properties.codec == codec.name)
        source.cancel()
    }

    /// Whoever joins later, too, begins with a key frame; each film has one a second.
    @Test(arguments: [("libx264", "avc1."), ("libx265", "hvc1.")])
    func aCamerasVideoIsPassedOn(encoder: String, codec: String) async throws {
        let folder = try TemporaryFolder()
        let server = try CameraProcess(Self.film(folder, encoder))
        let source = try await Self.open(server, .tcp)
        let caught = Mutex<[VideoPiece]>([])
        source.passVideo { piece in caught.withLock { $0.append(piece) } }
        while caught.withLock({ $0.count }) < 60, try await source.next() != nil {}
        source.passVideo(to: nil)
        source.cancel()
        let pieces = caught.withLock { $0 }
        guard case .head(let head) = pieces[0], case .fragment(let first) = pieces[1] else {
            Issue.record("a video begins with a head and a key frame")
            return
        }
        #expect(head.codec.hasPrefix(codec) && first.isKeyframe)
        try Data(pieces.flatMap(\.bytes)).write(to: folder.url.appending(path: "passed.mp4"))
        let packets = try PassageTests.packets("passed.mp4", in: folder)
        #expect(packets.count == pieces.count - 1)
        // Of H.265 those may be missing that refer to what is before the key frame.
        let shown = try PassageTests.pictures("passed.mp4", in: folder).count
        #expect(encoder == "libx265" ? shown >= packets.count - 8 : shown == packets.count)
        for (one, next) in zip(packets, packets.dropFirst()) { #expect((next.dts ?? 0) > (one.dts ?? 0)) }
    }

    /// All that the camera shows is white; what a decoder makes up is grey.
    @Test(arguments: ["libx264", "libx265"])
    func aCameraThatIsJoinedInTheMiddleIsSeenFromItsNextKeyframeOn(encoder: String) async throws {
        let folder = try TemporaryFolder()
        let options = encoder == "libx265" ? "-x265-params log-level=none" : "-bf 0"
        try folder.ffmpeg(
            "-f lavfi -i color=c=white:s=320x240:r=25:d=4 -c:v \(encoder) \(options) -g 100 -pix_fmt yuv420p film.mp4")
        let server = try CameraProcess(folder.path("film.mp4"))
        let source = try await Self.open(server, .tcp)
        for _ in 0..<5 {
            let frame = try #require(try await source.next())
            #expect(try #require(frame.picture.luma).darkest > 200)
        }
        source.cancel()
    }

    @Test(arguments: transports)
    func aCameraThatDiesIsATransientFailure(transport: MediaConfiguration.RTSPTransport) async throws {
        let folder = try TemporaryFolder()
        let server = try CameraProcess(Self.film(folder, "libx264"))
        let source = try await Self.open(server, transport)
        #expect(try await source.next() != nil)
        server.stop()
        let error = await #expect(throws: MediaError.self) { _ = try await source.rest() }
        #expect(error?.isTransient == true)
    }
}

/// A process that plays a film over RTSP, over and over.
private final class CameraProcess: Sendable {
    private static let program = URL(filePath: #filePath).deletingLastPathComponent()
        .appending(path: "../../../scripts/trial/rtsp-server")
    private let process: ChildProcess
    /// Open as long as it is to run.
    private let input = Pipe(), output = Pipe()
    let address: String

    init(_ film: String) throws {
        process = try ChildProcess(
            [Self.program.path, "0", film], input: input.fileHandleForReading, output: output.fileHandleForWriting)
        try output.fileHandleForWriting.close()
        let line = String(decoding: output.fileHandleForReading.availableData, as: UTF8.self)
        address = line.trimmingCharacters(in: .whitespacesAndNewlines)
    }
    deinit { stop() }
    func stop() { process.send(signal: SIGKILL) }
}
