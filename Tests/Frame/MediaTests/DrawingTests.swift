import Foundation
import Frames
import Media
import Records
import Scene
import Testing

/// Pictures are held to what the command `ffmpeg` makes of the same clip.
struct DrawingTests {
    /// Where FFmpeg interpolates chroma and we do not, sharp edges of colour would hide other faults: those get a smooth
    /// picture.
    typealias Kind = (name: String, source: String, options: String)
    static let kinds: [Kind] = [
        ("h264-420.mp4", "testsrc2=s=320x240:r=25:d=0.2", "-c:v libx264 -pix_fmt yuv420p -qp 10"),
        ("h264-422.mp4", "testsrc2=s=320x240:r=25:d=0.2", "-c:v libx264 -pix_fmt yuv422p -qp 10"),
        ("h264-444.mp4", "testsrc2=s=320x240:r=25:d=0.2", "-c:v libx264 -pix_fmt yuv444p -qp 10"),
        ("h264-10bit.mp4", "testsrc2=s=320x240:r=25:d=0.2", "-c:v libx264 -pix_fmt yuv420p10le -qp 10"),
        ("h264-422-10bit.mp4", "testsrc2=s=320x240:r=25:d=0.2", "-c:v libx264 -pix_fmt yuv422p10le -qp 10"),
        (
            "h264-full.mp4", "testsrc2=s=320x240:r=25:d=0.2",
            "-vf scale=out_range=full -c:v libx264 -pix_fmt yuv420p -color_range pc -qp 10"
        ),
        (
            "h264-709.mp4", "testsrc2=s=320x240:r=25:d=0.2",
            "-vf scale=out_color_matrix=bt709 -c:v libx264 -pix_fmt yuv420p -colorspace bt709 -qp 10"
        ),
        (
            "h264-2020.mp4", "testsrc2=s=320x240:r=25:d=0.2",
            "-vf scale=out_color_matrix=bt2020 -c:v libx264 -pix_fmt yuv420p -colorspace bt2020nc -qp 10"
        ),
        ("h264-gray.mp4", "testsrc2=s=320x240:r=25:d=0.2", "-c:v libx264 -pix_fmt gray -qp 10"),
        ("hevc.mp4", "testsrc2=s=320x240:r=25:d=0.2", "-c:v libx265 -x265-params log-level=error -pix_fmt yuv420p"),
        ("mpeg4.avi", "testsrc2=s=320x240:r=25:d=0.2", "-c:v mpeg4 -q:v 3"),
        ("mjpeg.avi", "testsrc2=s=320x240:r=25:d=0.2", "-c:v mjpeg -q:v 3"),
        ("mjpeg-422.mkv", "testsrc2=s=320x240:r=25:d=0.2", "-c:v mjpeg -pix_fmt yuvj422p -q:v 3"),
        ("vp8.webm", "testsrc2=s=320x240:r=25:d=0.2", "-c:v libvpx -b:v 2M"),
        ("vp9.webm", "testsrc2=s=320x240:r=25:d=0.2", "-c:v libvpx-vp9 -b:v 2M"),
        (
            "odd.mkv", "gradients=s=321x241:r=25:d=0.2:c0=red:c1=lime:c2=blue:nb_colors=3:seed=5",
            "-c:v ffv1 -pix_fmt yuv420p"
        ),
        (
            "411.mkv", "gradients=s=320x240:r=25:d=0.2:c0=red:c1=lime:c2=blue:nb_colors=3:seed=5",
            "-c:v ffv1 -pix_fmt yuv411p"
        ),
        (
            "410.mkv", "gradients=s=320x240:r=25:d=0.2:c0=red:c1=lime:c2=blue:nb_colors=3:seed=5",
            "-c:v ffv1 -pix_fmt yuv410p"
        ),
        (
            "440.mp4", "gradients=s=320x240:r=25:d=0.2:c0=red:c1=lime:c2=blue:nb_colors=3:seed=5",
            "-c:v ffv1 -pix_fmt yuv440p -f matroska"
        ),
        ("rgb.mkv", "testsrc=s=321x241:r=25:d=0.2", "-c:v ffv1 -pix_fmt bgr0"),
        ("rgb48.mkv", "testsrc2=s=320x240:r=25:d=0.2", "-c:v ffv1 -pix_fmt gbrp10le"),
        ("pal8.mkv", "testsrc2=s=320x240:r=25:d=0.2", "-c:v png -pix_fmt pal8"),
        ("alpha.mkv", "testsrc2=s=320x240:r=25:d=0.2", "-c:v ffv1 -pix_fmt yuva420p"),
        ("gray16.mkv", "testsrc2=s=320x240:r=25:d=0.2", "-c:v ffv1 -pix_fmt gray16le"),
    ]

    @Test(arguments: kinds.indices)
    func aPictureAtFullSizeIsWhatFFmpegShows(kind: Int) async throws {
        let (name, source, options) = Self.kinds[kind]
        let folder = try TemporaryFolder()
        try folder.ffmpeg("-f lavfi -i \(source) \(options) \(name)")
        let frames = try await folder.frames(name)
        #expect(frames.count == 5, "\(name)")
        let drawn = try frames[3].drawn()
        let distance = difference(drawn, try folder.reference(name, frame: 3))
        #expect(distance.mean < 1.8, "\(name): \(distance)")
        let rgb = try frames[3].drawn(order: .rgb)
        let swapped = rgb.indices.map { index in rgb[index - index % 3 + (2 - index % 3)] }
        #expect(drawn == swapped, "\(name)")
    }

    @Test(
        arguments: ["h264-420.mp4", "h264-10bit.mp4", "odd.mkv", "rgb.mkv", "h264-444.mp4"],
        [(160, 120), (96, 72), (301, 225), (480, 360)])
    func aScaledPictureIsWhatFFmpegScales(name: String, size: (Int, Int)) async throws {
        let kind = Self.kinds.first { $0.name == name }!
        let folder = try TemporaryFolder()
        // A smooth picture, in which filters may differ without being far apart; it still fails on a shift of a pixel.
        let filmed = kind.source.contains("321") ? "321x241" : "320x240"
        let source = "gradients=s=\(filmed):r=25:d=0.04:c0=red:c1=blue:nb_colors=2:seed=7"
        try folder.ffmpeg("-f lavfi -i \(source) \(kind.options) \(name)")
        let frame = try #require(try await folder.frames(name).first)
        let drawn = try frame.drawn(at: PixelSize(width: size.0, height: size.1))
        let reference = try folder.reference(
            name, filter: "scale=\(size.0):\(size.1):flags=area+accurate_rnd+full_chroma_int")
        let distance = difference(drawn, reference)
        #expect(distance.mean < 2.0, "\(name) at \(size): \(distance)")
    }

    @Test(arguments: [
        ("red", [0, 0, 255]), ("lime", [0, 255, 0]), ("blue", [255, 0, 0]), ("white", [255, 255, 255]),
        ("black", [0, 0, 0]),
    ])
    func coloursAreTheColoursThatWereFilmed(color: String, bgr: [Int]) async throws {
        let folder = try TemporaryFolder()
        let lavfi = "-f lavfi -i color=\(color):s=64x48:r=25:d=0.04"
        try folder.ffmpeg("\(lavfi) -c:v libx264 -pix_fmt yuv420p -qp 5 601.mp4")
        try folder.ffmpeg(
            "\(lavfi) -vf scale=out_color_matrix=bt709 -c:v libx264 -pix_fmt yuv420p -colorspace bt709 -qp 5 709.mp4")
        try folder.ffmpeg(
            "\(lavfi) -vf scale=out_range=full -c:v libx264 -pix_fmt yuv420p -color_range pc -qp 5 full.mp4")
        try folder.ffmpeg("\(lavfi) -c:v libx264 -pix_fmt yuv444p10le -qp 5 ten.mp4")
        for name in ["601.mp4", "709.mp4", "full.mp4", "ten.mp4"] {
            let frame = try #require(try await folder.frames(name).first)
            for size in [PixelSize(width: 64, height: 48), PixelSize(width: 16, height: 12)] {
                let pixel = try frame.drawn(at: size).prefix(3).map(Int.init)
                for channel in 0..<3 { #expect(abs(pixel[channel] - bgr[channel]) <= 4, "\(name): \(pixel)") }
            }
        }
    }

    @Test(arguments: ["yuv420p", "nv12", "yuv422p", "yuv444p", "yuv420p10le", "gray", "bgr0", "yuv410p"])
    func aCropAtAnyOffsetShowsThatPartOfThePicture(format: String) async throws {
        let folder = try TemporaryFolder()
        let codec = format == "nv12" ? "-c:v rawvideo" : "-c:v ffv1"
        try folder.ffmpeg("-f lavfi -i testsrc=s=321x241:r=25:d=0.04 \(codec) -pix_fmt \(format) clip.mkv")
        let frame = try #require(try await folder.frames("clip.mkv").first)
        let whole = try frame.drawn()
        for region in [
            PixelRect(x: 0, y: 0, width: 100, height: 80), PixelRect(x: 33, y: 21, width: 101, height: 83),
            PixelRect(x: 34, y: 20, width: 64, height: 64), PixelRect(x: 320, y: 240, width: 1, height: 1),
            PixelRect(x: 35, y: 22, width: 286, height: 219),
        ] {
            let expected = (0..<region.height).flatMap { y in
                let start = ((region.y + y) * 321 + region.x) * 3
                return whole[start..<start + region.width * 3]
            }
            let distance = difference(try frame.drawn(region), expected)
            #expect(distance.mean < 0.7, "\(format) \(region): \(distance)")
        }
    }

    /// A scaled crop with an odd corner is the same part of the picture as an even one drawn large and cut.
    @Test func aScaledCropIsNotShifted() async throws {
        let folder = try TemporaryFolder()
        try folder.ffmpeg(
            "-f lavfi -i gradients=s=320x240:r=25:d=0.04:c0=red:c1=lime:seed=3 -c:v ffv1 -pix_fmt yuv420p clip.mkv")
        let frame = try #require(try await folder.frames("clip.mkv").first)
        let region = PixelRect(x: 41, y: 31, width: 201, height: 151), size = PixelSize(width: 134, height: 101)
        let reference = try folder.reference(
            "clip.mkv", filter: "format=bgr24,crop=201:151:41:31,scale=134:101:flags=area+accurate_rnd")
        let distance = difference(try frame.drawn(region, at: size), reference)
        #expect(distance.mean < 1.5, "\(distance)")
    }

    @Test func drawingIntoATensorTouchesNothingBeside() async throws {
        let folder = try TemporaryFolder()
        try folder.ffmpeg("-f lavfi -i testsrc2=s=320x180:r=25:d=0.04 -c:v libx264 -pix_fmt yuv420p clip.mp4")
        let frame = try #require(try await folder.frames("clip.mp4").first)
        // A letterbox: 96 × 54 in the middle of 96 × 96.
        var tensor = [UInt8](repeating: 114, count: 96 * 96 * 3)
        try tensor.withUnsafeMutableBufferPointer { buffer in
            let target = PixelTarget(
                base: buffer.baseAddress! + 21 * 96 * 3, bytesPerRow: 96 * 3, size: PixelSize(width: 96, height: 54),
                order: .bgr)
            try frame.picture.draw(PixelRect(frame.size), to: target)
        }
        #expect(tensor[..<(21 * 96 * 3)].allSatisfy { $0 == 114 })
        #expect(tensor[(75 * 96 * 3)...].allSatisfy { $0 == 114 })
        #expect(Array(tensor[(21 * 96 * 3)..<(75 * 96 * 3)]) == (try frame.drawn(at: PixelSize(width: 96, height: 54))))
    }

    // MARK: Turning

    @Test(arguments: [(0, "null"), (90, "transpose=clock"), (180, "hflip,vflip"), (270, "transpose=cclock")])
    func aRotationTurnsClockwise(degrees: Int, filter: String) async throws {
        let folder = try TemporaryFolder()
        try folder.ffmpeg("-f lavfi -i testsrc=s=321x240:r=25:d=0.04 -c:v ffv1 -pix_fmt bgr0 clip.mkv")
        let source = try await folder.open("clip.mkv") { $0.rotation = degrees }
        let frame = try #require(try await source.next())
        #expect(
            frame.size == (degrees % 180 == 0 ? PixelSize(width: 321, height: 240) : PixelSize(width: 240, height: 321))
        )
        #expect(source.properties.size == frame.size)
        #expect(difference(try frame.drawn(), try folder.reference("clip.mkv", filter: filter)).mean < 0.01)
        let region = PixelRect(x: 10, y: 21, width: 100, height: 57)
        let crop = try folder.reference("clip.mkv", filter: "\(filter),crop=100:57:10:21")
        #expect(difference(try frame.drawn(region), crop).mean < 0.01)
    }

    /// Phones write how they were held; `ffmpeg` turns such clips by itself.
    @Test(arguments: [0, 90, 180, 270], [0, 90])
    func aDisplayMatrixIsAppliedAsFFmpegDoes(held: Int, rotation: Int) async throws {
        let folder = try TemporaryFolder()
        try folder.ffmpeg("-f lavfi -i testsrc2=s=320x240:r=25:d=0.04 -c:v libx264 -qp 5 -pix_fmt yuv444p plain.mp4")
        try folder.ffmpeg("-i plain.mp4 -c copy -metadata:s:v:0 rotate=\(held) held.mp4")
        let frame = try #require(try await folder.frames("held.mp4") { $0.rotation = rotation }.first)
        let filter = rotation == 90 ? "transpose=clock" : "null"
        let distance = difference(try frame.drawn(), try folder.reference("held.mp4", filter: filter))
        #expect(distance.mean < 1.5, "held \(held), turned \(rotation): \(distance)")
    }

    // MARK: Snapshots

    @Test(arguments: [SnapshotPolicy.MediaType.jpeg, .png], ["yuv420p", "yuvj420p", "yuv422p", "yuv420p10le"])
    func aSnapshotShowsTheFrame(mediaType: SnapshotPolicy.MediaType, format: String) async throws {
        let folder = try TemporaryFolder()
        try folder.ffmpeg("-f lavfi -i testsrc=s=322x242:r=25:d=0.04 -c:v ffv1 -pix_fmt \(format) clip.mkv")
        for rotation in [0, 90] {
            let frame = try #require(try await folder.frames("clip.mkv") { $0.rotation = rotation }.first)
            let snapshot = try frame.picture.snapshot(SnapshotPolicy(mediaType: mediaType, quality: 1, maximumSize: 0))
            #expect(snapshot.mediaType == mediaType)
            let name = "snapshot." + mediaType.rawValue.lowercased()
            try Data(snapshot.bytes).write(to: folder.url.appending(path: name))
            let distance = difference(try folder.reference(name), try frame.drawn())
            #expect(
                distance.mean < (mediaType == .png ? 0.01 : 5), "\(name) of \(format) turned \(rotation): \(distance)")
        }
    }

    @Test(arguments: [(0, 320, 240), (160, 160, 120), (640, 320, 240), (101, 101, 76)])
    func aSnapshotKeepsItsAspectAndIsNeverEnlarged(limit: Int, width: Int, height: Int) async throws {
        let folder = try TemporaryFolder()
        try folder.ffmpeg(
            "-f lavfi -i gradients=s=320x240:r=25:d=0.04:c0=red:c1=lime:c2=blue:nb_colors=3:seed=5 -c:v libx264 -pix_fmt yuv420p clip.mp4"
        )
        let frame = try #require(try await folder.frames("clip.mp4").first)
        for mediaType in [SnapshotPolicy.MediaType.jpeg, .png] {
            let snapshot = try frame.picture.snapshot(SnapshotPolicy(mediaType: mediaType, maximumSize: limit))
            let name = "snapshot." + mediaType.rawValue.lowercased()
            try Data(snapshot.bytes).write(to: folder.url.appending(path: name))
            let pixels = try folder.reference(name)
            #expect(pixels.count == width * height * 3)
            let expected = try frame.drawn(at: PixelSize(width: width, height: height))
            #expect(difference(pixels, expected).mean < 2.5)
        }
    }

    /// Also of a part whose corners are at no chroma sample, and long after the frame is gone.
    @Test(arguments: [SnapshotPolicy.MediaType.jpeg, .png], [false, true])
    func aSnapshotOfAPartShowsIt(mediaType: SnapshotPolicy.MediaType, isLarge: Bool) async throws {
        let folder = try TemporaryFolder()
        let size = isLarge ? "1280x720" : "320x240"
        try folder.ffmpeg(
            "-f lavfi -i gradients=s=\(size):r=25:d=0.04:c0=red:c1=lime:c2=blue:nb_colors=3:seed=5 -c:v libx264 -pix_fmt yuv420p clip.mp4"
        )
        let part =
            isLarge ? PixelRect(x: 33, y: 5, width: 1001, height: 703) : PixelRect(x: 31, y: 7, width: 91, height: 203)
        var frame = try await folder.frames("clip.mp4").first
        let expected = try #require(try frame?.drawn(part))
        let snapshot = try #require(
            try frame?.picture.snapshot(SnapshotPolicy(mediaType: mediaType, maximumSize: 0), of: part))
        let small = try #require(
            try frame?.picture.snapshot(SnapshotPolicy(mediaType: mediaType, maximumSize: 100), of: part))
        frame = nil
        let name = "snapshot." + mediaType.rawValue.lowercased()
        try Data(snapshot.bytes).write(to: folder.url.appending(path: name))
        let pixels = try folder.reference(name)
        #expect(difference(pixels, expected).mean < (mediaType == .png ? 0.01 : 5))
        try Data(small.bytes).write(to: folder.url.appending(path: name))
        let sides = isLarge ? (100, 70) : (45, 100)
        #expect(try folder.reference(name).count == sides.0 * sides.1 * 3)
    }

    @Test func aLowerQualityMakesASmallerFile() async throws {
        let folder = try TemporaryFolder()
        try folder.ffmpeg("-f lavfi -i testsrc2=s=320x240:r=25:d=0.04 -c:v libx264 -pix_fmt yuv420p clip.mp4")
        let frame = try #require(try await folder.frames("clip.mp4").first)
        let sizes = try [-1.0, 0, 0.5, 0.9, 1, 7].map { quality in
            try frame.picture.snapshot(SnapshotPolicy(quality: quality)).bytes.count
        }
        #expect(sizes == sizes.sorted())
        #expect(sizes[0] == sizes[1] && sizes[4] == sizes[5] && sizes[1] * 3 < sizes[4])
    }
}
