import DecodeWorker
import Foundation
import Frames
import Media
import ProcessSupport
import Scene
import Testing
import WorkerSupport

/// Single pictures that strangers send, made by the command `ffmpeg`.
struct StillReaderTests {
    private static func picture(
        _ name: String, source: String = "testsrc2=s=120x80", options: String = ""
    ) throws -> [UInt8] {
        let file = FileManager.default.temporaryDirectory.appending(path: "\(UUID().uuidString)-\(name)")
        defer { try? FileManager.default.removeItem(at: file) }
        try ChildProcess.output(
            of: ["ffmpeg", "-v", "error", "-f", "lavfi", "-i", source, "-frames:v", "1"]
                + options.split(separator: " ").map(String.init) + [file.path])
        return Array(try Data(contentsOf: file))
    }
    private let reader = StillReader(
        maximumPixels: 1 << 20, decode: TestWorkers.opener(MediaConfiguration()).stills.decode)

    @Test(arguments: [("a.jpg", "image/jpeg"), ("a.png", "image/png")])
    func whatCanBeGivenBackStaysAsItIs(name: String, type: String) async throws {
        let image = try await reader.read { try Self.picture(name) }
        #expect(image.size == PixelSize(width: 120, height: 80))
        #expect(image.contentType == type && image.converted == nil)
    }

    @Test(arguments: ["a.bmp", "a.tiff", "a.ppm", "a.pgm"])
    func othersBecomeJPEGs(name: String) async throws {
        let image = try await reader.read { try Self.picture(name, source: "color=c=red:s=120x80") }
        #expect(image.contentType == "image/jpeg" && image.size == PixelSize(width: 120, height: 80))
        let jpeg = try #require(image.converted)
        #expect(jpeg.starts(with: [0xff, 0xd8, 0xff]))
        let again = try await reader.read { jpeg }
        #expect(again.contentType == "image/jpeg" && again.size == image.size)
    }

    @Test(arguments: ["a.jpg", "a.png", "a.bmp", "a.tiff", "a.ppm"])
    func halfAPictureIsNone(name: String) async throws {
        let whole = try Self.picture(name)
        await #expect(throws: MediaError.self) { try await reader.read { Array(whole.prefix(whole.count / 2)) } }
    }

    /// libyuv counts 32,767 pixels of a side at most. It is drawn in this process, which a stream's pictures are, too.
    @Test(arguments: [(40, 40_000, "yuvj420p"), (40_000, 40, "yuvj420p"), (48, 65_500, "yuvj444p")])
    func veryLongPicturesAreDrawn(width: Int, height: Int, format: String) throws {
        // Dark at the beginning, light at the end.
        let isTall = height > width, along = isTall ? "Y/H" : "X/W"
        let bytes = try Self.picture(
            "a.jpg", source: "color=c=black:s=\(width)x\(height),geq=lum='255*\(along)':cb=128:cr=128",
            options: "-pix_fmt \(format)")
        let still = try StillWork.open(bytes, StillWishes(maximumPixels: 4 << 20))
        let size = isTall ? PixelSize(width: 4, height: 400) : PixelSize(width: 400, height: 4)
        var pixels = [UInt8](repeating: 0, count: size.width * size.height * 3 + 64)
        try pixels.withUnsafeMutableBufferPointer {
            try still.picture.draw(
                PixelRect(still.picture.size),
                to: PixelTarget(
                    base: $0.baseAddress!, bytesPerRow: size.width * 3, size: size, order: .rgb))
        }
        for step in 0..<400 {
            let value = Double(pixels[isTall ? step * size.width * 3 : step * 3])
            // Black is 16 and white 235 until it is a JPEG.
            let luma = 255 * (Double(step) + 0.5) / 400
            #expect(abs(value - min(255, max(0, (luma - 16) * 255 / 219))) < 6, "\(step): \(value)")
        }
        let snapshot = try still.picture.snapshot(SnapshotPolicy(mediaType: .jpeg, quality: 0.9, maximumSize: 600))
        let kept = try StillWork.decode(try snapshot.bytes, maximumPixels: 1 << 20)
        #expect(max(kept.size.width, kept.size.height) == 600)
    }

    @Test func whatIsNoPictureIsRefused() async throws {
        var configuration = MediaConfiguration()
        configuration.isolation = .none
        let here = StillReader(maximumPixels: 1 << 20, decode: TestWorkers.opener(configuration).stills.decode)
        for bytes in [[], [1, 2, 3], Array("<svg xmlns='http://www.w3.org/2000/svg'/>".utf8)] {
            for reader in [reader, here] {
                await #expect(throws: MediaError.notPicture) { try await reader.read { bytes } }
            }
        }
        await #expect(throws: MediaError.self) { try await reader.read { Array("BM".utf8) } }
    }

    /// Of WebP FFmpeg has no decoder that knows movement.
    @Test func ofPicturesThatMoveTheFirstIsRead() async throws {
        let moving = try Self.picture("a.png", options: "-frames:v 3 -f apng")
        #expect(try await reader.read { moving }.size == PixelSize(width: 120, height: 80))
        let webp = try Self.picture("a.webp", options: "-frames:v 3 -c:v libwebp_anim")
        try #require(webp.firstRange(of: Array("ANMF".utf8)) != nil)
        await #expect(throws: MediaError.self) { try await reader.read { webp } }
    }

    @Test func tooManyPixelsAreRefusedBeforeTheyAreDecoded() async throws {
        for name in ["a.jpg", "a.png", "a.bmp", "a.ppm"] {
            let large = try Self.picture(name, source: "color=c=red:s=1100x1000")
            await #expect(throws: MediaError.self) { try await reader.read { large } }
        }
    }

    /// FFmpeg makes a black picture of it.
    @Test func aJPEGInATIFFIsRefused() async throws {
        // Its directory: two entries, of which one says that a JPEG lies inside.
        var bytes: [UInt8] = [0x49, 0x49, 0x2a, 0, 8, 0, 0, 0, 2, 0]
        bytes += [0, 1, 3, 0, 1, 0, 0, 0, 8, 0, 0, 0]  // ImageWidth
        bytes += [3, 1, 3, 0, 1, 0, 0, 0, 7, 0, 0, 0]  // Compression
        let file = bytes + [0, 0, 0, 0]
        let error = await #expect(throws: MediaError.self) { try await reader.read { file } }
        #expect(error?.description == "The picture is a TIFF with a JPEG in it, which is not read; wanted a plain one.")
    }
}
