import Addresses
import DecodeWorker
import Foundation
import Frames
import Glibc
import Media
import ProcessSupport
import Records
import Scene
import Synchronization
import Testing
import WorkerSupport

/// HLS (RFC 8216) from servers of the tests' own. What is played was made by the command `ffmpeg`.
struct PlaylistTests {
    private static func opener(_ change: (inout MediaConfiguration) -> Void = { _ in }) -> SourceOpener {
        var configuration = MediaConfiguration()
        configuration.network.allowsLoopback = true
        // A machine may be busy with all other tests.
        (configuration.openDeadline, configuration.readDeadline) = (.seconds(60), .seconds(60))
        change(&configuration)
        return TestWorkers.opener(configuration)
    }
    private static func request(
        _ server: ScriptedServer, _ name: String = "list.m3u8", kind: SourceSpecification.Kind = .file
    ) -> SourceSpecification {
        SourceSpecification(kind: kind, reference: "http://127.0.0.1:\(server.port)/\(name)")
    }
    private static func ok(_ bytes: some Sequence<UInt8>, from start: Int = 0) -> [UInt8] {
        let bytes = Array(bytes)
        let status = start > 0 ? "206 Partial Content\r\nContent-Range: bytes \(start)-*/*" : "200 OK"
        return Array("HTTP/1.1 \(status)\r\nContent-Length: \(bytes.count)\r\nConnection: close\r\n\r\n".utf8) + bytes
    }
    private static let notFound = Array("HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\nConnection: close\r\n\r\n".utf8)
    private static func path(of head: String) -> String {
        String(head.split(separator: " ").dropFirst().first ?? "").split(separator: "?").first.map(String.init) ?? ""
    }

    /// A server of what is in a folder, which understands byte ranges.
    private static func server(
        _ folder: TemporaryFolder, before: @escaping @Sendable (String) -> [UInt8]? = { _ in nil }
    )
        -> ScriptedServer
    {
        ScriptedServer { head in
            let path = path(of: head)
            if let answer = before(path) { return answer }
            guard let bytes = try? Data(contentsOf: folder.url.appending(path: path)) else { return notFound }
            guard let range = head.firstRange(of: "Range: bytes=") else { return ok(bytes) }
            let ends = head[range.upperBound...].prefix { $0.isNumber || $0 == "-" }.split(
                separator: "-", omittingEmptySubsequences: false)
            let first = Int(ends[0]) ?? 0, last = ends.count > 1 ? Int(ends[1]) ?? bytes.count - 1 : bytes.count - 1
            guard first < bytes.count else { return notFound }
            return ok(bytes[first...min(last, bytes.count - 1)], from: first)
        }
    }
    /// Six seconds of 150 frames in three segments.
    private static func film(
        _ folder: TemporaryFolder, _ options: String, size: String = "160x120", name: String = "list"
    )
        throws
    {
        try folder.ffmpeg(
            "-f lavfi -i testsrc2=s=\(size):r=25:d=6 -c:v libx264 -preset ultrafast -pix_fmt yuv420p -g 50",
            "-f hls -hls_time 2 -hls_list_size 0", options, "\(name).m3u8")
    }

    @Test(arguments: [
        "-hls_segment_type mpegts", "-hls_segment_type fmp4", "-hls_flags single_file",
        "-hls_segment_type fmp4 -hls_flags single_file", "-hls_enc 1 -hls_enc_key 000102030405060708090a0b0c0d0e0f",
        "-hls_flags discont_start", "-hls_segment_filename part%d.jpg",
    ])
    func aListIsReadToItsEnd(options: String) async throws {
        let folder = try TemporaryFolder()
        try Self.film(folder, options)
        let server = Self.server(folder)
        let source = try await Self.opener().open(Self.request(server), rates: [.frames(1)])
        #expect(source.properties.size == PixelSize(width: 160, height: 120))
        #expect(abs((source.properties.duration ?? 0) - 6) < 0.2)
        let frames = try await source.rest()
        #expect(frames.count == 150)
        #expect(abs(frames[149].time.pts.seconds - 5.96) < 0.01)
    }

    /// From a server whose certificate nobody has signed.
    @Test func certificatesOfSegmentsAreVerifiedWhereThatIsWanted() async throws {
        let folder = try TemporaryFolder()
        try Self.film(folder, "")
        func command(_ text: String) -> [String] { text.split(separator: " ").map(String.init) }
        try ChildProcess.output(
            of: command(
                "openssl req -x509 -newkey rsa:2048 -nodes -keyout key.pem -out cert.pem -days 2 -subj /CN=127.0.0.1"),
            in: folder.url)
        let port = TransportTests.freePort(SOCK_STREAM), nowhere = FileHandle(forWritingAtPath: "/dev/null")
        let segments = try ChildProcess(
            command("openssl s_server -accept 127.0.0.1:\(port) -cert cert.pem -key key.pem -WWW -quiet"),
            in: folder.url, output: nowhere, errors: nowhere)
        defer { segments.send(signal: SIGKILL) }
        let list = try String(contentsOf: folder.url.appending(path: "list.m3u8"), encoding: .utf8)
            .replacing("list", with: "https://127.0.0.1:\(port)/list")
        let server = ScriptedServer { _ in Self.ok(list.utf8) }
        var count = 0
        while count < 150, segments.isRunning {
            let source = try? await Self.opener().open(Self.request(server), rates: [.frames(1)])
            count = try await source?.rest().count ?? 0
            // Not listening yet.
            if count < 150 { try await Task.sleep(for: .milliseconds(100)) }
        }
        #expect(count == 150)
        await #expect(throws: MediaError.self) {
            _ = try await Self.opener { $0.verifiesCertificates = true }
                .open(Self.request(server), rates: [.frames(1)])
        }
    }

    /// What a server leaves that was stopped.
    @Test func whereALiveListWasOneWithAnEndIsNotPlayed() async throws {
        let folder = try TemporaryFolder()
        try Self.film(folder, "")
        let server = Self.server(folder)
        var request = Self.request(server, kind: .stream)
        let source = try await Self.opener().open(request, rates: [.frames(25)])
        #expect(source.properties.segments == .whole)
        source.cancel()
        request.continuesLiveList = true
        await #expect(throws: MediaError.closedByServer) {
            _ = try await Self.opener().open(request, rates: [.frames(25)])
        }
    }

    @Test(arguments: [SourceSpecification.Kind.stream, .file])
    func aListWithoutItsSegmentsIsToldAsThat(kind: SourceSpecification.Kind) async throws {
        let end = kind == .file ? "#EXT-X-ENDLIST\n" : ""
        let list = "#EXTM3U\n#EXT-X-TARGETDURATION:1\n#EXTINF:1,\na.ts\n\(end)"
        let server = ScriptedServer { head in
            Self.path(of: head) == "/list.m3u8" ? Self.ok(list.utf8) : Self.notFound
        }
        let error = await #expect(throws: MediaError.self) {
            // A live list is asked for again for so long.
            let opener = Self.opener { $0.openDeadline = .seconds(20) }
            _ = try await opener.open(Self.request(server, kind: kind), rates: [.frames(1)]).rest()
        }
        #expect(error?.isTransient == true)
        #expect("\(try #require(error))".contains("No segment that the playlist names could be opened: "))
        #expect("\(try #require(error))".contains("404"))
    }

    @Test func ofSeveralSizesTheSmallestThatIsEnoughIsTaken() async throws {
        let folder = try TemporaryFolder()
        var master = "#EXTM3U\n"
        for (size, rate) in [("1920x1080", 4_000_000), ("320x180", 200_000), ("1280x720", 2_000_000)] {
            try Self.film(folder, "", size: size, name: "list\(size)")
            master += "#EXT-X-STREAM-INF:BANDWIDTH=\(rate),RESOLUTION=\(size)\nlist\(size).m3u8\n"
        }
        try Data(master.utf8).write(to: folder.url.appending(path: "list.m3u8"))
        let server = Self.server(folder)
        let source = try await Self.opener().open(Self.request(server), rates: [.frames(25)])
        #expect(source.properties.size == PixelSize(width: 1280, height: 720))
        #expect(try await source.rest().count == 6)
        // The others are looked at and then left.
        let asked = server.requests.map(Self.path)
        #expect(!asked.contains("/list1920x10802.ts") && asked.contains("/list1280x7202.ts"))
    }

    @Test(arguments: [
        "file:///etc/hostname", "/etc/hostname", "crypto:file:///etc/hostname", "crypto+file:///etc/hostname",
        "data:video/mp2t;base64,R0dHRw==", "concat:/etc/hostname", "subfile,,start,0,end,9,,:/etc/hostname",
        "http://169.254.169.254/latest/meta-data", "https://169.254.169.254/x.ts", "tcp://169.254.169.254:80",
        "rtsp://169.254.169.254/1", "ftp://169.254.169.254/x.ts", "udp://169.254.169.254:1",
    ])
    func whatAPlaylistNamesIsHeldToTheRulesOfSources(target: String) async throws {
        let lists = [
            "#EXTM3U\n#EXT-X-TARGETDURATION:2\n#EXTINF:2,\n\(target)\n#EXT-X-ENDLIST\n",
            "#EXTM3U\n#EXT-X-STREAM-INF:BANDWIDTH=100000\n\(target)\n",
            "#EXTM3U\n#EXT-X-TARGETDURATION:2\n#EXT-X-MAP:URI=\"\(target)\"\n#EXTINF:2,\na.m4s\n#EXT-X-ENDLIST\n",
            "#EXTM3U\n#EXT-X-TARGETDURATION:2\n#EXT-X-KEY:METHOD=AES-128,URI=\"\(target)\"\n#EXTINF:2,\na.ts\n#EXT-X-ENDLIST\n",
        ]
        for list in lists {
            let server = ScriptedServer { head in
                Self.path(of: head) == "/list.m3u8" ? Self.ok(list.utf8) : Self.notFound
            }
            let error = await #expect(throws: MediaError.self) {
                _ = try await Self.opener().open(Self.request(server), rates: [.frames(1)]).rest()
            }
            if target.hasPrefix("http:") { #expect(error == .addressNotAllowed(.metadata), "\(list)") }
        }
    }

    /// A list that goes on: of `segments` it names three, and one more with each time that somebody asks.
    private static func live(_ folder: TemporaryFolder, _ segments: Int, missing: Set<Int> = []) -> ScriptedServer {
        let asked = Mutex(0)
        return server(folder) { path in
            if let index = Int(path.drop { !$0.isNumber }.prefix { $0.isNumber }), path.hasSuffix(".ts") {
                return missing.contains(index) ? notFound : nil
            }
            guard path == "/list.m3u8" else { return notFound }
            let last = asked.withLock { asked in
                asked += 1
                return min(asked + 2, segments)
            }
            let first = max(0, last - 3)
            let entries = (first..<last).map { "#EXTINF:1.0,\npart\($0).ts\n" }.joined()
            return ok(
                "#EXTM3U\n#EXT-X-VERSION:3\n#EXT-X-TARGETDURATION:1\n#EXT-X-MEDIA-SEQUENCE:\(first)\n\(entries)\(last == segments ? "#EXT-X-ENDLIST\n" : "")"
                    .utf8)
        }
    }

    @Test(arguments: [[], [4]]) func aLiveListGoesOnWithoutWhatIsMissing(missing: Set<Int>) async throws {
        let folder = try TemporaryFolder()
        try folder.ffmpeg(
            "-f lavfi -i testsrc2=s=160x120:r=25:d=8 -c:v libx264 -preset ultrafast -pix_fmt yuv420p -g 25",
            "-f hls -hls_time 1 -hls_list_size 0 -hls_segment_filename part%d.ts all.m3u8")
        let server = Self.live(folder, 8, missing: missing)
        let source = try await Self.opener { $0.liveCapacity = 64 }
            .open(Self.request(server, kind: .stream), rates: [.frames(5)])
        #expect(source.properties.duration == nil && source.properties.segments == .live)
        var indices: [Int] = []
        let error = await #expect(throws: MediaError.self) {
            while let frame = try await source.next() { indices.append(frame.time.index) }
        }
        #expect(error == .closedByServer)
        #expect(indices == stride(from: 0, to: 200 - 25 * missing.count, by: 5).map { $0 })
    }

    @Test func aSegmentThatIsLateIsWaitedFor() async throws {
        let folder = try TemporaryFolder(), asked = Mutex(0)
        try Self.film(folder, "")
        let server = Self.server(folder) { path in
            guard path == "/list1.ts" else { return nil }
            let isThere = asked.withLock { asked in
                asked += 1
                return asked > 3
            }
            return isThere ? nil : Self.notFound
        }
        let source = try await Self.opener { $0.liveCapacity = 256 }
            .open(Self.request(server, kind: .stream), rates: [.frames(1)])
        #expect(try await source.rest().count == 150)
        #expect(asked.withLock { $0 } == 4)
    }

    /// Its server was started again, and has less than what was seen of it before.
    @Test func aListThatCountsItsSegmentsAnewIsOver() async throws {
        let folder = try TemporaryFolder(), asked = Mutex(0)
        try Self.film(folder, "")
        let server = Self.server(folder) { path in
            guard path == "/list.m3u8" else { return nil }
            let isFirst = asked.withLock { asked in
                defer { asked += 1 }
                return asked == 0
            }
            let entries = (0..<(isFirst ? 3 : 1)).map { "#EXTINF:2.0,\nlist\($0).ts\n" }.joined()
            let head = "#EXTM3U\n#EXT-X-TARGETDURATION:2\n#EXT-X-MEDIA-SEQUENCE:\(isFirst ? 70 : 0)\n"
            return Self.ok((head + entries).utf8)
        }
        let source = try await Self.opener { $0.liveCapacity = 256 }
            .open(Self.request(server, kind: .stream), rates: [.frames(1)])
        var frames = 0
        await #expect(throws: MediaError.closedByServer) {
            while try await source.next() != nil { frames += 1 }
        }
        // When the list is read again depends on when frames were taken.
        #expect(frames > 0 && frames.isMultiple(of: 50), "\(frames)")
    }
}
