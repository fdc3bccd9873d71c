import DecodeWorker
import Foundation
import Frames
import Records
import Scene
import Synchronization
import Testing
import WorkerSupport

@testable import Media

/// Pictures whose pixels are not square.
struct ProportionTests {
    /// 160 × 120 stored pixels that are to be shown at `ratio`; the codec says so, and the container where it can.
    private static func clip(_ folder: TemporaryFolder, _ name: String, ratio: String, options: String = "") throws {
        try folder.ffmpeg(
            "-f lavfi -i testsrc2=s=160x120:r=25:d=0.2 -vf setsar=\(ratio) -c:v libx264 -qp 5 -pix_fmt yuv444p",
            "\(options) \(name)")
    }

    @Test(
        arguments: ["clip.mp4", "clip.mkv", "clip.ts", "clip.h264"],
        [("2/1", 320, 120), ("1/2", 160, 240), ("16/11", 233, 120), ("10/11", 160, 132), ("1/1", 160, 120)])
    func aFrameIsAsLargeAsAPlayerShowsIt(name: String, shown: (ratio: String, width: Int, height: Int)) async throws {
        let folder = try TemporaryFolder()
        try Self.clip(folder, name, ratio: shown.ratio)
        let source = try await folder.open(name)
        let size = PixelSize(width: shown.width, height: shown.height)
        #expect(source.properties.size == size)
        let frame = try #require(try await source.next())
        #expect(frame.size == size)
        let reference = try folder.reference(name, filter: "scale=\(size.width):\(size.height):flags=bilinear")
        #expect(difference(try frame.drawn(), reference).mean < 3)
    }

    /// Recorders repeat the codec's ratio in the container; where they differ, players believe the container.
    @Test func theContainerGoesBeforeTheCodec() async throws {
        let folder = try TemporaryFolder()
        try Self.clip(folder, "codec.mp4", ratio: "2/1")
        try folder.ffmpeg("-i codec.mp4 -c copy -aspect 1:1 both.mkv")  // 3:4 pixels
        #expect(try await folder.open("both.mkv").properties.size == PixelSize(width: 160, height: 160))
    }

    /// Nothing is scaled twice: the planes go into the tensor as ever, only by two factors.
    @Test(arguments: ["yuv420p", "nv12", "yuv420p10le", "bgr0"])
    func theSamePixelsGoIntoTheTensorWhateverTheirShape(format: String) async throws {
        let folder = try TemporaryFolder()
        let codec = format == "nv12" ? "-c:v rawvideo" : "-c:v ffv1"
        for (name, ratio) in [("square", "1/1"), ("wide", "2/1")] {
            try folder.ffmpeg(
                "-f lavfi -i testsrc2=s=160x120:r=25:d=0.04 -vf setsar=\(ratio) \(codec) -pix_fmt \(format) \(name).mkv"
            )
        }
        let square = try #require(try await folder.frames("square.mkv").first)
        let wide = try #require(try await folder.frames("wide.mkv").first)
        #expect(wide.size == PixelSize(width: 320, height: 120))
        let target = PixelSize(width: 96, height: 36)
        #expect(try wide.drawn(at: target) == square.drawn(at: target))
        let left = PixelRect(x: 0, y: 20, width: 160, height: 100),
            right = PixelRect(x: 160, y: 20, width: 160, height: 100)
        let stored = [0, 80].map { PixelRect(x: $0, y: 20, width: 80, height: 100) }
        #expect(try wide.drawn(left, at: target) == square.drawn(stored[0], at: target))
        #expect(try wide.drawn(right, at: target) == square.drawn(stored[1], at: target))
    }

    @Test(arguments: [(90, "transpose=clock"), (180, "hflip,vflip"), (270, "transpose=cclock")])
    func aWidePictureIsTurnedAfterItIsStretched(degrees: Int, turn: String) async throws {
        let folder = try TemporaryFolder()
        try Self.clip(folder, "clip.mkv", ratio: "2/1")
        let frame = try #require(try await folder.frames("clip.mkv") { $0.rotation = degrees }.first)
        #expect(frame.size == PixelSize(width: degrees == 180 ? 320 : 120, height: degrees == 180 ? 120 : 320))
        let filter = "scale=320:120:flags=bilinear,\(turn)"
        #expect(difference(try frame.drawn(), try folder.reference("clip.mkv", filter: filter)).mean < 3)
        let region = PixelRect(x: 20, y: 40, width: 60, height: 80)
        let crop = try folder.reference("clip.mkv", filter: "\(filter),crop=60:80:20:40")
        #expect(difference(try frame.drawn(region), crop).mean < 3)
    }

    @Test(arguments: [SnapshotPolicy.MediaType.jpeg, .png], ["yuv420p", "yuvj420p", "yuv422p"])
    func picturesAreShownInTheirProportions(mediaType: SnapshotPolicy.MediaType, format: String) async throws {
        let folder = try TemporaryFolder()
        try folder.ffmpeg(
            "-f lavfi -i gradients=s=160x120:r=25:d=0.04:c0=red:c1=lime:c2=blue:nb_colors=3:seed=5 -c:v ffv1",
            "-pix_fmt \(format) -aspect 8:3 clip.mkv")
        let frame = try #require(try await folder.frames("clip.mkv").first)
        for (limit, size) in [(0, PixelSize(width: 320, height: 120)), (160, PixelSize(width: 160, height: 60))] {
            let snapshot = try frame.picture.snapshot(
                SnapshotPolicy(mediaType: mediaType, quality: 1, maximumSize: limit))
            let name = "snapshot." + mediaType.rawValue.lowercased()
            try Data(snapshot.bytes).write(to: folder.url.appending(path: name))
            #expect(difference(try folder.reference(name), try frame.drawn(at: size)).mean < 5, "\(name) of \(format)")
        }
    }

    @Test func proportionsThatChangeInMidStreamAreFollowed() async throws {
        let folder = try TemporaryFolder()
        for (name, ratio) in [("a", "1/1"), ("b", "2/1")] { try Self.clip(folder, "\(name).ts", ratio: ratio) }
        let joined = try ["a", "b"].map { try Data(contentsOf: folder.url.appending(path: "\($0).ts")) }
        try joined.reduce(Data(), +).write(to: folder.url.appending(path: "joined.ts"))
        let source = try await folder.open("joined.ts")
        #expect(Set(try await source.rest().map(\.size.width)) == [160, 320])
        #expect(source.statistics.formatChanges == 1)
    }

    /// Files and cameras tell nonsense; it is not believed, and somebody who looks for the reason finds it.
    @Test func aRatioBeyondBeliefIsTakenForSquareAndNoted() async throws {
        let lines = Lines()
        FFmpegLog.install(linesPerSecond: 1000) { lines.add($0) }
        for (name, ratio) in [("flat", "100/1"), ("tall", "1/100")] {
            let folder = try TemporaryFolder()
            try Self.clip(
                folder, "\(name).ts", ratio: "1/1", options: "-bsf:v h264_metadata=sample_aspect_ratio=\(ratio)")
            let frames = try await folder.frames("\(name).ts")
            #expect(frames.count == 5 && frames.allSatisfy { $0.size == PixelSize(width: 160, height: 120) })
            let told = "Pixels of 160x120 pictures are told to be \(ratio.replacing("/", with: ":"))"
            #expect(lines.all.count { $0.contains(told) } == 1, "\(lines.all)")
        }
    }

    @Test func stretchingDoesNotLeadPastTheLimitOfPixels() async throws {
        let folder = try TemporaryFolder()
        try Self.clip(folder, "clip.ts", ratio: "2/1")
        var configuration = MediaConfiguration()
        (configuration.mediaRoots, configuration.maximumPixels) = ([folder.url], 160 * 120 * 2 - 1)
        let source = try await TestWorkers.opener(configuration).open(
            SourceSpecification(kind: .file, reference: "clip.ts"), rates: [.frames(1)])
        #expect(try await source.next()?.size == PixelSize(width: 160, height: 120))
    }

    @Test func whatNoCameraHasIsNoRatio() {
        let none = [(0, 1), (0, 0), (1, 0), (-2, 1), (2, -1), (5, 1), (1, 5), (Int32.max, 1), (1, Int32.max)]
        for (width, height) in none as [(Int32, Int32)] {
            #expect(SampleAspect(width, to: height) == nil, "\(width):\(height)")
        }
        let wild = SampleAspect(.max, to: .max - 1)!
        #expect(wild.stretched(PixelSize(width: 16384, height: 16384)) == PixelSize(width: 16384, height: 16384))
    }
}

/// What was logged.
private final class Lines: Sendable {
    private let lines = Mutex<[String]>([])
    var all: [String] { lines.withLock { $0 } }
    func add(_ line: String) { lines.withLock { $0.append(line) } }
}
