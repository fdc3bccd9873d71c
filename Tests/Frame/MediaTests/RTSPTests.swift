import Addresses
import Foundation
import Frames
import Media
import Records
import Scene
import Testing

/// Against GStreamer's RTSP server, where it is installed.
@Suite(.enabled(if: GStreamerServer.isInstalled, "needs python3-gi and GStreamer's RTSP server"))
struct RTSPTests {
    private static func open(_ server: GStreamerServer, _ transport: MediaConfiguration.RTSPTransport = .tcp)
        async throws -> any FrameSource
    {
        var configuration = MediaConfiguration()
        configuration.network.allowsLoopback = true
        configuration.rtspTransport = transport
        configuration.network.allowed = [NetworkRange("127.0.0.0/8")!]
        configuration.readDeadline = .seconds(5)
        return try await MediaOpener(configuration).open(
            SourceSpecification(kind: .stream, reference: "rtsp://localhost:\(server.port)/ball"), rates: [.frames(1)])
    }

    @Test(arguments: MediaConfiguration.RTSPTransport.allCases)
    func aCameraIsWatched(transport: MediaConfiguration.RTSPTransport) async throws {
        let server = try GStreamerServer()
        let source = try await Self.open(server, transport)
        var last: FrameTime?
        for _ in 0..<20 {
            let frame = try #require(try await source.next())
            #expect(frame.size == PixelSize(width: 320, height: 240))
            if let last { #expect(frame.time.pts > last.pts && frame.time.index > last.index) }
            last = frame.time
        }
        #expect(source.properties.duration == nil)
        #expect(source.properties.codec == "mjpeg")
        source.cancel()
    }

    @Test func aCameraThatDiesIsATransientFailure() async throws {
        let server = try GStreamerServer()
        let source = try await Self.open(server)
        #expect(try await source.next() != nil)
        server.stop()
        let error = await #expect(throws: MediaError.self) { _ = try await source.rest() }
        #expect(error?.isTransient == true)
    }
}

/// A process that serves a moving ball as Motion JPEG over RTSP.
final class GStreamerServer: Sendable {
    private static let python = URL(filePath: "/usr/bin/python3")
    private static let requirements = """
        import gi
        gi.require_version("Gst", "1.0")
        gi.require_version("GstRtspServer", "1.0")
        from gi.repository import GLib, Gst, GstRtspServer
        Gst.init(None)
        for name in ("videotestsrc", "jpegenc", "rtpjpegpay"):
            assert Gst.ElementFactory.find(name), name

        """
    private static let program =
        requirements + """
            factory = GstRtspServer.RTSPMediaFactory()
            factory.set_launch("( videotestsrc is-live=true pattern=ball"
                " ! video/x-raw,format=I420,width=320,height=240,framerate=25/1 ! jpegenc ! rtpjpegpay name=pay0 pt=26 )")
            factory.set_shared(True)
            server = GstRtspServer.RTSPServer()
            server.set_address("127.0.0.1")
            server.set_service("0")
            server.get_mount_points().add_factory("/ball", factory)
            server.attach(None)
            print(server.get_bound_port(), flush=True)
            GLib.MainLoop().run()
            """

    static let isInstalled: Bool = {
        guard FileManager.default.isExecutableFile(atPath: python.path()) else { return false }
        let process = Process()
        process.executableURL = python
        process.arguments = ["-c", requirements]
        (process.standardOutput, process.standardError) = (FileHandle.nullDevice, FileHandle.nullDevice)
        guard (try? process.run()) != nil else { return false }
        process.waitUntilExit()
        return process.terminationStatus == 0
    }()

    private let process = Process()
    let port: Int

    init() throws {
        process.executableURL = Self.python
        process.arguments = ["-c", Self.program]
        let output = Pipe()
        (process.standardOutput, process.standardError) = (output, FileHandle.nullDevice)
        try process.run()
        let line = String(decoding: output.fileHandleForReading.availableData, as: UTF8.self)
        port = try #require(Int(line.trimmingCharacters(in: .whitespacesAndNewlines)))
    }
    deinit { stop() }
    func stop() { kill(process.processIdentifier, SIGKILL) }
}
