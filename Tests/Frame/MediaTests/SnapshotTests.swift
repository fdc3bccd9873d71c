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

/// Cameras that have one picture behind an address, which is asked for again and again.
@Suite(.timeLimit(.minutes(30))) struct SnapshotTests {
    private static let pause: Duration = .milliseconds(100)
    private static let login = "ad min", password = "p#/?@: %41é\"\\"
    private static let authorization = SourceAuthorization(login: login, password: password)

    /// Pictures of their own, which begin anew after the last.
    private static func pictures(_ sizes: [String] = ["160x120", "160x120", "160x120"], as ending: String = "jpg")
        throws
        -> @Sendable (Int) -> [UInt8]
    {
        let folder = try TemporaryFolder()
        let all = try sizes.enumerated().map { index, size in
            let name = "\(index).\(ending)"
            try folder.ffmpeg("-f lavfi -i testsrc2=s=\(size) -vf hue=h=\(index * 90) -frames:v 1 \(name)")
            return try Array(Data(contentsOf: folder.url.appending(path: name)))
        }
        return { all[$0 % all.count] }
    }
    private static func opener(_ change: (inout MediaConfiguration) -> Void = { _ in }) -> SourceOpener {
        var configuration = MediaConfiguration()
        configuration.network.allowsLoopback = true
        configuration.snapshotInterval = pause
        // A machine may be busy with all other tests.
        (configuration.openDeadline, configuration.readDeadline) = (.seconds(60), .seconds(60))
        configuration.liveCapacity = 4096
        change(&configuration)
        return TestWorkers.opener(configuration)
    }
    private static func open(
        _ camera: SnapshotCamera, rates: [Rate] = [.frames(1)], _ authorization: SourceAuthorization? = nil,
        _ change: (inout MediaConfiguration) -> Void = { _ in }
    ) async throws -> any FrameSource {
        var request = SourceSpecification(kind: .stream, reference: camera.address())
        request.authorization = authorization
        return try await opener(change).open(request, rates: rates)
    }
    private static func frames(_ count: Int, of source: any FrameSource) async throws -> [Frame] {
        var frames: [Frame] = []
        while frames.count < count, let frame = try await source.next() { frames.append(frame) }
        return frames
    }
    private static func failure(_ body: () async throws -> any FrameSource) async -> MediaError? {
        await #expect(throws: MediaError.self) {
            let source = try await body()
            while try await source.next() != nil {}
        }
    }

    // MARK: Pictures and their times

    /// Eleven requests at least of a camera that closes every connection after four, or says each time that it does.
    @Test(arguments: [(4, SnapshotCamera.Ending.length), (4, .chunks), (1, .length), (1, .close)], [false, true])
    func aPictureWithinTLSIsAskedForOverOneConnection(
        _ camera: (requests: Int, ending: SnapshotCamera.Ending), hasLogin: Bool
    ) async throws {
        var script = SnapshotCamera.Script(picture: try Self.pictures())
        (script.ending, script.requestsOfConnection) = (camera.ending, camera.requests)
        if hasLogin { script.account = (Self.login, Self.password, .digest) }
        let camera = SnapshotCamera(script), folder = try TemporaryFolder()
        defer { camera.stop() }
        let front = try await TLSFront(to: camera.port, in: folder)
        defer { front.stop() }
        var request = SourceSpecification(kind: .stream, reference: "https://127.0.0.1:\(front.port)/snapshot.jpg")
        if hasLogin { request.authorization = Self.authorization }
        let source = try await Self.opener().open(request, rates: [.frames(1)])
        let frames = try await Self.frames(10, of: source)
        #expect(frames.map(\.time.index) == Array(0..<10))
        source.cancel()
        // The first picture is asked for by FFmpeg itself.
        let (asked, connections) = (camera.requests.count, camera.connections)
        #expect(asked >= 10 && connections <= (script.requestsOfConnection == 1 ? asked : asked / 2))
        if script.requestsOfConnection == 1 { #expect(connections == asked) }
    }
    @Test func certificatesOfPicturesAreVerifiedWhereTheSettingsSay() async throws {
        let camera = SnapshotCamera(SnapshotCamera.Script(picture: try Self.pictures())), folder = try TemporaryFolder()
        defer { camera.stop() }
        let front = try await TLSFront(to: camera.port, in: folder)
        defer { front.stop() }
        let request = SourceSpecification(kind: .stream, reference: "https://127.0.0.1:\(front.port)/snapshot.jpg")
        let failure = await Self.failure {
            try await Self.opener { $0.verifiesCertificates = true }.open(request, rates: [.frames(1)])
        }
        #expect(failure != nil && camera.requests.isEmpty)
    }

    @Test(arguments: ["jpg", "png", "webp"], SnapshotCamera.Ending.allCases)
    func aPictureBehindAnAddressIsAskedForAgainAndAgain(form: String, ending: SnapshotCamera.Ending) async throws {
        var script = SnapshotCamera.Script(picture: try Self.pictures(as: form))
        (script.ending, script.contentType) = (ending, "image/\(form == "jpg" ? "jpeg" : form)")
        let camera = SnapshotCamera(script)
        defer { camera.stop() }
        let source = try await Self.open(camera)
        let frames = try await Self.frames(4, of: source)
        #expect(frames.map(\.time.index) == [0, 1, 2, 3])
        let drawn = try frames.map { try $0.drawn() }
        #expect(difference(drawn[0], drawn[1]).mean > 5 && difference(drawn[1], drawn[2]).mean > 5)
        #expect(difference(drawn[0], drawn[3]).mean < 1)
        #expect(source.properties.codec == (form == "jpg" ? "mjpeg" : form))
        #expect(source.properties.frameRate == nil && source.properties.duration == nil)
        let statistics = source.statistics
        #expect(statistics.packetsRead >= 4 && statistics.packetsCorrupt == 0 && statistics.framesDropped == 0)
        #expect(camera.mostAtOnce == 1)
    }

    @Test func picturesAreAsFarApartAsTheyAreNeeded() async throws {
        let camera = SnapshotCamera(.init(picture: try Self.pictures()))
        defer { camera.stop() }
        for (rates, pause) in [
            ([Rate.frames(1)], 0.1), ([.seconds(0.4), .seconds(0.3)], 0.3), ([.seconds(0.01)], 0.1),
        ] {
            let began = Date()
            let frames = try await Self.frames(4, of: Self.open(camera, rates: rates))
            for (frame, next) in zip(frames, frames.dropFirst()) {
                #expect((next.time.pts - frame.time.pts).seconds > pause - 0.001)
                #expect(next.time.wallClock.timeIntervalSince(frame.time.wallClock) > pause - 0.05)
            }
            // When it was asked for, not when it came.
            #expect(try #require(frames.first).time.wallClock >= began)
            #expect(frames.allSatisfy { $0.time.wallClock <= .now && !$0.consumers.isEmpty })
        }
    }

    @Test func aSlowCameraIsAskedOneThingAtATime() async throws {
        var script = SnapshotCamera.Script(picture: try Self.pictures())
        script.delay = 0.25
        let camera = SnapshotCamera(script)
        defer { camera.stop() }
        let frames = try await Self.frames(4, of: Self.open(camera))
        #expect(camera.mostAtOnce == 1)
        for (frame, next) in zip(frames, frames.dropFirst()) {
            #expect(next.time.pts - frame.time.pts > .milliseconds(200))
        }
    }

    @Test func aPictureOfAnotherSizeIsAChangeOfForm() async throws {
        let camera = SnapshotCamera(.init(picture: try Self.pictures(["160x120", "320x240"])))
        defer { camera.stop() }
        let source = try await Self.open(camera)
        let sizes = try await Self.frames(3, of: source).map(\.size.width)
        #expect(sizes == [160, 320, 160])
        #expect(source.statistics.formatChanges >= 2)
    }

    @Test func asVideofileAPictureIsStillAFilmOfOneFrame() async throws {
        let camera = SnapshotCamera(.init(picture: try Self.pictures()))
        defer { camera.stop() }
        let request = SourceSpecification(kind: .file, reference: camera.address())
        #expect(try await Self.opener().open(request, rates: [.frames(1)]).rest().count == 1)
        #expect(camera.requests.count == 1)
    }

    // MARK: Nothing new

    @Test func aCameraThatHasNothingNewSaysSoAndTimeGoesOn() async throws {
        let pictures = try Self.pictures()
        var script = SnapshotCamera.Script { pictures($0 < 6 ? 0 : 1) }
        script.tellsVersions = true
        let camera = SnapshotCamera(script)
        defer { camera.stop() }
        let frames = try await Self.frames(8, of: Self.open(camera))
        // The first two have nothing to ask with; the seventh is new.
        #expect(camera.unchanged >= 5)
        let drawn = try frames.map { try $0.drawn() }
        #expect(
            drawn[1...5].allSatisfy { difference(drawn[0], $0).mean < 1 } && difference(drawn[0], drawn[6]).mean > 5)
        #expect(
            zip(frames, frames.dropFirst()).allSatisfy {
                $0.time.pts < $1.time.pts && $0.time.index + 1 == $1.time.index
            })
        #expect(camera.requests.prefix(2).allSatisfy { !$0.contains("If-") })
    }

    // MARK: Who asks

    @Test(arguments: [SnapshotCamera.Scheme.basic, .digest], [false, true])
    func aCameraThatWantsToKnowWhoAsksIsTold(scheme: SnapshotCamera.Scheme, inAddress: Bool) async throws {
        var script = SnapshotCamera.Script(picture: try Self.pictures())
        let password = inAddress ? "pass#word" : Self.password
        script.account = (Self.login, password, scheme)
        let camera = SnapshotCamera(script)
        defer { camera.stop() }
        let source =
            inAddress
            ? try await Self.opener().open(
                SourceSpecification(
                    kind: .stream, reference: camera.address("cgi/a.jpg?ch=1&x=%20", userInfo: "ad%20min:pass%23word@")),
                rates: [.frames(1)])
            : try await Self.open(camera, Self.authorization)
        _ = try await Self.frames(5, of: source)
        // FFmpeg is told once what is wanted, and we are.
        #expect(camera.refused == 2)
    }

    @Test func aCameraMayWantToBeToldAnew() async throws {
        var script = SnapshotCamera.Script(picture: try Self.pictures())
        (script.account, script.nonceUses) = ((Self.login, Self.password, .digest), 2)
        let camera = SnapshotCamera(script)
        defer { camera.stop() }
        let source = try await Self.open(camera, Self.authorization)
        _ = try await Self.frames(6, of: source)
        #expect(camera.refused >= 4 && source.statistics.packetsCorrupt == 0)
    }

    @Test func aPasswordThatIsWrongIsTold() async throws {
        var script = SnapshotCamera.Script(picture: try Self.pictures())
        script.account = (Self.login, "another", .digest)
        let camera = SnapshotCamera(script)
        defer { camera.stop() }
        let error = await Self.failure { try await Self.open(camera, Self.authorization) }
        #expect(error == .unauthorized)
    }

    @Test(arguments: [
        ("401 Unauthorized", MediaError.unauthorized), ("403 Forbidden", .unauthorized),
        ("404 Not Found", .notFoundOnServer),
    ])
    func aCameraThatNoLongerLetsUsInIsNotAskedAgain(status: String, error: MediaError) async throws {
        var script = SnapshotCamera.Script(picture: try Self.pictures())
        script.answer = { $0 < 3 ? nil : SnapshotCamera.answer(status) }
        let camera = SnapshotCamera(script)
        defer { camera.stop() }
        #expect(await Self.failure { try await Self.open(camera) } == error)
        #expect(camera.requests.count == 4)
    }

    // MARK: What goes wrong

    @Test(arguments: [
        SnapshotCamera.answer("503 Service Unavailable", ["Retry-After: 1"]),
        SnapshotCamera.answer("200 OK", ["Content-Type: text/html"], Array("<p>busy</p>".utf8)),
        Array("HTTP/1.1 200 OK\r\nContent-Length: 5000\r\n\r\n".utf8) + [0xff, 0xd8, 0xff], Array("nonsense\r\n".utf8),
        SnapshotCamera.answer("304 Not Modified"),
        SnapshotCamera.answer("302 Found", ["Location: file:///etc/hostname"]),
        SnapshotCamera.answer("302 Found", ["Location: /snapshot.jpg"]),
        Array("HTTP/1.1 200 OK\r\nContent-Length: 99999999999\r\n\r\n".utf8) + [0xff, 0xd8, 0xff],
    ])
    func oneAnswerThatIsNoneIsPassedOver(answer: [UInt8]) async throws {
        var script = SnapshotCamera.Script(picture: try Self.pictures())
        script.answer = { $0 == 2 ? answer : nil }
        let camera = SnapshotCamera(script)
        defer { camera.stop() }
        let frames = try await Self.frames(5, of: Self.open(camera))
        #expect(frames.map(\.time.index) == Array(0..<5))
    }

    @Test(arguments: [[], SnapshotCamera.answer("503 Service Unavailable")])
    func silenceIsAStall(answer: [UInt8]) async throws {
        var script = SnapshotCamera.Script(picture: try Self.pictures())
        script.answer = { $0 < 2 ? nil : answer }
        let camera = SnapshotCamera(script)
        defer { camera.stop() }
        let error = await Self.failure { try await Self.open(camera) { $0.readDeadline = .milliseconds(1500) } }
        #expect(error == .stalled(after: .milliseconds(1500)))
        #expect(error?.silence != nil && error?.isTransient == true)
        // Nobody waits for another answer while there may be one, and one failure is asked about again.
        #expect(answer.isEmpty ? camera.requests.count == 3 : camera.requests.count > 3)
    }

    /// The silence between two pictures is none.
    @Test func aLongPauseIsNoSilence() async throws {
        let camera = SnapshotCamera(.init(picture: try Self.pictures()))
        defer { camera.stop() }
        let source = try await Self.open(camera, rates: [.seconds(60)])
        _ = try await source.next()
        var waits: [Bool] = []
        for _ in 0..<50 {
            waits.append(source.statistics.silence != nil)
            try await Task.sleep(for: .milliseconds(20))
        }
        source.cancel()
        #expect(waits.count { $0 } < waits.count { !$0 })
    }

    @Test func whatIsDamagedIsCounted() async throws {
        let pictures = try Self.pictures(as: "png")
        var script = SnapshotCamera.Script { $0 == 2 ? Array(pictures(0).prefix(60)) : pictures($0) }
        script.contentType = "image/png"
        let camera = SnapshotCamera(script)
        defer { camera.stop() }
        let source = try await Self.open(camera)
        _ = try await Self.frames(4, of: source)
        #expect(source.statistics.packetsCorrupt == 1)
    }

    @Test func aSourceThatIsCancelledAsksNoMore() async throws {
        let camera = SnapshotCamera(.init(picture: try Self.pictures()))
        defer { camera.stop() }
        let source = try await Self.open(camera, rates: [.seconds(3600)])
        _ = try await source.next()
        source.cancel()
        await #expect(throws: CancellationError.self) { _ = try await source.next() }
        #expect(camera.requests.count == 1)
    }

    // MARK: Where it leads

    @Test func aRedirectionIsFollowedWithoutTheCredentials() async throws {
        let target = SnapshotCamera(.init(picture: try Self.pictures()))
        var script = SnapshotCamera.Script(picture: { _ in [] })
        script.account = (Self.login, Self.password, .basic)
        script.answer = { [address = target.address("other.jpg")] _ in
            SnapshotCamera.answer("307 Temporary Redirect", ["Location: \(address)"])
        }
        let camera = SnapshotCamera(script)
        defer {
            camera.stop()
            target.stop()
        }
        _ = try await Self.frames(4, of: Self.open(camera, Self.authorization))
        #expect(
            target.requests.count >= 4 && target.requests.dropFirst().allSatisfy { $0.hasPrefix("GET /other.jpg ") })
        #expect(target.requests.dropFirst().allSatisfy { !$0.contains("Authorization") })
    }

    @Test(arguments: [0, 2])
    func aRedirectionToAnAddressThatIsNotAllowedIsNotFollowed(number: Int) async throws {
        var script = SnapshotCamera.Script(picture: try Self.pictures())
        script.answer = {
            $0 < number ? nil : SnapshotCamera.answer("302 Found", ["Location: http://169.254.169.254/latest"])
        }
        let camera = SnapshotCamera(script)
        defer { camera.stop() }
        let error = await Self.failure { try await Self.open(camera) { $0.readDeadline = .milliseconds(1500) } }
        #expect(error == (number == 0 ? .addressNotAllowed(.metadata) : .stalled(after: .milliseconds(1500))))
    }

    @Test func picturesBeyondTheLimitAreNone() async throws {
        var script = SnapshotCamera.Script(picture: try Self.pictures())
        script.answer = {
            $0 == 0 ? nil : Array("HTTP/1.1 200 OK\r\nContent-Length: \(65 << 20)\r\n\r\n".utf8)
        }
        let camera = SnapshotCamera(script)
        defer { camera.stop() }
        let error = await Self.failure { try await Self.open(camera) { $0.readDeadline = .milliseconds(1500) } }
        #expect(error == .stalled(after: .milliseconds(1500)) && camera.requests.count > 2)
    }
}
