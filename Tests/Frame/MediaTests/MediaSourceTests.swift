import DecodeWorker
import Foundation
import Frames
import Media
import Records
import Scene
import Testing
import WorkerSupport

/// Files through the opener, from open to end.
struct MediaSourceTests {
    static let twoSeconds = "-f lavfi -i testsrc2=s=160x120:r=25:d=2 -c:v libx264 -pix_fmt yuv420p -g 25 -bf 2"

    @Test(arguments: ["clip.mp4", "clip.mkv", "clip.ts", "clip.avi", "clip.flv", "clip.mov", "clip.h264"])
    func everyFrameOfAFileComesOnceAndInTime(name: String) async throws {
        let folder = try TemporaryFolder()
        // AVI has no room for the times of reordered frames.
        try folder.ffmpeg("\(Self.twoSeconds) \(name == "clip.avi" ? "-bf 0" : "") \(name)")
        let source = try await folder.open(name)
        let frames = try await source.rest()
        #expect(frames.map(\.time.index) == Array(0..<50))
        for frame in frames {
            #expect(abs(frame.time.pts.seconds - Double(frame.time.index) * 0.04) < 0.0011, "\(name)")
            #expect(frame.size == PixelSize(width: 160, height: 120))
        }
        #expect(source.properties.codec == "h264")
        #expect(source.properties.size == PixelSize(width: 160, height: 120))
        #expect(source.properties.frameRate == 25)
        let statistics = source.statistics
        #expect(statistics.framesDecoded == 50 && statistics.framesDelivered == 50)
        #expect(statistics.framesDropped == 0 && statistics.packetsCorrupt == 0 && statistics.formatChanges == 0)
        #expect(try await source.next() == nil)
    }

    @Test func theLengthOfAFileIsKnown() async throws {
        let folder = try TemporaryFolder()
        try folder.ffmpeg("\(Self.twoSeconds) clip.mp4")
        let properties = try await folder.open("clip.mp4").properties
        #expect(properties.frameCount == 50)
        #expect(abs((properties.duration ?? 0) - 2) < 0.1)
    }

    @Test func eachRateGetsItsFramesAndNoFrameIsDeliveredForNobody() async throws {
        let folder = try TemporaryFolder()
        try folder.ffmpeg("\(Self.twoSeconds) clip.mp4")
        let source = try await folder.open("clip.mp4", rates: [.frames(10), .seconds(0.5)])
        let frames = try await source.rest()
        #expect(
            frames.filter { $0.consumers.contains(ConsumerSet(index: 0)) }.map(\.time.index) == [0, 10, 20, 30, 40])
        #expect(frames.filter { $0.consumers.contains(ConsumerSet(index: 1)) }.map(\.time.index) == [0, 13, 25, 38])
        #expect(frames.count == 8)
        #expect(source.statistics.framesDecoded == 50)
    }

    @Test func framesOfMotionJPEGThatNobodyWantsAreNotDecodedButCounted() async throws {
        let folder = try TemporaryFolder()
        try folder.ffmpeg("-f lavfi -i testsrc2=s=160x120:r=25:d=2 -c:v mjpeg clip.avi")
        let source = try await folder.open("clip.avi", rates: [.frames(10)])
        let frames = try await source.rest()
        #expect(frames.map(\.time.index) == [0, 10, 20, 30, 40])
        #expect(frames.map(\.time.pts.seconds) == [0, 0.4, 0.8, 1.2, 1.6])
        #expect(source.statistics.framesDecoded == 5)
        let reference = try folder.reference("clip.avi", frame: 30)
        #expect(difference(try frames[3].drawn(), reference).mean < 2)
    }

    @Test func variableFrameRatesKeepTheirTimes() async throws {
        let folder = try TemporaryFolder()
        // Frames 0…9 of 25 fps, of which every frame but 3, 4 and 7 is kept.
        try folder.ffmpeg(
            "-f lavfi -i testsrc2=s=160x120:r=25:d=0.4 -vf select=not(eq(n\\,3)+eq(n\\,4)+eq(n\\,7))",
            "-fps_mode vfr -c:v libx264 -bf 2 clip.mp4")
        let frames = try await folder.frames("clip.mp4")
        #expect(frames.map(\.time.pts.seconds) == [0, 0.04, 0.08, 0.2, 0.24, 0.32, 0.36])
        let byRate = try await folder.frames("clip.mp4") { $0.timestampSource = .frameRate }
        #expect(byRate.count == 7 && byRate[6].time.pts > byRate[5].time.pts)
    }

    @Test func theStreamsStartTimeIsAdded() async throws {
        let folder = try TemporaryFolder()
        try folder.ffmpeg("\(Self.twoSeconds) clip.mp4")
        let frame = try #require(try await folder.open("clip.mp4") { $0.startTime = 12.5 }.next())
        #expect(frame.time.pts == MediaTime(seconds: 12.5))
    }

    @Test func serverTimeOfAFileIsRefusedWhenItIsOpened() async throws {
        let folder = try TemporaryFolder()
        try folder.ffmpeg("\(Self.twoSeconds) clip.mp4")
        let error = await #expect(throws: MediaError.self) {
            try await folder.open("clip.mp4") { $0.timestampSource = .server }
        }
        #expect(error?.description.contains("timestamp_source server") == true)
        #expect(error?.isTransient == false)
        let noLabels = await #expect(throws: MediaError.self) {
            try folder.ffmpeg("\(Self.twoSeconds) clip.h264")
            _ = try await folder.open("clip.h264") { $0.timestampSource = .pts }
        }
        #expect(noLabels?.description.contains("no time stamps") == true)
    }

    @Test func changesOfSizeInMidStreamAreSurvivedAndCounted() async throws {
        let folder = try TemporaryFolder()
        for (name, size) in [("a", "160x120"), ("b", "320x180"), ("c", "160x120")] {
            try folder.ffmpeg("-f lavfi -i testsrc2=s=\(size):r=25:d=0.4 -c:v libx264 -pix_fmt yuv420p \(name).ts")
        }
        let joined = try ["a", "b", "c"].map { try Data(contentsOf: folder.url.appending(path: "\($0).ts")) }
        try joined.reduce(Data(), +).write(to: folder.url.appending(path: "joined.ts"))
        let source = try await folder.open("joined.ts")
        let frames = try await source.rest()
        #expect(frames.count >= 28)
        #expect(Set(frames.map(\.size.width)) == [160, 320])
        #expect(source.statistics.formatChanges == 2)
        for (before, after) in zip(frames, frames.dropFirst()) {
            #expect(after.time.pts > before.time.pts)
            #expect((after.time.pts - before.time.pts).seconds < 0.5)
        }
        for frame in frames { #expect(try frame.drawn(at: PixelSize(width: 32, height: 24)).count == 32 * 24 * 3) }
    }

    @Test func corruptPacketsAreCountedAndSurvived() async throws {
        let folder = try TemporaryFolder()
        try folder.ffmpeg("-f lavfi -i testsrc2=s=320x240:r=25:d=4 -c:v libx264 -pix_fmt yuv420p -g 10 clip.ts")
        var bytes = try Data(contentsOf: folder.url.appending(path: "clip.ts"))
        // A byte in every 3 kB of the middle part, by a fixed rule.
        for position in stride(from: bytes.count / 4, to: bytes.count * 3 / 4, by: 3001) { bytes[position] ^= 0x55 }
        try bytes.write(to: folder.url.appending(path: "damaged.ts"))
        let source = try await folder.open("damaged.ts")
        let frames = try await source.rest()
        #expect(frames.count >= 60)
        #expect(source.statistics.packetsCorrupt > 0)
    }

    @Test func aFileCutInTheMiddleDeliversWhatIsThere() async throws {
        let folder = try TemporaryFolder()
        try folder.ffmpeg("\(Self.twoSeconds) -movflags +faststart whole.mp4")
        let bytes = try Data(contentsOf: folder.url.appending(path: "whole.mp4"))
        try bytes.prefix(bytes.count * 2 / 3).write(to: folder.url.appending(path: "cut.mp4"))
        let source = try await folder.open("cut.mp4")
        let frames = try await source.rest()
        #expect((15..<50).contains(frames.count))
        #expect(source.statistics.packetsCorrupt > 0)
    }

    // MARK: What cannot be opened

    private func failure(_ folder: TemporaryFolder, _ reference: String) async -> MediaError? {
        await #expect(throws: MediaError.self) {
            let source = try await folder.open(reference)
            _ = try await source.rest()
        }
    }

    @Test func whoEndsAtDamageGetsEachFrameBeforeIt() async throws {
        let folder = try TemporaryFolder()
        try folder.ffmpeg("\(Self.twoSeconds) -movflags +faststart whole.mp4")
        let bytes = try Data(contentsOf: folder.url.appending(path: "whole.mp4"))
        try bytes.prefix(bytes.count * 2 / 3).write(to: folder.url.appending(path: "cut.mp4"))
        let all = try await folder.frames("whole.mp4") { $0.endsAtDamage = true }.count

        let source = try await folder.open("cut.mp4") { $0.endsAtDamage = true }
        var frames = 0
        await #expect(throws: MediaError.damaged) { while try await source.next() != nil { frames += 1 } }
        #expect(frames > all / 4 && frames < all && source.statistics.packetsCorrupt == 1)
        // Whoever goes on gets what can be made of the rest.
        let rest = try await folder.open("cut.mp4")
        #expect(try await rest.rest().count >= frames && rest.statistics.packetsCorrupt > 0)
    }

    @Test func whatIsNoVideoIsRefusedWithItsReason() async throws {
        let folder = try TemporaryFolder()
        try Data("Minutes of the meeting of 3 May.\n".utf8).write(to: folder.url.appending(path: "text.mp4"))
        try Data().write(to: folder.url.appending(path: "empty.mp4"))
        try FileManager.default.createDirectory(
            at: folder.url.appending(path: "folder.mp4"), withIntermediateDirectories: true)
        try folder.ffmpeg("-f lavfi -i sine=d=1 -c:a aac sound.mp4")
        try folder.ffmpeg("\(Self.twoSeconds) whole.mp4")
        let bytes = try Data(contentsOf: folder.url.appending(path: "whole.mp4"))
        try bytes.prefix(bytes.count / 2).write(to: folder.url.appending(path: "truncated.mp4"))
        try folder.ffmpeg("-f lavfi -i testsrc2=s=160x120:r=25:d=0.4 -c:v snow -strict -2 snow.avi")
        mkfifo(folder.path("pipe.mp4"), 0o600)

        #expect(await failure(folder, "text.mp4") == .notVideo)
        #expect(await failure(folder, "empty.mp4") == .emptyFile)
        #expect(await failure(folder, "missing.mp4") == .noSuchFile)
        #expect(await failure(folder, "folder.mp4") == .notAFile("a folder"))
        #expect(await failure(folder, "pipe.mp4") == .notAFile("a device, pipe or socket"))
        #expect(await failure(folder, "sound.mp4") == .noVideoTrack)
        #expect(await failure(folder, "truncated.mp4") == .indexMissing)
        #expect(await failure(folder, "snow.avi") == .unsupportedCodec("snow"))
        let wanted = "a file or an address that begins with http, https, rtsp, rtsps, rtmp, rtmps, srt"
        #expect(await failure(folder, "") == .unsupportedReference("is empty; wanted \(wanted)"))
    }

    @Test func filesThatOpenOtherFilesAreRefused() async throws {
        let folder = try TemporaryFolder()
        try folder.ffmpeg("\(Self.twoSeconds) clip.mp4")
        try Data("ffconcat version 1.0\nfile clip.mp4\n".utf8).write(to: folder.url.appending(path: "list.mp4"))
        let playlist = "#EXTM3U\n#EXT-X-TARGETDURATION:2\n#EXTINF:2,\nclip.mp4\n#EXT-X-ENDLIST\n"
        try Data(playlist.utf8).write(to: folder.url.appending(path: "list.m3u8"))
        let sdp = "v=0\nc=IN IP4 127.0.0.1\nm=video 5004 RTP/AVP 96\na=rtpmap:96 H264/90000\n"
        try Data(sdp.utf8).write(to: folder.url.appending(path: "list.sdp"))
        for name in ["list.mp4", "list.m3u8", "list.sdp"] {
            #expect(await failure(folder, name) == .notVideo, "\(name)")
        }
    }

    @Test func onlyFilesBelowAMediaRootAreOpened() async throws {
        let folder = try TemporaryFolder(), other = try TemporaryFolder()
        try folder.ffmpeg("\(Self.twoSeconds) clip.mp4")
        try other.ffmpeg("\(Self.twoSeconds) secret.mp4")
        try FileManager.default.createSymbolicLink(
            atPath: folder.path("link.mp4"), withDestinationPath: other.path("secret.mp4"))
        try FileManager.default.createSymbolicLink(
            atPath: folder.path("inside.mp4"), withDestinationPath: folder.path("clip.mp4"))

        for outside in [
            other.path("secret.mp4"), other.path("missing.mp4"), "../\(other.url.lastPathComponent)/secret.mp4",
            "link.mp4",
            "file://" + other.path("secret.mp4"), "/etc/passwd", "/proc/self/environ",
        ] {
            #expect(await failure(folder, outside) == .fileNotAllowed, "\(outside)")
        }
        for inside in [
            "clip.mp4", "./clip.mp4", "inside.mp4", folder.path("clip.mp4"), "file://" + folder.path("clip.mp4"),
        ] {
            #expect(try await folder.open(inside).next() != nil, "\(inside)")
        }
        var anywhere = MediaConfiguration()
        anywhere.allowsAnyPath = true
        let request = SourceSpecification(kind: .file, reference: other.path("secret.mp4"))
        #expect(try await TestWorkers.opener(anywhere).open(request, rates: [.frames(1)]).next() != nil)
    }

    @Test(arguments: [
        "concat:clip.mp4", "concat:///clip.mp4", "pipe://0", "data://text", "subfile,,start,0,end,9,,:clip.mp4",
        "udp://239.0.0.1:5000", "ftp://host/clip.mp4", "mms://host/live", "file://host/clip.mp4", "http://",
        "rtsp:///x",
        "clip\n.mp4", "lavfi://testsrc",
    ])
    func otherKindsOfReferencesAreRefused(reference: String) async throws {
        let folder = try TemporaryFolder()
        let error = await failure(folder, reference)
        #expect(error?.isTransient == false)
    }

    @Test func picturesWithTooManyPixelsAreRefused() async throws {
        let folder = try TemporaryFolder()
        try folder.ffmpeg("\(Self.twoSeconds) clip.mp4")
        var configuration = MediaConfiguration()
        (configuration.mediaRoots, configuration.maximumPixels) = ([folder.url], 160 * 120 - 1)
        await #expect(throws: MediaError.tooManyPixels(PixelSize(width: 160, height: 120), limit: 19199)) {
            try await TestWorkers.opener(configuration).open(
                SourceSpecification(kind: .file, reference: "clip.mp4"), rates: [])
        }
    }

    // MARK: Living and dying

    @Test func aFileWaitsForItsReaderAndEndsWhenNobodyReads() async throws {
        let folder = try TemporaryFolder()
        try folder.ffmpeg("-f lavfi -i testsrc2=s=160x120:r=25:d=8 -c:v libx264 clip.mp4")
        let source = try await folder.open("clip.mp4")
        #expect(try await source.next()?.time.index == 0)
        #expect(source.statistics.framesDecoded < 50)
        source.cancel()
        await #expect(throws: CancellationError.self) { try await source.next() }
        #expect(source.statistics.framesDropped == 0)
    }

    @Test func aFileRegisteredAsALiveStreamPlaysAtItsOwnSpeed() async throws {
        let folder = try TemporaryFolder()
        try folder.ffmpeg("-f lavfi -i testsrc2=s=64x48:r=25:d=0.4 -c:v libx264 clip.mp4")
        let start = ContinuousClock.now
        let source = try await folder.open("clip.mp4") { $0.kind = .stream }
        let frames = try await source.rest()
        #expect(frames.count + source.statistics.framesDropped == 10)
        #expect(ContinuousClock.now - start > .milliseconds(300))
        #expect(source.properties.duration == nil)
    }
}
