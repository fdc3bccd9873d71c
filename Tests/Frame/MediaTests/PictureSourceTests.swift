import Addresses
import DecodeWorker
import Foundation
import Frames
import Media
import Records
import Scene
import Testing
import WorkerSupport

/// Pictures as films, and pictures that a camera sends one after the other.
struct PictureSourceTests {
    private static let picture = "-f lavfi -i testsrc2=s=160x120 -frames:v 1"
    private static let film = "-f lavfi -i testsrc2=s=160x120:r=10:d=1"

    private static func opener(_ folder: TemporaryFolder) -> SourceOpener {
        var configuration = MediaConfiguration()
        configuration.network.allowsLoopback = true
        configuration.downloadFolder = folder.url.appending(path: "downloads")
        // A machine may be busy with all other tests.
        (configuration.openDeadline, configuration.readDeadline) = (.seconds(60), .seconds(60))
        return TestWorkers.opener(configuration)
    }
    private static func failure(_ open: () async throws -> any FrameSource) async -> MediaError? {
        await #expect(throws: MediaError.self) { _ = try await open().rest() }
    }

    // MARK: Files

    @Test(arguments: [
        ("a.jpg", ""), ("a.JPEG", ""), ("a.png", ""), ("a.webp", "-c:v libwebp"),
        ("b.webp", "-c:v libwebp -lossless 1"),
        ("c.webp", "-pix_fmt yuva420p -c:v libwebp"),
    ])
    func aPictureIsAFilmOfOneFrame(name: String, options: String) async throws {
        let folder = try TemporaryFolder()
        try folder.ffmpeg("\(Self.picture) \(options) \(name)")
        // By what is in it, however it is called.
        let names = [name, "picture", "picture%03d.jpg", "picture.mp4"]
        for other in names.dropFirst() {
            try FileManager.default.copyItem(atPath: folder.path(name), toPath: folder.path(other))
        }
        for other in names {
            let frames = try await folder.frames(other)
            #expect(frames.map(\.time.pts) == [MediaTime(seconds: 0)], "\(other)")
            #expect(frames.first?.size == PixelSize(width: 160, height: 120))
        }
        let drawn = try #require(try await folder.open(name).next()).drawn()
        #expect(difference(drawn, try folder.reference(name)).mean < 3)
    }

    @Test func aGIFHasItsFramesAtTheirTimes() async throws {
        let folder = try TemporaryFolder()
        try folder.ffmpeg("\(Self.film) a.gif")
        let source = try await folder.open("a.gif")
        let frames = try await source.rest()
        #expect(frames.map(\.time.index) == Array(0..<10))
        for (index, frame) in frames.enumerated() { #expect(abs(frame.time.pts.seconds - Double(index) / 10) < 0.011) }
        #expect(source.properties.codec == "gif")
        #expect(difference(try frames[3].drawn(), try folder.reference("a.gif", frame: 3)).mean < 1)
    }

    @Test func picturesInARowAreAFilm() async throws {
        let folder = try TemporaryFolder()
        try folder.ffmpeg("\(Self.film) -c:v mjpeg -f mjpeg a.mjpeg")
        let frames = try await folder.frames("a.mjpeg")
        #expect(frames.map(\.time.index) == Array(0..<10))
    }

    /// As long as FFmpeg has no decoder for it.
    @Test func anAnimatedWebPIsRefusedByItsName() async throws {
        let folder = try TemporaryFolder()
        try folder.ffmpeg("\(Self.film) -c:v libwebp_anim a.webp")
        #expect(await Self.failure { try await folder.open("a.webp") } == .unsupportedCodec("animated WebP"))
        let bytes = try Array(Data(contentsOf: folder.url.appending(path: "a.webp")))
        let server = Self.server("image/webp", bytes)
        let request = SourceSpecification(kind: .file, reference: "http://127.0.0.1:\(server.port)/a")
        let error = await Self.failure { try await Self.opener(folder).open(request, rates: [.frames(1)]) }
        #expect(error == .unsupportedCodec("animated WebP"))
    }

    @Test(arguments: ["a.jpg", "a.png", "a.webp", "a.gif"])
    func aPictureIsReadOverHTTP(name: String) async throws {
        let folder = try TemporaryFolder()
        try folder.ffmpeg("\(Self.picture) \(name)")
        let bytes = try Array(Data(contentsOf: folder.url.appending(path: name)))
        let type = "image/\(name.hasSuffix("jpg") ? "jpeg" : String(name.suffix(name.count - 2)))"
        let server = Self.server(type, bytes)
        for isDownloadable in [false, true] {
            let request = SourceSpecification(
                kind: .file, reference: "http://127.0.0.1:\(server.port)/\(name)", isDownloadable: isDownloadable)
            #expect(try await Self.opener(folder).open(request, rates: [.frames(1)]).rest().count == 1)
        }
    }
    private static func server(_ type: String, _ bytes: [UInt8]) -> ScriptedServer {
        ScriptedServer { _ in
            let head = "Content-Type: \(type)\r\nContent-Length: \(bytes.count)\r\nConnection: close"
            return Array("HTTP/1.1 200 OK\r\n\(head)\r\n\r\n".utf8) + bytes
        }
    }

    // MARK: Cameras that send pictures

    /// How a camera sends pictures one after the other.
    struct Manner: Sendable, CustomTestStringConvertible {
        var testDescription: String
        /// Of the header of the whole.
        var boundary = "; boundary=frame"
        /// Before the headers of the first picture.
        var beginning = "--frame\r\n"
        /// Of each picture, but its length.
        var heads = ["Content-Type: image/jpeg"]
        var saysLength = true
        var isChunked = false
        var lineEnd = "\r\n"

        /// Ten pictures.
        func answer(_ pictures: [[UInt8]]) -> [UInt8] {
            var parts = [Array(beginning.utf8)]
            for picture in pictures {
                let lines = heads + (saysLength ? ["Content-Length: \(picture.count)"] : [])
                let head = lines.map { $0 + lineEnd }.joined() + lineEnd
                parts.append(Array(head.utf8) + picture + Array("\(lineEnd)--frame\(lineEnd)".utf8))
            }
            let head = "HTTP/1.1 200 OK\r\nContent-Type: multipart/x-mixed-replace\(boundary)\r\nConnection: close\r\n"
            guard isChunked else { return Array((head + "\r\n").utf8) + parts.joined() }
            let chunks = parts.map { Array("\(String($0.count, radix: 16))\r\n".utf8) + $0 + Array("\r\n".utf8) }
            return Array((head + "Transfer-Encoding: chunked\r\n\r\n").utf8) + chunks.joined() + Array("0\r\n\r\n".utf8)
        }
    }
    private static let manners = [
        Manner(testDescription: "as RFC 2046 has it"),
        // Older firmware of ESP32 boards, Tasmota.
        Manner(testDescription: "no first boundary", beginning: ""),
        Manner(testDescription: "a line end for the first boundary", beginning: "\r\n"),
        Manner(testDescription: "two line ends for the first boundary", beginning: "\r\n\r\n"),
        Manner(testDescription: "no first boundary and no length", beginning: "", saysLength: false),
        Manner(testDescription: "a line end before the first boundary", beginning: "\r\n--frame\r\n"),
        Manner(testDescription: "no length", saysLength: false),
        Manner(testDescription: "the dashes named as part of the boundary", boundary: "; boundary=--frame"),
        Manner(testDescription: "a boundary in quotes", boundary: "; boundary=\"frame\""),
        Manner(testDescription: "no boundary named", boundary: ""),
        Manner(testDescription: "in chunks", isChunked: true),
        Manner(testDescription: "small letters", heads: ["content-type: image/jpeg", "X-Time: 1.5"]),
        Manner(testDescription: "lines that end with a line feed alone", beginning: "--frame\n", lineEnd: "\n"),
    ]

    @Test(arguments: manners) func aCameraThatSendsPicturesIsWatched(manner: Manner) async throws {
        let folder = try TemporaryFolder()
        try folder.ffmpeg("\(Self.film) -q:v 2 %d.jpg")
        let pictures = try (1...10).map { try Array(Data(contentsOf: folder.url.appending(path: "\($0).jpg"))) }
        let server = ScriptedServer { _ in manner.answer(pictures) }
        let request = SourceSpecification(kind: .stream, reference: "http://127.0.0.1:\(server.port)/stream")
        let source = try await Self.opener(folder).open(request, rates: [.frames(1)])
        let frame = try #require(try await source.next())
        #expect(frame.size == PixelSize(width: 160, height: 120) && source.properties.codec == "mjpeg")
        // Nothing says how much would come, so FFmpeg takes the end for a broken connection.
        let error = await #expect(throws: MediaError.self) { while try await source.next() != nil {} }
        #expect(error?.isTransient == true)
        #expect(source.statistics.framesDecoded >= 9)
        #expect(server.connections == 1)
    }

    @Test func textInPartsIsNoVideo() async throws {
        let folder = try TemporaryFolder()
        let server = Self.server("multipart/x-mixed-replace; boundary=frame", Array("nothing to see here".utf8))
        let request = SourceSpecification(kind: .stream, reference: "http://127.0.0.1:\(server.port)/stream")
        let error = await Self.failure { try await Self.opener(folder).open(request, rates: [.frames(1)]) }
        #expect(error == .nothingDecoded(packets: 0))
    }
}
