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
            guard words.count >= 3, let pts = Double(words[0]) else { return nil }
            return Packet(pts: pts, dts: Double(words[1]) ?? .nan, isKeyframe: words[2].hasPrefix("K"))
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

    /// Plays a film until enough of it was passed on, wherever in it somebody began to watch.
    private static func play(
        _ film: String, in folder: TemporaryFolder, to seen: Catch, until isEnough: () -> Bool
    ) async throws -> [FrameTime] {
        let source = try await folder.open(film) { $0.kind = .stream }
        source.passVideo(to: seen.take)
        var times: [FrameTime] = []
        while !isEnough(), let frame = try await source.next() { times.append(frame.time) }
        source.passVideo(to: nil)
        source.cancel()
        return times
    }
    private static let film = "-f lavfi -i testsrc2=s=320x240:r=25:d=40"

    /// Films as cameras and servers have them, each with a key frame every ten pictures.
    private static let films = [
        ("film.mp4", "-c:v libx264 -bf 2"), ("film.ts", "-c:v libx264 -bf 2"), ("film.ts", "-c:v libx264 -bf 0"),
        ("film.flv", "-c:v libx264 -bf 0"), ("film.mkv", "-c:v libx265 -x265-params log-level=none:no-open-gop=1"),
        ("film.ts", "-c:v libx265 -x265-params log-level=none:bframes=0"),
    ]

    @Test(arguments: films)
    func whatIsPassedOnIsWhatTheSourceHas(film: String, options: String) async throws {
        let folder = try TemporaryFolder(), seen = Catch()
        try folder.ffmpeg("\(Self.film) \(options) -preset ultrafast -g 10 -pix_fmt yuv420p \(film)")
        let times = try await Self.play(film, in: folder, to: seen) { seen.pieces.count > 45 }
        let head = try #require(seen.heads.first), fragments = seen.fragments()
        #expect(seen.heads.count == 1 && fragments.first?.isKeyframe == true)
        #expect(head.codec.hasPrefix(options.contains("libx265") ? "hvc1.1.6.L" : "avc1."), "\(head.codec)")
        try Data(head.bytes + fragments.flatMap(\.bytes)).write(to: folder.url.appending(path: "passed.mp4"))

        // Where it begins its first picture says; behind the last, some are missing that are decoded later and shown before.
        let shown = try Self.pictures("passed.mp4", in: folder).dropLast(4)
        let pictures = try Self.pictures(film, in: folder)
        let begin = try #require(shown.first.flatMap(pictures.firstIndex))
        #expect(shown.count >= 40 && Array(shown) == Array(pictures[begin...].prefix(shown.count)))

        let passed = try Self.packets("passed.mp4", in: folder), all = try Self.packets(film, in: folder)
        let first = try #require(passed.first), origin = all[begin]
        #expect(passed.count == fragments.count && origin.isKeyframe)
        for (one, other) in zip(passed, all[begin...]) {
            #expect(abs((one.pts - first.pts) - (other.pts - origin.pts)) < 0.002)
            // Matroska does not tell when its first pictures are decoded.
            #expect(!(abs((one.dts - first.dts) - (other.dts - origin.dts)) >= 0.002))
            #expect(one.isKeyframe == other.isKeyframe)
        }
        // Frames are told on the fragments' own time.
        let last = passed.map(\.pts).max() ?? 0
        for seconds in times.compactMap(head.seconds) where seconds > 0 && seconds <= last {
            #expect(passed.contains { abs($0.pts - seconds) < 0.002 }, "\(seconds)")
        }
    }

    /// As when a camera is told to send another size: here once a second.
    @Test func otherParametersBeginANewVideo() async throws {
        let folder = try TemporaryFolder(), seen = Catch()
        let sizes = ["320x240", "640x360"]
        for size in sizes {
            try folder.ffmpeg(
                "-f lavfi -i testsrc2=s=\(size):r=25:d=1 -c:v libx264 -bf 0 -g 5 -pix_fmt yuv420p \(size).mp4")
        }
        var film = Data()
        for second in 0..<30 {
            try folder.ffmpeg("-i \(sizes[second % 2]).mp4 -c copy -output_ts_offset \(second) part.ts")
            film += try Data(contentsOf: folder.url.appending(path: "part.ts"))
        }
        try film.write(to: folder.url.appending(path: "film.ts"))
        _ = try await Self.play("film.ts", in: folder, to: seen) { seen.heads.count > 2 }
        #expect(seen.heads.count == 3)
        var found: [String] = []
        for index in seen.heads.indices.dropLast() {
            let name = "passed\(index).mp4", fragments = seen.fragments(of: index)
            try Data(seen.heads[index].bytes + fragments.flatMap(\.bytes)).write(to: folder.url.appending(path: name))
            found.append(
                try Self.words(
                    of: ["ffprobe", "-v", "error", "-show_entries", "stream=width,height", "-of", "csv=p=0:s=x", name],
                    in: folder
                ).trimmingCharacters(in: .whitespacesAndNewlines))
            #expect(try Self.pictures(name, in: folder).count == fragments.count)
            #expect(fragments.first?.isKeyframe == true && fragments.first?.time == .zero)
        }
        #expect(found == sizes || found == sizes.reversed())
    }

    @Test func whoAsksAgainBeginsAnew() async throws {
        let folder = try TemporaryFolder(), first = Catch(), second = Catch()
        try folder.ffmpeg("\(Self.film) -c:v libx264 -preset ultrafast -bf 0 -g 5 -pix_fmt yuv420p film.ts")
        let source = try await folder.open("film.ts") { $0.kind = .stream }
        source.passVideo(to: first.take)
        while first.fragments().count < 10, try await source.next() != nil {}
        source.passVideo(to: nil)
        source.passVideo(to: second.take)
        while second.fragments().count < 10, try await source.next() != nil {}
        source.cancel()
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
