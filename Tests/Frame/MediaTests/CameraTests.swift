import Addresses
import CameraSupport
import DecodeWorker
import Foundation
import Frames
import Records
import Scene
import Testing
import WorkerSupport

@testable import Media

/// RTSP cameras of the test's own, with H.264 as cameras send it.
struct CameraTests {
    static func film(_ folder: TemporaryFolder, options: String = "") throws -> H264Film {
        try folder.ffmpeg(
            "-f lavfi -i testsrc2=s=160x120:r=25:d=4 -c:v libx264 -pix_fmt yuv420p -g 25 -bf 0 \(options) film.h264")
        return try #require(H264Film(annexB: Array(Data(contentsOf: folder.url.appending(path: "film.h264")))))
    }
    static func open(
        _ camera: RTSPCamera, _ source: SourceSpecification.TimestampSource = .auto,
        kind: SourceSpecification.Kind = .stream,
        change: (inout MediaConfiguration) -> Void = { _ in }
    ) async throws -> any FrameSource {
        var configuration = MediaConfiguration()
        configuration.network.allowsLoopback = true
        // A machine may be busy with all other tests.
        (configuration.openDeadline, configuration.readDeadline) = (.seconds(60), .seconds(60))
        change(&configuration)
        return try await TestWorkers.opener(configuration).open(
            SourceSpecification(kind: kind, reference: camera.address, timestampSource: source), rates: [.frames(1)])
    }

    @Test func aCameraIsWatched() async throws {
        let camera = try RTSPCamera(RTSPCamera.Script(film: Self.film(TemporaryFolder())))
        defer { camera.stop() }
        let source = try await Self.open(camera)
        var last: FrameTime?
        for _ in 0..<20 {
            let frame = try #require(try await source.next())
            #expect(frame.size == PixelSize(width: 160, height: 120))
            if let last { #expect(frame.time.pts > last.pts && frame.time.index > last.index) }
            last = frame.time
        }
        #expect(source.properties.duration == nil && source.properties.codec == "h264")
        source.cancel()
    }

    @Test func aCameraThatDiesIsATransientFailure() async throws {
        let camera = try RTSPCamera(RTSPCamera.Script(film: Self.film(TemporaryFolder())))
        defer { camera.stop() }
        let source = try await Self.open(camera)
        #expect(try await source.next() != nil)
        camera.stop()
        let error = await #expect(throws: MediaError.self) { _ = try await source.rest() }
        #expect(error?.isTransient == true)
    }

    /// The proportions that a codec tells, since RTSP tells none.
    @Test func aCameraWithWidePixelsIsSeenInItsProportions() async throws {
        let film = try Self.film(TemporaryFolder(), options: "-vf setsar=2/1")
        let camera = RTSPCamera(RTSPCamera.Script(film: film))
        defer { camera.stop() }
        let source = try await Self.open(camera)
        #expect(try await source.next()?.size == PixelSize(width: 320, height: 120))
        source.cancel()
    }

    /// FFmpeg's parser holds the last picture back and hands it over when the time is over; that begins no second wait.
    @Test func silenceIsWaitedForOnce() async throws {
        var script = try RTSPCamera.Script(film: Self.film(TemporaryFolder()))
        script.silentAfter = 60
        let camera = RTSPCamera(script)
        defer { camera.stop() }
        var configuration = MediaConfiguration()
        configuration.network.allowsLoopback = true
        configuration.readDeadline = .seconds(3)
        let interrupt = Interrupt()
        interrupt.arm(.seconds(60))
        let demuxer = try Demuxer(
            .rtsp(address: camera.address, ways: [.tcp]), file: nil, configuration: configuration, interrupt: interrupt)
        var waits: [Duration] = []
        #expect(throws: MediaError.stalled(after: .seconds(3))) {
            while true {
                let start = ContinuousClock.now
                defer { waits.append(ContinuousClock.now - start) }
                _ = try demuxer.read()
            }
        }
        #expect(try #require(waits.max()) > .seconds(2))
        #expect(try #require(waits.last) < .seconds(1), "\(waits.suffix(3))")
    }

    /// The wait is under way when it is bounded.
    @Test func aSourceThatMayBeSilentForLessEndsSooner() async throws {
        var script = try RTSPCamera.Script(film: Self.film(TemporaryFolder()))
        script.silentAfter = 60
        let camera = RTSPCamera(script)
        defer { camera.stop() }
        let source = try await Self.open(camera) { $0.readDeadline = .seconds(300) }
        while source.statistics.silence.map({ $0 < .seconds(1) }) ?? true {
            try await Task.sleep(for: .milliseconds(20))
        }
        source.limitSilence(to: .milliseconds(1500))
        let error = await #expect(throws: MediaError.self) { while try await source.next() != nil {} }
        #expect(error == .stalled(after: .milliseconds(1500)) && error?.silence == .milliseconds(1500))
    }

    @Test func aCameraThatTakesNoUDPIsAskedForTCP() async throws {
        var script = try RTSPCamera.Script(film: Self.film(TemporaryFolder()))
        script.answer = { request in
            guard request.hasPrefix("SETUP"), request.contains("client_port") else { return nil }
            let sequence = request.split(separator: "\r\n").first { $0.hasPrefix("CSeq:") } ?? "CSeq: 1"
            return "RTSP/1.0 461 Unsupported Transport\r\n\(sequence)\r\n\r\n"
        }
        let camera = RTSPCamera(script)
        defer { camera.stop() }
        let source = try await Self.open(camera) {
            ($0.rtspTransport, $0.network.allowed) = (.udp, [NetworkRange("127.0.0.0/8")!])
        }
        #expect(try await source.next() != nil)
        #expect(camera.requests.filter { $0.hasPrefix("SETUP") }.count == 2)
        source.cancel()
    }

    /// As behind a firewall.
    @Test func aCameraWhosePacketsGetLostOverUDPIsAskedForTCP() async throws {
        var script = try RTSPCamera.Script(film: Self.film(TemporaryFolder()))
        script.answer = { request in
            let lines = request.split(separator: "\r\n")
            guard request.hasPrefix("SETUP"), let transport = lines.first(where: { $0.contains("client_port") })
            else { return nil }
            let sequence = lines.first { $0.hasPrefix("CSeq:") } ?? "CSeq: 1"
            return "RTSP/1.0 200 OK\r\n\(sequence)\r\n\(transport);server_port=9-10\r\nSession: 1\r\n\r\n"
        }
        let camera = RTSPCamera(script)
        defer { camera.stop() }
        let source = try await Self.open(camera) {
            ($0.rtspTransport, $0.network.allowed) = (.udp, [NetworkRange("127.0.0.0/8")!])
            $0.readDeadline = .seconds(10)
        }
        #expect(try await source.next() != nil)
        #expect(camera.requests.filter { $0.hasPrefix("SETUP") }.count == 2)
        source.cancel()
    }

    /// The camera sends no more pictures than that, so what wants to see more waits for ever.
    @Test func aFewPicturesAreEnoughToBeginWith() async throws {
        var script = try RTSPCamera.Script(film: Self.film(TemporaryFolder()))
        script.silentAfter = 18
        let camera = RTSPCamera(script)
        defer { camera.stop() }
        let source = try await Self.open(camera) { $0.openDeadline = .seconds(20) }
        #expect(try await source.next() != nil)
        #expect(source.properties.timeToAnswer != nil)
        source.cancel()
    }

    @Test func whoeverDoesNotAnswerIsGivenUpEarlierWhenThatIsWanted() async throws {
        let server = ScriptedServer { _ in nil }
        var configuration = MediaConfiguration()
        configuration.network.allowsLoopback = true
        configuration.openDeadline = .seconds(600)
        configuration.readDeadline = .seconds(600)
        for scheme in ["rtsp", "http"] {
            let source = SourceSpecification(kind: .stream, reference: "\(scheme)://127.0.0.1:\(server.port)/live")
            let error = await #expect(throws: MediaError.self) {
                _ = try await TestWorkers.opener(configuration).open(
                    source, rates: [.frames(1)], answerWithin: .milliseconds(300))
            }
            #expect(error == .openTimedOut(after: .milliseconds(300)), "\(scheme)")
        }
    }
}
