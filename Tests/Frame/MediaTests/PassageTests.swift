import Foundation
import Frames
import ProcessSupport
import Records
import Scene
import Synchronization
import Testing

/// Packets of live sources that are passed on as they are: what players find in the fragments is what the source has.
struct PassageTests {
    /// What a source passed on, from its first key frame to its end.
    private final class Catch: Sendable {
        private let caught = Mutex<[VideoPiece]>([])
        func take(_ piece: VideoPiece) { caught.withLock { $0.append(piece) } }
        var pieces: [VideoPiece] { caught.withLock { $0 } }
        var heads: [VideoHead] { pieces.compactMap { if case .head(let head) = $0 { head } else { nil } } }
        /// Behind the head of that index.
        func fragments(of index: Int = 0) -> [VideoFragment] {
            var head = -1, found: [VideoFragment] = []
            for piece in pieces {
                switch piece {
                case .head: head += 1
                case .fragment(let fragment): if head == index { found.append(fragment) }
                }
            }
            return found
        }
    }
    struct Packet: Equatable {
        var pts, dts: Double
        var isKeyframe: Bool
    }

    private static func words(of command: [String], in folder: TemporaryFolder) throws -> String {
        String(decoding: try ChildProcess.output(of: command, in: folder.url), as: UTF8.self)
    }
    /// What ffprobe reads of a file, in order of decoding.
    static func packets(_ name: String, in folder: TemporaryFolder) throws -> [Packet] {
        let text = try words(
            of: [
                "ffprobe", "-v", "error", "-select_streams", "v:0", "-show_entries", "packet=pts_time,dts_time,flags",
                "-of", "csv=p=0", name,
            ], in: folder)
        return text.split(separator: "\n").compactMap { line in
            let words = line.split(separator: ",")
            guard words.count >= 3, let pts = Double(words[0]), let dts = Double(words[1]) else { return nil }
            return Packet(pts: pts, dts: dts, isKeyframe: words[2].hasPrefix("K"))
        }
    }
    /// Hashes of all pictures that FFmpeg decodes.
    static func pictures(_ name: String, in folder: TemporaryFolder) throws -> [String] {
        let text = try words(
            of: [
                "ffmpeg", "-v", "error", "-nostdin", "-i", name, "-map", "0:v:0", "-fps_mode", "passthrough", "-f",
                "framemd5", "-",
            ], in: folder)
        return text.split(separator: "\n").filter { !$0.hasPrefix("#") }.compactMap {
            $0.split(separator: ",").last.map { $0.trimmingCharacters(in: .whitespaces) }
        }
    }

    /// Films as cameras and servers have them, each two seconds with a key frame every ten pictures.
    private static let films = [
        ("film.mp4", "-c:v libx264 -bf 2"), ("film.ts", "-c:v libx264 -bf 2"), ("film.ts", "-c:v libx264 -bf 0"),
        ("film.flv", "-c:v libx264 -bf 0"), ("film.mkv", "-c:v libx265 -x265-params log-level=none"),
        ("film.ts", "-c:v libx265 -x265-params log-level=none:bframes=0"),
    ]

    @Test(arguments: films)
    func whatIsPassedOnIsWhatTheSourceHas(film: String, options: String) async throws {
        let folder = try TemporaryFolder(), seen = Catch()
        try folder.ffmpeg("-f lavfi -i testsrc2=s=320x240:r=25:d=2 \(options) -g 10 -pix_fmt yuv420p \(film)")
        let source = try await folder.open(film) { $0.kind = .stream }
        source.passVideo(to: seen.take)
        var times: [FrameTime] = []
        while let frame = try await source.next() { times.append(frame.time) }
        let head = try #require(seen.heads.first), fragments = seen.fragments()
        #expect(seen.heads.count == 1 && fragments.first?.isKeyframe == true)
        #expect(head.codec.hasPrefix(options.contains("libx265") ? "hvc1.1.6.L" : "avc1."), "\(head.codec)")
        try Data(head.bytes + fragments.flatMap(\.bytes)).write(to: folder.url.appending(path: "passed.mp4"))

        let passed = try Self.packets("passed.mp4", in: folder)
        let all = try Self.packets(film, in: folder), whole = all.suffix(passed.count)
        #expect(passed.count == fragments.count && passed.count >= 30)
        let (first, origin) = (try #require(passed.first), try #require(whole.first))
        for (one, other) in zip(passed, whole) {
            #expect(abs((one.pts - first.pts) - (other.pts - origin.pts)) < 0.002)
            #expect(abs((one.dts - first.dts) - (other.dts - origin.dts)) < 0.002)
            #expect(one.isKeyframe == other.isKeyframe)
        }
        let shown = try Self.pictures("passed.mp4", in: folder)
        #expect(try shown == Self.pictures(film, in: folder).suffix(shown.count) && shown.count == passed.count)

        // Frames are told on the fragments' own time.
        let placed = times.compactMap(head.seconds).filter { $0 > 0 }
        #expect(placed.count >= 10)
        for seconds in placed { #expect(passed.contains { abs($0.pts - seconds) < 0.002 }, "\(seconds)") }
    }

    /// As when a camera is told to send another size.
    @Test func otherParametersBeginANewVideo() async throws {
        let folder = try TemporaryFolder(), seen = Catch()
        for (index, size) in ["320x240", "640x360"].enumerated() {
            try folder.ffmpeg(
                "-f lavfi -i testsrc2=s=\(size):r=25:d=2 -c:v libx264 -bf 0 -g 10 -pix_fmt yuv420p",
                "-output_ts_offset \(index * 2) \(index).ts")
        }
        let both = try ["0.ts", "1.ts"].map { try Data(contentsOf: folder.url.appending(path: $0)) }
        try (both[0] + both[1]).write(to: folder.url.appending(path: "film.ts"))
        let source = try await folder.open("film.ts") { $0.kind = .stream }
        source.passVideo(to: seen.take)
        while try await source.next() != nil {}
        #expect(seen.heads.count == 2)
        for (index, size) in ["320,240", "640,360"].enumerated() where index < seen.heads.count {
            let name = "passed\(index).mp4"
            try Data(seen.heads[index].bytes + seen.fragments(of: index).flatMap(\.bytes))
                .write(to: folder.url.appending(path: name))
            let found = try Self.words(
                of: ["ffprobe", "-v", "error", "-show_entries", "stream=width,height", "-of", "csv=p=0", name],
                in: folder)
            #expect(found.trimmingCharacters(in: .whitespacesAndNewlines) == size)
            #expect(try Self.pictures(name, in: folder).count == seen.fragments(of: index).count)
        }
    }

    @Test func whoAsksAgainBeginsAnew() async throws {
        let folder = try TemporaryFolder(), first = Catch(), second = Catch()
        try folder.ffmpeg("-f lavfi -i testsrc2=s=320x240:r=25:d=4 -c:v libx264 -bf 0 -g 5 -pix_fmt yuv420p film.ts")
        let source = try await folder.open("film.ts") { $0.kind = .stream }
        source.passVideo(to: first.take)
        while first.fragments().count < 10, try await source.next() != nil {}
        source.passVideo(to: nil)
        source.passVideo(to: second.take)
        while try await source.next() != nil {}
        #expect(second.heads.count == 1 && second.fragments().first?.isKeyframe == true)
        #expect(second.fragments().first?.time == .zero)
    }

    /// Nothing that is shown otherwise than it is coded, no codec that browsers do not know, and nothing that nobody asked for.
    @Test(arguments: [("film.mp4", "-c:v libx264", 90), ("film.mkv", "-c:v mjpeg", 0)])
    func whatIsNotPassedOn(film: String, options: String, rotation: Int) async throws {
        let folder = try TemporaryFolder(), seen = Catch()
        try folder.ffmpeg("-f lavfi -i testsrc2=s=320x240:r=25:d=1 \(options) -g 5 -pix_fmt yuvj420p \(film)")
        let source = try await folder.open(film) {
            ($0.kind, $0.rotation) = (.stream, rotation)
        }
        source.passVideo(to: seen.take)
        while try await source.next() != nil {}
        #expect(seen.pieces.isEmpty)
    }
}
