import CameraSupport
import Foundation
import Frames
import Media
import Scene
import Testing

/// What content may claim, and what happens when it claims more.
struct LimitTests {
    /// A film with so many tracks of video.
    private static func tracks(_ count: Int, _ folder: TemporaryFolder, _ name: String) throws {
        try folder.ffmpeg("-f lavfi -i testsrc2=s=64x48:r=5:d=1 -c:v libx264 -pix_fmt yuv420p one.mp4")
        try folder.ffmpeg("-i one.mp4 \(String(repeating: "-map 0 ", count: count)) -c copy \(name)")
    }

    @Test(arguments: ["many.mp4", "many.mkv", "many.ts"])
    func contentWithMoreTracksIsRefused(name: String) async throws {
        let folder = try TemporaryFolder()
        for count in [65, 70] {
            try Self.tracks(count, folder, name)
            await #expect(throws: MediaError.tooManyTracks(limit: 64)) { _ = try await folder.open(name) }
        }
        try Self.tracks(64, folder, name)
        #expect(try await folder.frames(name).count == 5)
    }

    /// Of a block that is too large FFmpeg says what it says of too many tracks: that it has no memory.
    @Test(arguments: [1, 64]) func aListThatIsTooLargeIsRefusedForItsSize(tracks: Int) async throws {
        func box(_ name: String, _ body: [UInt8]) -> [UInt8] {
            Self.bytes(UInt32(8 + body.count)) + Array(name.utf8) + body
        }
        // Where forty million pieces lie, eight bytes of memory each.
        let places = box("stco", Self.bytes(0) + Self.bytes(40_000_000))
        let track = box("trak", box("mdia", box("minf", box("stbl", places))))
        let folder = try TemporaryFolder()
        let empty = [[UInt8]](repeating: box("trak", []), count: tracks - 1).flatMap { $0 }
        try Data(box("ftyp", Array("isom".utf8) + Self.bytes(512)) + box("moov", empty + track))
            .write(to: folder.url.appending(path: "long.mp4"))
        let error = await #expect(throws: MediaError.self) { _ = try await folder.open("long.mp4") }
        #expect(error == .tooLarge(limit: 256 << 20))
        #expect(error?.isTransient == false)
    }
    private static func bytes(_ value: UInt32) -> [UInt8] { withUnsafeBytes(of: value.bigEndian) { Array($0) } }

    /// Two bytes of a Matroska file are a track, for which FFmpeg takes a kilobyte before anybody can count them. It gives up
    /// when the list is as large as a block of its memory may be.
    @Test func tracksThatAreNotThereTakeNoMemory() async throws {
        func element(_ id: [UInt8], _ body: [UInt8]) -> [UInt8] {
            id + [1] + (0..<7).map { UInt8(truncatingIfNeeded: body.count >> (8 * (6 - $0))) } + body
        }
        let head = element([0x1a, 0x45, 0xdf, 0xa3], element([0x42, 0x82], Array("matroska".utf8)))
        let entries = [[UInt8]](repeating: [0xae, 0x80], count: 1_000_000).flatMap { $0 }
        let folder = try TemporaryFolder()
        try Data(head + element([0x18, 0x53, 0x80, 0x67], element([0x16, 0x54, 0xae, 0x6b], entries)))
            .write(to: folder.url.appending(path: "empty.mkv"))
        await #expect(throws: MediaError.notVideo) { _ = try await folder.open("empty.mkv") }
    }

    @Test func aCameraWithMoreTracksIsRefused() async throws {
        var script = RTSPCamera.Script()
        script.description =
            "v=0\r\no=- 0 0 IN IP4 127.0.0.1\r\ns=camera\r\nt=0 0\r\n"
            + (0..<65).map { "m=video 0 RTP/AVP 26\r\na=control:track\($0)\r\n" }.joined()
        let camera = RTSPCamera(script)
        await #expect(throws: MediaError.tooManyTracks(limit: 64)) { _ = try await CameraTests.open(camera) }
    }

    @Test func videoWithMoreFramesASecondIsRefused() async throws {
        let folder = try TemporaryFolder()
        try folder.ffmpeg("-f lavfi -i testsrc2=s=64x48:r=10000:d=0.01 -c:v libx264 -pix_fmt yuv420p fast.mp4")
        await #expect(throws: MediaError.tooManyFrames(perSecond: 10_000, limit: 1000)) {
            _ = try await folder.open("fast.mp4")
        }
        try folder.ffmpeg("-f lavfi -i testsrc2=s=64x48:r=240:d=0.1 -c:v libx264 -pix_fmt yuv420p quick.mp4")
        #expect(try await folder.frames("quick.mp4").count == 24)
    }
}
