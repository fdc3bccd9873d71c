import Addresses
import CameraSupport
import DecodeWorker
import Foundation
import Frames
import Media
import Records
import Scene
import Testing
import WorkerSupport

/// Sources behind sockets; every server is the test's own, on the loopback interface.
struct NetworkSourceTests {
    private static func opener(
        _ folder: TemporaryFolder, loopback: Bool = true, change: (inout MediaConfiguration) -> Void = { _ in }
    ) -> SourceOpener {
        var configuration = MediaConfiguration()
        configuration.network.allowsLoopback = loopback
        configuration.downloadFolder = folder.url.appending(path: "downloads")
        // A machine may be busy with all other tests.
        (configuration.openDeadline, configuration.readDeadline) = (.seconds(60), .seconds(60))
        change(&configuration)
        return TestWorkers.opener(configuration)
    }
    private static func clip(_ folder: TemporaryFolder, options: String = "") throws -> [UInt8] {
        try folder.ffmpeg("-f lavfi -i testsrc2=s=160x120:r=25:d=2 -c:v libx264 -pix_fmt yuv420p \(options) clip.mp4")
        return try Array(Data(contentsOf: folder.url.appending(path: "clip.mp4")))
    }
    private static func request(
        _ server: ScriptedServer, _ scheme: String = "http", kind: SourceSpecification.Kind = .file,
        isDownloadable: Bool = false
    ) -> SourceSpecification {
        SourceSpecification(
            kind: kind, reference: "\(scheme)://127.0.0.1:\(server.port)/clip.mp4", isDownloadable: isDownloadable)
    }
    private static func failure(_ opener: SourceOpener, _ request: SourceSpecification) async -> MediaError? {
        await #expect(throws: MediaError.self) {
            _ = try await opener.open(request, rates: [.frames(1)]).rest()
        }
    }

    @Test(arguments: [false, true], ["", "-movflags +faststart"])
    func aFileIsReadOverHTTP(isDownloadable: Bool, options: String) async throws {
        let folder = try TemporaryFolder()
        let server = try ScriptedServer.file(Self.clip(folder, options: options))
        let opener = Self.opener(folder)
        let source = try await opener.open(Self.request(server, isDownloadable: isDownloadable), rates: [.frames(1)])
        #expect(try await source.rest().count == 50)
        #expect(server.requests.allSatisfy { $0.hasPrefix("GET /clip.mp4 HTTP/1.1\r\n") })
        if isDownloadable {
            #expect(server.requests.count == 1)
            #expect(try FileManager.default.contentsOfDirectory(atPath: folder.path("downloads")).isEmpty)
        }
    }

    @Test func asAStreamAFilmOverHTTPIsPlayedAtItsOwnSpeed() async throws {
        let folder = try TemporaryFolder()
        let server = try ScriptedServer.file(Self.clip(folder, options: "-movflags +faststart"))
        let began = ContinuousClock.now
        let source = try await Self.opener(folder) { $0.liveCapacity = 64 }
            .open(Self.request(server, kind: .stream), rates: [.frames(1)])
        #expect(try await source.rest().count == 50)
        #expect(ContinuousClock.now - began > .seconds(49 / 25))
    }

    @Test func addressesThatAreNotAllowedAreNotEvenConnectedTo() async throws {
        let folder = try TemporaryFolder()
        let server = ScriptedServer { _ in nil }
        let opener = Self.opener(folder, loopback: false)
        for scheme in ["http", "https", "rtsp", "rtsps"] {
            #expect(
                await Self.failure(opener, Self.request(server, scheme)) == .addressNotAllowed(.loopback), "\(scheme)")
        }
        #expect(await Self.failure(opener, Self.request(server, isDownloadable: true)) == .addressNotAllowed(.loopback))
        #expect(server.requests.isEmpty)
    }

    @Test func aRedirectToAnAddressThatIsNotAllowedIsNotFollowed() async throws {
        let folder = try TemporaryFolder()
        let server = ScriptedServer { _ in
            Array("HTTP/1.1 302 Found\r\nLocation: http://169.254.169.254/latest\r\nContent-Length: 0\r\n\r\n".utf8)
        }
        let opener = Self.opener(folder)
        for isDownloadable in [false, true] {
            let error = await Self.failure(opener, Self.request(server, isDownloadable: isDownloadable))
            #expect(error == .addressNotAllowed(.metadata))
        }
        let toFile = ScriptedServer { _ in
            Array("HTTP/1.1 302 Found\r\nLocation: file:///etc/hostname\r\nContent-Length: 0\r\n\r\n".utf8)
        }
        #expect(await Self.failure(opener, Self.request(toFile)) != nil)
    }

    @Test func aRedirectToAnAllowedAddressIsFollowed() async throws {
        let folder = try TemporaryFolder()
        let target = try ScriptedServer.file(Self.clip(folder))
        let port = target.port
        let server = ScriptedServer { _ in
            Array("HTTP/1.1 302 Found\r\nLocation: http://127.0.0.1:\(port)/x.mp4\r\nContent-Length: 0\r\n\r\n".utf8)
        }
        let source = try await Self.opener(folder).open(Self.request(server), rates: [.frames(1)])
        #expect(try await source.rest().count == 50)
    }

    @Test(arguments: ["rtsp://127.0.0.1", "rtsp://localhost", "rtsps://127.0.0.1"])
    func anRTSPRedirectIsRefusedBeforeAnybodyIsConnectedTo(host: String) async throws {
        let folder = try TemporaryFolder()
        let target = ScriptedServer { _ in nil }
        let port = target.port
        let server = ScriptedServer { head in
            let sequence = head.split(separator: "\r\n").first { $0.hasPrefix("CSeq") } ?? "CSeq: 1"
            return Array("RTSP/1.0 302 Found\r\n\(sequence)\r\nLocation: \(host):\(port)/x\r\n\r\n".utf8)
        }
        #expect(await Self.failure(Self.opener(folder), Self.request(server, "rtsp", kind: .stream)) == .redirected)
        #expect(server.connections == 1 && target.connections == 0)
    }

    @Test(arguments: [("401 Unauthorized", MediaError.unauthorized), ("404 Not Found", .notFoundOnServer)])
    func whatTheServerAnswersIsTold(status: String, error: MediaError) async throws {
        let folder = try TemporaryFolder()
        let server = ScriptedServer { head in
            let sequence = head.split(separator: "\r\n").first { $0.hasPrefix("CSeq") } ?? "CSeq: 1"
            let scheme = head.contains("RTSP") ? "RTSP/1.0" : "HTTP/1.1"
            return Array("\(scheme) \(status)\r\n\(sequence)\r\nContent-Length: 0\r\n\r\n".utf8)
        }
        for scheme in ["http", "rtsp"] {
            let failure = await Self.failure(Self.opener(folder), Self.request(server, scheme))
            #expect(failure == error, "\(scheme)")
        }
    }

    @Test func aPortWhereNobodyListensIsATransientError() async throws {
        let folder = try TemporaryFolder()
        var server: ScriptedServer? = ScriptedServer { _ in nil }
        let requests = ["http", "rtsp"].map { Self.request(server!, $0, kind: .stream) }
        server = nil
        for request in requests {
            let error = await Self.failure(Self.opener(folder), request)
            #expect(error?.isTransient == true)
        }
    }

    @Test func aServerThatNeverAnswersEndsAtTheDeadline() async throws {
        let folder = try TemporaryFolder()
        let server = ScriptedServer { _ in nil }
        let opener = Self.opener(folder) { $0.openDeadline = .milliseconds(300) }
        for scheme in ["http", "rtsp"] {
            #expect(
                await Self.failure(opener, Self.request(server, scheme)) == .openTimedOut(after: .milliseconds(300)),
                "\(scheme)")
        }
    }

    @Test(arguments: ["http", "rtsp"], [false, true])
    func cancellingTheTaskEndsTheOpening(scheme: String, isDownloadable: Bool) async throws {
        guard scheme == "http" || !isDownloadable else { return }
        let folder = try TemporaryFolder()
        let server = ScriptedServer { _ in nil }
        let opener = Self.opener(folder) { ($0.openDeadline, $0.readDeadline) = (.seconds(300), .seconds(300)) }
        let request = Self.request(server, scheme, isDownloadable: isDownloadable)
        let task = Task { try await opener.open(request, rates: [.frames(1)]) }
        await server.waitForConnection()
        task.cancel()
        await #expect(throws: CancellationError.self) { try await task.value }
    }

    /// The head of a file and then nothing: open, but stalled.
    private static func stallingServer(_ folder: TemporaryFolder) throws -> ScriptedServer {
        try folder.ffmpeg("-f lavfi -i testsrc2=s=160x120:r=25:d=4 -c:v libx264 -g 25 -pix_fmt yuv420p clip.ts")
        let bytes = try Array(Data(contentsOf: folder.url.appending(path: "clip.ts")))
        return ScriptedServer(
            first: Array("HTTP/1.1 200 OK\r\nContent-Type: video/mp2t\r\nConnection: close\r\n\r\n".utf8) + bytes)
    }

    @Test func aStalledSourceFailsAfterTheReadDeadline() async throws {
        let folder = try TemporaryFolder()
        let server = try Self.stallingServer(folder)
        let opener = Self.opener(folder) { $0.readDeadline = .milliseconds(300) }
        let error = await Self.failure(opener, Self.request(server, kind: .stream))
        #expect(error == .stalled(after: .milliseconds(300)))
        #expect(error?.isTransient == true)
    }

    @Test(.timeLimit(.minutes(30))) func theSilenceOfAnOpenSourceIsTold() async throws {
        let folder = try TemporaryFolder()
        let server = try Self.stallingServer(folder)
        let source = try await Self.opener(folder).open(Self.request(server, kind: .stream), rates: [.frames(1)])
        // All that was sent is read at once, but for what the parsers keep of a hundred; how long the silence is then grows.
        var statistics = source.statistics
        while statistics.packetsRead < 90 || (statistics.silence ?? .zero) < .milliseconds(200) {
            try await Task.sleep(for: .milliseconds(5))
            statistics = source.statistics
        }
        #expect(statistics.packetsRead <= 100)
        source.cancel()
        while source.statistics.silence != nil { try await Task.sleep(for: .milliseconds(5)) }
    }

    @Test func aFileIsNotSilent() async throws {
        let folder = try TemporaryFolder()
        try folder.ffmpeg("-f lavfi -i testsrc2=s=160x120:r=25:d=1 -c:v libx264 -pix_fmt yuv420p clip.mp4")
        let source = try await folder.open("clip.mp4") { $0.kind = .stream }
        while try await source.next() != nil {
            #expect(source.statistics.silence == nil && source.statistics.packetsRead == 0)
        }
    }

    @Test func cancellingEndsAStalledSource() async throws {
        let folder = try TemporaryFolder()
        let server = try Self.stallingServer(folder)
        let opener = Self.opener(folder) { $0.readDeadline = .seconds(300) }
        let source = try await opener.open(Self.request(server, kind: .file), rates: [.frames(1)])
        #expect(try await source.next() != nil)
        source.cancel()
        await #expect(throws: CancellationError.self) { while try await source.next() != nil {} }
    }

    @Test func aDownloadBeyondTheLimitIsRefused() async throws {
        let folder = try TemporaryFolder()
        let server = try ScriptedServer.file(Self.clip(folder))
        let unsized = try ScriptedServer(answer: { [bytes = Self.clip(folder)] _ in
            Array("HTTP/1.1 200 OK\r\nConnection: close\r\n\r\n".utf8) + bytes
        })
        let opener = Self.opener(folder) { $0.maximumDownload = 2000 }
        for server in [server, unsized] {
            let error = await Self.failure(opener, Self.request(server, isDownloadable: true))
            #expect(error == .downloadTooLarge(limit: 2000))
            var request = Self.request(server, isDownloadable: true)
            for (asked, limit) in [(1000, 1000), (3000, 2000)] {
                request.maximumBytes = asked
                #expect(await Self.failure(opener, request) == .downloadTooLarge(limit: limit))
            }
            #expect(try FileManager.default.contentsOfDirectory(atPath: folder.path("downloads")).isEmpty)
        }
    }

    @Test func aDownloadLeavesTheReserveOfTheDiskFree() async throws {
        let folder = try TemporaryFolder()
        let server = try ScriptedServer.file(Self.clip(folder))
        let opener = Self.opener(folder) { $0.isRoomForDownloads = { false } }
        let error = await Self.failure(opener, Self.request(server, isDownloadable: true))
        #expect(error == .downloadFolderUnusable("the disk's reserve would not stay free"))
        #expect(try FileManager.default.contentsOfDirectory(atPath: folder.path("downloads")).isEmpty)
    }

    @Test func onlyHTTPIsDownloaded() async throws {
        let folder = try TemporaryFolder()
        let server = ScriptedServer { _ in nil }
        let error = await Self.failure(Self.opener(folder), Self.request(server, "rtsp", isDownloadable: true))
        #expect(error == .unsupportedReference("is to be downloaded but has no http or https address"))
    }

    // MARK: Credentials apart from the address

    /// With all that would have to be encoded in an address.
    private static let authorization = SourceAuthorization(login: "ad min@home", password: "p#/?@: %41é\"[]")
    private static let basic =
        "Authorization: Basic "
        + Data("\(authorization.login):\(authorization.password)".utf8).base64EncodedString() + "\r\n"

    @Test(arguments: [false, true])
    func credentialsApartFromTheAddressAreSentOverHTTP(isDownloadable: Bool) async throws {
        let folder = try TemporaryFolder(), basic = Self.basic
        let clip = try Self.clip(folder, options: "-movflags +faststart")
        let server = ScriptedServer { head in
            guard head.contains(basic) else {
                let wanted = "WWW-Authenticate: Basic realm=\"camera\"\r\nConnection: close"
                return Array("HTTP/1.1 401 Unauthorized\r\n\(wanted)\r\nContent-Length: 0\r\n\r\n".utf8)
            }
            let head = "HTTP/1.1 200 OK\r\nContent-Length: \(clip.count)\r\nConnection: close\r\n\r\n"
            return Array(head.utf8) + clip
        }
        var request = Self.request(server, isDownloadable: isDownloadable)
        #expect(await Self.failure(Self.opener(folder), request) == .unauthorized)
        request.authorization = Self.authorization
        #expect(try await Self.opener(folder).open(request, rates: [.frames(1)]).rest().count == 50)
    }

    @Test func credentialsApartFromTheAddressAreSentOverRTSP() async throws {
        let folder = try TemporaryFolder(), basic = Self.basic
        var script = RTSPCamera.Script()
        script.answer = { head in
            let sequence = head.split(separator: "\r\n").first { $0.hasPrefix("CSeq") } ?? "CSeq: 1"
            let answer = head.contains(basic) ? "404 Not Found" : "401 Unauthorized"
            return "RTSP/1.0 \(answer)\r\n\(sequence)\r\nWWW-Authenticate: Basic realm=\"camera\"\r\n\r\n"
        }
        let camera = RTSPCamera(script)
        var request = SourceSpecification(kind: .stream, reference: camera.address)
        #expect(await Self.failure(Self.opener(folder), request) == .unauthorized)
        request.authorization = Self.authorization
        #expect(await Self.failure(Self.opener(folder), request) == .notFoundOnServer)

        request.authorization = SourceAuthorization(login: "admin", password: String(repeating: "#", count: 50))
        let error = await Self.failure(Self.opener(folder), request)
        #expect(error == .unsupportedReference("is asked with a login and a password that are too long for it"))
    }

    @Test(arguments: [
        ("clip.mp4", "takes no login and password"),
        ("http://user@127.0.0.1/x", "names a user beside data.authorization"),
    ])
    func credentialsThatFitNoReferenceAreRefused(reference: String, reason: String) async throws {
        let folder = try TemporaryFolder()
        _ = try Self.clip(folder)
        var request = SourceSpecification(kind: .file, reference: reference)
        request.authorization = Self.authorization
        let opener = Self.opener(folder) { $0.mediaRoots = [folder.url] }
        #expect(await Self.failure(opener, request) == .unsupportedReference(reason))
    }

    @Test func aPasswordThatEndsItsAddressIsExplained() async throws {
        let folder = try TemporaryFolder()
        let request = SourceSpecification(kind: .stream, reference: "rtsp://admin:canary#1@127.0.0.1/1")
        let error = await Self.failure(Self.opener(folder), request)?.description ?? ""
        #expect(error.contains("'#'") && error.contains("'%23'") && error.contains("data.authorization"))
        #expect(!error.contains("canary"))
    }

    @Test func noErrorTellsThePassword() async throws {
        let folder = try TemporaryFolder()
        let server = ScriptedServer { _ in Array("HTTP/1.1 500 Canary\r\nContent-Length: 0\r\n\r\n".utf8) }
        for reference in [
            "http://user:canary@127.0.0.1:\(server.port)/x", "rtsp://user:canary@127.0.0.1:\(server.port)/x",
            "canary://user:canary@h/", "rtsp://user:canary@ /", "http://user:canary@nowhere.invalid/",
        ] {
            let error = await Self.failure(Self.opener(folder), SourceSpecification(kind: .file, reference: reference))
            #expect(!"\(String(describing: error))".contains("canary@"))
            #expect(error?.description.contains("user") == false)
        }
    }
}
