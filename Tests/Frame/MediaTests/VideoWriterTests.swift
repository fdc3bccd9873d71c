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

    @Test func aPathThatCannotBeWrittenIsRefused() throws {
        #expect(throws: MediaError.self) {
            try VideoWriter(path: "/nonexistent/out.mp4", size: PixelSize(width: 64, height: 48), frameRate: 25)
        }
        #expect(throws: MediaError.self) {
            try VideoWriter(path: "unused.mp4", size: PixelSize(width: 0, height: 48), frameRate: 25)
        }
    }
}
