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

/// Sources that tell of themselves what a probe asks, by way of a worker as ever.
struct SurveyTests {
    private static func facts(
        _ folder: TemporaryFolder, _ name: String
    ) async throws -> (facts: SourceFacts, properties: SourceProperties) {
        let source = try await folder.open(name) { $0.isSurveyed = true }
        _ = try await source.rest()
        return (try #require(source.properties.facts), source.properties)
    }

    @Test func aFileTellsItsTracksItsPicturesAndItsRates() async throws {
        let folder = try TemporaryFolder()
        try "1\n00:00:00,000 --> 00:00:01,000\nHello\n".write(
            to: folder.url.appending(path: "text.srt"), atomically: true, encoding: .utf8)
        try folder.ffmpeg(
            "-f lavfi -i testsrc2=s=320x240:r=25:d=2 -f lavfi -i sine=d=2:r=16000 -i text.srt -map 0 -map 1 -map 2",
            "-vf setsar=4/3 -c:v libx264 -profile:v main -pix_fmt yuv420p -g 20 -keyint_min 20 -sc_threshold 0 -bf 2",
            "-c:a aac -ac 1 -metadata:s:a:0 language=lav -c:s mov_text clip.mp4")
        let (facts, properties) = try await Self.facts(folder, "clip.mp4")
        #expect(facts.container.contains("mp4") && facts.transport == .file && facts.profile == "Main")
        #expect(facts.storedSize == PixelSize(width: 320, height: 240) && facts.pixelProportions == "4:3")
        #expect(properties.size == PixelSize(width: 427, height: 240))
        #expect(facts.rotation == 0 && !facts.isMirrored)
        #expect(
            facts.sounds == [SourceFacts.Sound(codec: "aac", sampleRate: 16_000, channels: 1, language: "lav")])
        #expect(facts.others == [SourceFacts.OtherTrack(.subtitle, codec: "mov_text")])
        let seen = facts.seen
        #expect(seen.packets == 50 && seen.keyframes == 3 && seen.keyframeDistance == 20)
        #expect(try properties.frameRate == 25 && abs(#require(seen.frameRate) - 25) < 0.01)
        #expect(try abs(#require(seen.keyframeSeconds) - 0.8) < 0.001)
        #expect(seen.stamps == .relative && seen.drift == nil && seen.clockOffset == nil)
        #expect(seen.processorTime > 0 && (seen.bitRate ?? 0) > 0)
    }

    /// Of thirty frames a second every second one was left out.
    @Test func theRateIsThatOfTheTimeStamps() async throws {
        let folder = try TemporaryFolder()
        try folder.ffmpeg(
            "-f lavfi -i testsrc2=s=160x120:r=30:d=2 -vf select=not(mod(n\\,2)) -fps_mode passthrough",
            "-c:v libx264 -pix_fmt yuv420p -bf 0 -video_track_timescale 30 clip.mp4")
        let (facts, properties) = try await Self.facts(folder, "clip.mp4")
        #expect(try abs(#require(facts.seen.frameRate) - 15) < 0.01)
        #expect(properties.frameRate != nil)
    }

    /// The command `ffmpeg` counts anticlockwise.
    @Test(arguments: [0, 90, 180, 270])
    func howAPhoneWasHeldIsTold(held: Int) async throws {
        let folder = try TemporaryFolder()
        try folder.ffmpeg("-f lavfi -i testsrc2=s=320x240:r=25:d=0.2 -c:v libx264 -pix_fmt yuv420p plain.mp4")
        try folder.ffmpeg("-i plain.mp4 -c copy -metadata:s:v:0 rotate=\(held) held.mp4")
        let (facts, properties) = try await Self.facts(folder, "held.mp4")
        #expect(facts.rotation == (360 - held) % 360 && !facts.isMirrored)
        #expect(facts.storedSize == PixelSize(width: 320, height: 240))
        #expect(
            properties.size
                == (held % 180 == 0 ? PixelSize(width: 320, height: 240) : PixelSize(width: 240, height: 320)))
    }

    @Test func aBitstreamHasNoTimeStamps() async throws {
        let folder = try TemporaryFolder()
        _ = try CameraTests.film(folder)
        let seen = try await Self.facts(folder, "film.h264").facts.seen
        #expect(seen.stamps == .none && seen.frameRate == nil && seen.missingStamps == seen.packets)
    }

    @Test func nothingIsToldOfWhatIsNotSurveyed() async throws {
        let folder = try TemporaryFolder()
        try folder.ffmpeg("-f lavfi -i testsrc2=s=160x120:r=25:d=0.2 -c:v libx264 -pix_fmt yuv420p clip.mp4")
        let source = try await folder.open("clip.mp4")
        _ = try await source.rest()
        #expect(source.properties.facts == nil)
    }

    // MARK: Cameras

    /// A camera that says it has sound beside its pictures.
    private static func camera() throws -> RTSPCamera {
        let film = try CameraTests.film(TemporaryFolder())
        let sets = [film.sequenceParameters, film.pictureParameters].map { Data($0).base64EncodedString() }
        var script = RTSPCamera.Script(film: film)
        script.reports = [RTSPCamera.Report(before: 0, Date() + 100)]
        script.description = [
            "v=0", "o=- 0 0 IN IP4 127.0.0.1", "s=camera", "t=0 0", "m=video 0 RTP/AVP 96", "c=IN IP4 0.0.0.0",
            "a=rtpmap:96 H264/90000",
            "a=fmtp:96 packetization-mode=1;sprop-parameter-sets=\(sets.joined(separator: ","))", "a=control:track1",
            "m=audio 0 RTP/AVP 8", "a=rtpmap:8 PCMA/8000/1", "a=control:track2", "",
        ].joined(separator: "\r\n")
        return RTSPCamera(script)
    }
    private static func open(_ camera: RTSPCamera, isSurveyed: Bool) async throws -> any FrameSource {
        var configuration = MediaConfiguration()
        configuration.network.allowsLoopback = true
        (configuration.openDeadline, configuration.readDeadline) = (.seconds(60), .seconds(60))
        var request = SourceSpecification(kind: .stream, reference: camera.address)
        request.isSurveyed = isSurveyed
        return try await TestWorkers.opener(configuration).open(request, rates: [.frames(1)])
    }

    @Test func aCameraTellsItsSoundItsClockAndItsRate() async throws {
        let camera = try Self.camera()
        defer { camera.stop() }
        let source = try await Self.open(camera, isSurveyed: true)
        defer { source.cancel() }
        var facts: SourceFacts?
        for _ in 0..<2000 {
            guard try await source.next() != nil else { break }
            facts = source.properties.facts
            if let seen = facts?.seen, seen.keyframeDistance != nil, seen.packets > 40, seen.clockOffset != nil {
                break
            }
        }
        let told = try #require(facts), seen = told.seen
        #expect(told.container == "rtsp" && told.transport == .tcp)
        #expect(told.sounds.map(\.codec) == ["pcm_alaw"] && told.sounds.first?.sampleRate == 8000)
        #expect(try seen.keyframeDistance == 25 && abs(#require(seen.frameRate) - 25) < 0.1)
        #expect(seen.stamps == .cameraClock)
        // The camera's clock is a hundred seconds ahead, however late a busy machine was.
        #expect((70...101).contains(try #require(seen.clockOffset)))
        #expect(camera.requests.count { $0.hasPrefix("SETUP") } == 2)
    }

    @Test func aCameraIsAskedForSoundByNobodyElse() async throws {
        let camera = try Self.camera()
        defer { camera.stop() }
        let source = try await Self.open(camera, isSurveyed: false)
        #expect(try await source.next() != nil)
        source.cancel()
        #expect(camera.requests.count { $0.hasPrefix("SETUP") } == 1)
    }
}
