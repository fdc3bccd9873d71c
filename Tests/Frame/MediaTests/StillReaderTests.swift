import DecodeWorker
import Foundation
import Frames
import Media
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
        let process = Process()
        process.executableURL = URL(fileURLWithPath: "/usr/bin/env")
        process.arguments =
            ["ffmpeg", "-v", "error", "-f", "lavfi", "-i", source, "-frames:v", "1"]
            + options.split(separator: " ").map(String.init) + [file.path]
        try process.run()
        process.waitUntilExit()
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

    @Test(arguments: ["a.bmp", "a.tiff", "a.ppm"])
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

    @Test func whatIsNoPictureIsRefused() async throws {
        for bytes in [[], [1, 2, 3], Array("<svg xmlns='http://www.w3.org/2000/svg'/>".utf8), Array("BM".utf8)] {
            await #expect(throws: MediaError.self) { try await reader.read { bytes } }
        }
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
        await #expect(throws: MediaError.unsupportedCodec("JPEG in TIFF")) { try await reader.read { file } }
    }
}
