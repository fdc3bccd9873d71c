import Addresses
import CameraSupport
import DecodeWorker
import Foundation
import Frames
import ProcessSupport
import Records
import Scene
import Testing
import WorkerSupport

@testable import Media

/// How the packets of an RTSP camera come: over TCP, over UDP where the camera wants it, within HTTP or TLS.
struct TransportChoiceTests {
    private static func configuration(_ change: (inout MediaConfiguration) -> Void = { _ in }) -> MediaConfiguration {
        var configuration = MediaConfiguration()
        configuration.network.allowed = [NetworkRange("127.0.0.0/8")!]
        // A machine may be busy with all other tests.
        (configuration.openDeadline, configuration.readDeadline) = (.seconds(60), .seconds(60))
        change(&configuration)
        return configuration
    }
    private static func open(_ address: String, _ opener: SourceOpener) async throws -> any FrameSource {
        try await opener.open(SourceSpecification(kind: .stream, reference: address), rates: [.frames(1)])
    }
    /// A camera that takes packets over UDP alone.
    private static func datagramCamera(_ change: (inout RTSPCamera.Script) -> Void = { _ in }) throws -> RTSPCamera {
        var script = try RTSPCamera.Script(film: CameraTests.film(TemporaryFolder()))
        (script.sendsInterleaved, script.sendsOverUDP) = (false, true)
        change(&script)
        return RTSPCamera(script)
    }
    private static func setups(_ camera: RTSPCamera) -> [String] {
        camera.requests.filter { $0.hasPrefix("SETUP") }.map { $0.contains("interleaved") ? "tcp" : "udp" }
    }
    private static func see(_ count: Int, of source: any FrameSource) async throws {
        for _ in 0..<count { #expect(try await source.next()?.size == PixelSize(width: 160, height: 120)) }
    }

    @Test func aCameraThatRefusesTCPIsAskedForUDPAndTheNextTimeAtOnce() async throws {
        let camera = try Self.datagramCamera(), opener = TestWorkers.opener(Self.configuration())
        defer { camera.stop() }
        let first = try await Self.open(camera.address, opener)
        try await Self.see(20, of: first)
        #expect(first.properties.transport == "udp" && Self.setups(camera) == ["tcp", "udp"])
        first.cancel()
        let second = try await Self.open(camera.address, opener)
        try await Self.see(5, of: second)
        #expect(Self.setups(camera) == ["tcp", "udp", "udp"])
        second.cancel()
    }

    @Test func aCameraThatTakesTCPIsAskedForNothingElse() async throws {
        let camera = try Self.datagramCamera { $0.sendsInterleaved = true }
        defer { camera.stop() }
        let source = try await Self.open(camera.address, TestWorkers.opener(Self.configuration()))
        try await Self.see(5, of: source)
        #expect(source.properties.transport == "tcp" && Self.setups(camera) == ["tcp"])
        source.cancel()
    }

    /// Over UDP a camera says whom packets are sent to.
    @Test func onlyCamerasThatAnOperatorNamesAreAskedForUDP() async throws {
        let camera = try Self.datagramCamera()
        defer { camera.stop() }
        let opener = TestWorkers.opener(
            Self.configuration { ($0.network.allowed, $0.network.allowsLoopback) = ([], true) })
        await #expect(throws: MediaError.transportRefused) { _ = try await Self.open(camera.address, opener) }
        #expect(Self.setups(camera) == ["tcp"])
    }

    @Test func tcpAloneStaysTCP() async throws {
        let camera = try Self.datagramCamera()
        defer { camera.stop() }
        let opener = TestWorkers.opener(Self.configuration { $0.rtspTransport = .tcp })
        await #expect(throws: MediaError.transportRefused) { _ = try await Self.open(camera.address, opener) }
        #expect(Self.setups(camera) == ["tcp"])
    }

    @Test func packetsThatAreOvertakenAreNotLost() async throws {
        let camera = try Self.datagramCamera { $0.delays = { $0 % 5 == 3 } }
        defer { camera.stop() }
        let source = try await Self.open(camera.address, TestWorkers.opener(Self.configuration()))
        try await Self.see(60, of: source)
        #expect(source.statistics.packetsLost == 0 && source.statistics.packetsCorrupt == 0)
        source.cancel()
    }

    @Test func packetsThatGetLostAreCounted() async throws {
        let camera = try Self.datagramCamera { $0.loses = { $0 > 60 && $0 % 10 == 3 } }
        defer { camera.stop() }
        let source = try await Self.open(camera.address, TestWorkers.opener(Self.configuration()))
        while source.statistics.packetsLost < 3 { #expect(try await source.next() != nil) }
        source.cancel()
    }

    @Test func aCameraIsWatchedWithinHTTP() async throws {
        let camera = try RTSPCamera(RTSPCamera.Script(film: CameraTests.film(TemporaryFolder())))
        defer { camera.stop() }
        // Asked as the tests are told not to.
        let opener = SourceOpener(Self.configuration { $0.rtspTransport = .http }, launcher: TestWorkers.launcher)
        let source = try await Self.open(camera.address, opener)
        try await Self.see(20, of: source)
        #expect(camera.accepted == 2 && camera.requests.prefix(2).map { $0.prefix { $0 != " " } } == ["GET", "POST"])
        #expect(source.properties.transport == "http")
        source.cancel()
        let unwatched = SourceOpener(Self.configuration { ($0.rtspTransport, $0.isolation) = (.http, .none) })
        await #expect {
            _ = try await Self.open(camera.address, unwatched)
        } throws: {
            "\($0)".contains("media.isolation")
        }
    }

    /// Elsewhere would be anywhere.
    @Test func withinHTTPNobodyIsSentElsewhere() async throws {
        let other = try RTSPCamera(RTSPCamera.Script(film: CameraTests.film(TemporaryFolder())))
        defer { other.stop() }
        let server = ScriptedServer { _ in
            Array("HTTP/1.0 302 Found\r\nLocation: http://127.0.0.1:\(other.port)/camera\r\n\r\n".utf8)
        }
        let opener = SourceOpener(
            Self.configuration { ($0.rtspTransport, $0.openDeadline) = (.http, .seconds(3)) },
            launcher: TestWorkers.launcher)
        await #expect(throws: MediaError.self) {
            _ = try await Self.open("rtsp://127.0.0.1:\(server.port)/camera", opener)
        }
        #expect(other.accepted == 0)
    }

    @Test(arguments: MediaConfiguration.RTSPTransport.allCases)
    func aCameraIsWatchedWithinTLS(transport: MediaConfiguration.RTSPTransport) async throws {
        let folder = try TemporaryFolder(), camera = try RTSPCamera(RTSPCamera.Script(film: CameraTests.film(folder)))
        defer { camera.stop() }
        let front = try await TLSFront(to: camera.port, in: folder)
        defer { front.stop() }
        let address = "rtsps://127.0.0.1:\(front.port)/camera"
        let source = try await Self.open(
            address, TestWorkers.opener(Self.configuration { $0.rtspTransport = transport }))
        try await Self.see(20, of: source)
        #expect(Self.setups(camera) == ["tcp"] && source.properties.transport == "tcp")
        source.cancel()
        let strict = TestWorkers.opener(Self.configuration { $0.verifiesCertificates = true })
        await #expect(throws: MediaError.self) { _ = try await Self.open(address, strict) }
    }

    @Test func whatIsRememberedOfCamerasIsBounded() throws {
        let known = RTSPTransports(), address = try #require(NetworkAddress("10.0.0.5"))
        let servers = (0...RTSPTransports.capacity).map { RTSPTransports.Server(address, UInt16($0 + 1)) }
        for server in servers { known.opened(server, by: .udp) }
        #expect(!known.takesUDPAlone(servers[0]) && servers.dropFirst().allSatisfy(known.takesUDPAlone))
        known.opened(servers[7], by: .tcp)
        known.opened(servers[8], by: .udpElseTCP)
        #expect(!known.takesUDPAlone(servers[7]) && known.takesUDPAlone(servers[8]))
    }
}
