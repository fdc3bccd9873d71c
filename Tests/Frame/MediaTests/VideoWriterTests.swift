import Foundation
import Frames
import Media
import Scene
import Testing

struct VideoWriterTests {
    private static func frame(_ picture: any Picture, at seconds: Double) -> Frame {
        Frame(
            time: FrameTime(index: 0, pts: MediaTime(seconds: seconds), wallClock: .distantPast), consumers: [],
            picture: picture)
    }

    @Test func whatIsWrittenIsReadAgainWithItsTimesAndOverlays() async throws {
        let folder = try TemporaryFolder()
        try folder.ffmpeg(
            "-f lavfi -i color=gray:s=322x242:r=25:d=0.04 -vf format=bgr0,crop=321:241 -c:v ffv1 -pix_fmt bgr0 gray.mkv"
        )
        let picture = try #require(try await folder.frames("gray.mkv").first).picture
        let box = BoundingBox(minX: 100, minY: 80, maxX: 200, maxY: 180)
        let writer = try VideoWriter(path: folder.path("out.mp4"), size: picture.size, frameRate: 10)
        for seconds in [0.0, 0.1, 0.5, 0.5, 1.2] {
            try writer.write(
                Self.frame(picture, at: seconds),
                overlays: [
                    .box(box, color: 1, label: "17", isPredicted: false), .text("3 people", corner: .bottomRight),
                ])
        }
        try writer.finish()

        let frames = try await folder.frames("out.mp4")
        #expect(frames.count == 5)
        for (frame, seconds) in zip(frames, [0.0, 0.1, 0.5, 0.5, 1.2]) {
            #expect(abs(frame.time.pts.seconds - seconds) < 0.001)
            #expect(frame.size == PixelSize(width: 322, height: 242))
        }
        let drawn = try frames[4].drawn()
        func pixel(_ x: Int, _ y: Int) -> [Int] { drawn[(y * 322 + x) * 3..<(y * 322 + x) * 3 + 3].map(Int.init) }
        func isGray(_ pixel: [Int]) -> Bool { pixel.allSatisfy { abs($0 - 128) < 16 } }
        #expect(isGray(pixel(50, 50)) && isGray(pixel(150, 130)) && isGray(pixel(210, 100)))
        #expect(!isGray(pixel(150, 80)) && !isGray(pixel(100, 130)) && !isGray(pixel(199, 130)))
        #expect(pixel(305, 235).reduce(0, +) < 120)  // the plate of the text
    }

    @Test func aFrameOfAnotherSizeIsFittedInWithItsAspect() async throws {
        let folder = try TemporaryFolder()
        try folder.ffmpeg("-f lavfi -i color=white:s=320x160:r=25:d=0.04 -c:v ffv1 -pix_fmt bgr0 white.mkv")
        let picture = try #require(try await folder.frames("white.mkv").first).picture
        let writer = try VideoWriter(
            path: folder.path("out.mp4"), size: PixelSize(width: 160, height: 120), frameRate: 0)
        try writer.write(Self.frame(picture, at: 0), overlays: [])
        try writer.finish()
        let drawn = try #require(try await folder.frames("out.mp4").first).drawn()
        #expect(drawn[(70 * 160 + 80) * 3] > 240)
        #expect(drawn[(100 * 160 + 80) * 3] < 16)
    }

    /// A video keeps its colours as they are, whichever matrix they are of: its samples are not made RGB and back.
    @Test(arguments: ["bt709", "smpte170m", "bt2020nc", "unknown"], ["tv", "pc"])
    func samplesGoToTheEncoderAsTheyAre(matrix: String, range: String) async throws {
        let folder = try TemporaryFolder()
        try folder.ffmpeg(
            "-f lavfi -i testsrc2=s=321x241:r=10:d=0.5 -vf format=yuv420p,setparams=colorspace=\(matrix):range=\(range)",
            "-c:v libx264 -qp 0 -colorspace \(matrix) -color_range \(range) in.mp4")
        let source = try await folder.open("in.mp4")
        let writer = try VideoWriter(path: folder.path("out.mp4"), size: source.properties.size, frameRate: 10)
        while let frame = try await source.next() {
            // What is drawn upon goes by RGB, and becomes what the others are.
            try writer.write(frame, overlays: frame.time.index == 2 ? [.text("1", corner: .topLeft)] : [])
        }
        try writer.finish()
        func planes(_ name: String) throws -> [UInt8] {
            try folder.ffmpeg("-i \(name) -vf crop=320:240:0:0 -f rawvideo \(name).yuv")
            return try Array(Data(contentsOf: folder.url.appending(path: "\(name).yuv")))
        }
        let (before, after) = (try planes("in.mp4"), try planes("out.mp4"))
        try #require(before.count == after.count && before.count == 5 * 320 * 240 * 3 / 2)
        for frame in 0..<5 {
            let part = frame * before.count / 5..<(frame + 1) * before.count / 5
            let squares = zip(before[part], after[part]).reduce(0.0) { sum, pair in
                let distance = Double(pair.0) - Double(pair.1)
                return sum + distance * distance
            }
            let ratio = 10 * log10(255 * 255 / (squares / Double(part.count)))
            #expect(ratio > (frame == 2 ? 25 : 38), "frame \(frame): \(ratio) dB")
        }
        // A player is told the same.
        let written = try #require(try await folder.frames("out.mp4").first).picture.planarForm
        let read = try #require(try await folder.frames("in.mp4").first).picture.planarForm
        #expect(written == read && read?.isFullRange == (range == "pc"))
    }

    @Test func withoutAFrameThereIsAFileAllTheSame() async throws {
        let folder = try TemporaryFolder()
        let writer = try VideoWriter(
            path: folder.path("out.mkv"), size: PixelSize(width: 64, height: 48), frameRate: 10, container: .mkv)
        try writer.finish()
        #expect(try Data(contentsOf: folder.url.appending(path: "out.mkv")).count > 100)
    }

    @Test func aPredictedBoxIsDashed() async throws {
        let folder = try TemporaryFolder()
        try folder.ffmpeg("-f lavfi -i color=black:s=320x240:r=25:d=0.04 -c:v ffv1 -pix_fmt bgr0 black.mkv")
        let frame = try #require(try await folder.frames("black.mkv").first)
        func litPixels(_ isPredicted: Bool) async throws -> Int {
            let box = BoundingBox(minX: 20, minY: 20, maxX: 220, maxY: 120)
            let png = try frame.png(overlays: [.box(box, color: 0, label: "", isPredicted: isPredicted)])
            try Data(png).write(to: folder.url.appending(path: "box.png"))
            let pixels = try folder.reference("box.png")
            return stride(from: 0, to: pixels.count, by: 3).count { pixels[$0..<$0 + 3].contains { $0 > 0 } }
        }
        let full = try await litPixels(false), dashed = try await litPixels(true)
        #expect(full > 550)
        #expect((full / 2..<full * 3 / 4).contains(dashed))
    }

    /// Boxes come from models: nothing they hold may harm the picture's memory.
    @Test func overlaysOutsideThePictureAreCutOff() async throws {
        let folder = try TemporaryFolder()
        try folder.ffmpeg("-f lavfi -i color=black:s=64x48:r=25:d=0.04 -c:v ffv1 -pix_fmt bgr0 black.mkv")
        let frame = try #require(try await folder.frames("black.mkv").first)
        let wild: [Float] = [-1e9, -50, 20, 63.5, 200, 1e9, .infinity, .nan]
        let boxes = wild.flatMap { a in wild.map { b in BoundingBox(minX: a, minY: b, maxX: b, maxY: a) } }
        let overlays =
            boxes.map { Overlay.box($0, color: -3, label: "a long label: 1234", isPredicted: true) } + [
                .polygon(
                    Polygon(vertices: [Point(x: -500, y: -500), Point(x: 900, y: 20), Point(x: 10, y: 900)]), color: 5),
                .text("wider than the picture by far, é漢", corner: .topRight),
            ]
        #expect(try frame.png(overlays: overlays).count > 100)
    }

    /// Sound that begins half a second after the pictures, in a container whose packets an MP4 does not take as they are.
    @Test func soundIsCopiedAndStaysWithItsPictures() async throws {
        let folder = try TemporaryFolder()
        try folder.ffmpeg(
            "-f lavfi -i color=gray:s=64x48:r=10:d=3 -itsoffset 0.5 -f lavfi -i sine=frequency=440:duration=2.5 -c:v libx264 -c:a aac -f mpegts in.ts"
        )
        let source = try await folder.open("in.ts")
        let writer = try VideoWriter(
            path: folder.path("out.mp4"), size: PixelSize(width: 64, height: 48), frameRate: 10,
            sound: try folder.sound("in.ts"))
        var count = 0
        while let frame = try await source.next() {
            try writer.write(frame, overlays: [])
            count += 1
        }
        try writer.finish()
        #expect(writer.sound == .kept(codec: "aac"))

        // Decoded, it is what it was: silence, then the tone, to the end.
        func samples(_ name: String) throws -> [Int] {
            let raw = "\(name).raw"
            try folder.ffmpeg("-i \(name) -map 0:a -af aresample=async=1:first_pts=0 -ac 1 -ar 8000 -f s16le \(raw)")
            let data = try Data(contentsOf: folder.url.appending(path: raw))
            return data.withUnsafeBytes { $0.bindMemory(to: Int16.self).map { abs(Int($0)) } }
        }
        let written = try samples("out.mp4")
        #expect((22_000...26_000).contains(written.count))
        #expect(written[..<3000].allSatisfy { $0 < 200 } && written[5000..<8000].contains { $0 > 2000 })
        #expect(written[18_000..<21_000].contains { $0 > 2000 })
        let again = try await folder.open("out.mp4")
        while try await again.next() != nil { count -= 1 }
        #expect(count == 0)
    }

    @Test func soundThatAnMP4DoesNotHoldIsNamedAndLeftOut() async throws {
        let folder = try TemporaryFolder()
        try folder.ffmpeg(
            "-f lavfi -i color=gray:s=64x48:r=10:d=1 -f lavfi -i sine=duration=1 -c:v libx264 -c:a wavpack in.mkv")
        let writer = try VideoWriter(
            path: folder.path("out.mp4"), size: PixelSize(width: 64, height: 48), frameRate: 10,
            sound: try folder.sound("in.mkv"))
        for frame in try await folder.frames("in.mkv") { try writer.write(frame, overlays: []) }
        try writer.finish()
        #expect(writer.sound == .left(codec: "wavpack"))
        #expect(try await folder.frames("out.mp4").count == 10)

        try folder.ffmpeg("-f lavfi -i color=gray:s=64x48:r=10:d=1 -c:v libx264 silent.mp4")
        let silent = try VideoWriter(
            path: folder.path("silent-out.mp4"), size: PixelSize(width: 64, height: 48), frameRate: 10,
            sound: try folder.sound("silent.mp4"))
        #expect(silent.sound == VideoWriter.Sound.none)
    }

    @Test func aPathThatCannotBeWrittenIsRefused() throws {
        #expect(throws: MediaError.self) {
            try VideoWriter(path: "/nonexistent/out.mp4", size: PixelSize(width: 64, height: 48), frameRate: 25)
        }
        #expect(throws: MediaError.self) {
            try VideoWriter(path: "unused.mp4", size: PixelSize(width: 0, height: 48), frameRate: 25)
        }
    }
}
