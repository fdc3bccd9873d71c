import Addresses
import CameraSupport
import Foundation
import Testing
import Tools

@testable import Discovery

/// Against devices on the loopback interface.
struct CameraFinderTests {
    /// A machine may be busy with all other tests.
    private static let wait: Duration = .seconds(5), patience: Duration = .seconds(60)

    private static func finder(
        port: Int = 3702, loopback: Bool = true, patience: Duration = patience
    ) -> CameraFinder {
        var network = NetworkPolicy()
        network.allowsLoopback = loopback
        return CameraFinder(
            network: network, networksKey: "media.allowed_networks", verifiesCertificates: false, port: port,
            patience: patience)
    }
    /// Asks the group on the loopback interface.
    private static func find(port: Int, loopback: Bool = true, as credentials: CameraCredentials? = nil) async throws
        -> FoundCameras
    {
        var search = CameraSearch()
        (search.interfaces, search.wait, search.credentials) = (["lo"], wait, credentials)
        return try await finder(port: port, loopback: loopback).find(search)
    }
    /// What is found of one device that is asked by itself.
    private static func findOne(
        as credentials: CameraCredentials? = nil, patience: Duration = patience,
        _ change: (inout ONVIFCamera.Script) -> Void
    ) async throws -> FoundCamera {
        var script = ONVIFCamera.Script()
        change(&script)
        let camera = ONVIFCamera(script)
        defer { camera.stop() }
        var search = CameraSearch()
        (search.addresses, search.wait, search.credentials) =
            (["127.0.0.1:\(camera.probePort)"], wait, credentials)
        let found = try await finder(patience: patience).find(search).cameras
        try #require(found.count == 1)
        return found[0]
    }

    @Test func aCameraIsFoundWithItsTwoStreams() async throws {
        let camera = ONVIFCamera()
        defer { camera.stop() }
        let found = try await Self.find(port: camera.probePort)
        #expect(found.isComplete && found.cameras.count == 1)
        let one = try #require(found.cameras.first)
        #expect(one.address == "127.0.0.1" && one.name == "Lobby" && one.hardware == "Simulated 1")
        #expect(one.service == "http://127.0.0.1:\(camera.httpPort)/onvif/device_service")
        #expect(one.manufacturer == "Simulators" && one.firmware == "1.2" && one.access == .open && one.problem == nil)
        #expect(one.profiles.map(\.token) == ["main", "sub"])
        #expect(one.profiles.map(\.codec) == ["H265", "H264"] && one.profiles.map(\.frameRate) == [25, 10])
        #expect(one.profiles.map(\.width) == [1920, 640] && one.profiles.map(\.height) == [1080, 360])
        #expect(one.profiles.map(\.stream) == ["rtsp://127.0.0.1:554/main", "rtsp://127.0.0.1:554/sub"])
        #expect(one.profiles[0].snapshot == "http://127.0.0.1:\(camera.httpPort)/main.jpg")
        let table = cameraTable(found)
        #expect(table[1].hasPrefix("127.0.0.1  Lobby  Simulated 1  open"))
        #expect(table[2] == "  main  H265  1920x1080  25 fps  rtsp://127.0.0.1:554/main")
    }

    @Test func severalCamerasAreToldOneByOne() async throws {
        let first = ONVIFCamera()
        var script = ONVIFCamera.Script()
        script.name = "Yard"
        let second = ONVIFCamera(script, probePort: first.probePort)
        defer {
            first.stop()
            second.stop()
        }
        let found = try await Self.find(port: first.probePort).cameras
        #expect(Set(found.map(\.name)) == ["Lobby", "Yard"] && found.count == 2)
        #expect(found.allSatisfy { $0.profiles.count == 2 && $0.problem == nil })
    }

    @Test func aCameraThatWantsCredentialsSaysSo() async throws {
        func find(_ credentials: CameraCredentials?) async throws -> FoundCamera {
            try await Self.findOne(as: credentials) {
                // Its clock is wrong, as those of cameras are.
                ($0.account, $0.clockLead) = (("root", "p<ss&"), 86_400)
            }
        }
        let nobody = try await find(nil)
        #expect(nobody.access == .wanted && nobody.profiles.isEmpty && nobody.name == "Lobby" && nobody.problem == nil)
        let stranger = try await find(CameraCredentials(login: "root", password: "wrong"))
        #expect(stranger.access == .refused && stranger.profiles.isEmpty)
        let owner = try await find(CameraCredentials(login: "root", password: "p<ss&"))
        #expect(owner.access == .accepted && owner.profiles.count == 2 && owner.problem == nil)
    }
    @Test func credentialsGoOnlyToWhoWantsThem() async throws {
        let open = try await Self.findOne(as: CameraCredentials(login: "root", password: "secret")) { _ in }
        #expect(open.access == .open && open.profiles.count == 2)
    }

    @Test func anOlderDeviceIsAskedForItsCapabilities() async throws {
        let fault = """
            <e:Envelope xmlns:e="http://www.w3.org/2003/05/soap-envelope"><e:Body><e:Fault/></e:Body></e:Envelope>
            """
        let found = try await Self.findOne {
            $0.answer = { $0 == "GetServices" || $0 == "GetSnapshotUri" ? Array(fault.utf8) : nil }
        }
        #expect(found.profiles.count == 2 && found.profiles[0].snapshot == nil && found.problem == nil)
    }

    // MARK: Hostile ones

    private static let bomb = """
        <?xml version="1.0"?><!DOCTYPE x [<!ENTITY a "aaaaaaaaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;">]>\
        <Envelope><Body>&b;</Body></Envelope>
        """

    @Test(arguments: ["nonsense", "", bomb, "<Envelope><Body/></Envelope>", String(repeating: "<a>", count: 9000)])
    func anAnswerToTheProbeThatIsNoneIsNamed(text: String) async throws {
        let found = try await Self.findOne { $0.probeAnswer = { _ in Array(text.utf8) } }
        #expect(found.address == "127.0.0.1" && found.service == nil && found.problem != nil)
    }
    @Test func anAnswerToAnotherProbeIsNone() async throws {
        let found = try await Self.findOne {
            $0.probeAnswer = { Array($0.replacing(/RelatesTo>uuid:...../, with: "RelatesTo>uuid:00000").utf8) }
        }
        #expect(found.problem == "It answers another probe than ours" && found.profiles.isEmpty)
    }

    @Test(arguments: [
        ("GetServices", "nonsense", "Its answer to GetServices (status 200) is no SOAP message"),
        ("GetProfiles", bomb, "Its answer to GetProfiles (status 200) is no SOAP message"),
        ("GetProfiles", String(repeating: " ", count: 300 << 10), "Its answer to GetProfiles could not be had: "),
        ("GetDeviceInformation", "<Envelope><Body/></Envelope>", "Its answer to GetDeviceInformation is none to that"),
    ])
    func anAnswerThatIsNoneIsNamed(operation: String, text: String, problem: String) async throws {
        let found = try await Self.findOne { $0.answer = { $0 == operation ? Array(text.utf8) : nil } }
        #expect(found.problem?.hasPrefix(problem) == true, "\(found)")
        #expect(found.name == "Lobby" && found.profiles.isEmpty)
    }
    @Test func whoDoesNotAnswerIsGivenUp() async throws {
        let found = try await Self.findOne(patience: .seconds(1)) {
            $0.answer = { $0 == "GetServices" ? [] : nil }
        }
        #expect(found.problem == "Its answer to GetServices could not be had: It did not come within 1 s", "\(found)")
        #expect(found.name == "Lobby" && found.profiles.isEmpty)
    }

    @Test func nobodyElseIsAskedOrToldOf() async throws {
        let elsewhere = try await Self.findOne { $0.host = "192.0.2.7" }
        #expect(elsewhere.service == nil && elsewhere.problem?.hasPrefix("It names another host") == true)
        let media = try await Self.findOne { $0.mediaHost = "192.0.2.7" }
        #expect(media.problem?.hasPrefix("It names another host for its media service") == true)
        let uri = """
            <Envelope><Body><GetStreamUriResponse><MediaUri><Uri>rtsp://u:hidden@192.0.2.7/1</Uri></MediaUri>\
            </GetStreamUriResponse></Body></Envelope>
            """
        let stream = try await Self.findOne { $0.answer = { $0 == "GetStreamUri" ? Array(uri.utf8) : nil } }
        #expect(stream.profiles.map(\.stream) == [nil, nil])
        #expect(stream.problem?.hasSuffix("GetStreamUri: 192.0.2.7") == true)
    }
    @Test func thePolicyOfSourcesHoldsForDevices() async throws {
        let camera = ONVIFCamera()
        defer { camera.stop() }
        let found = try #require(try await Self.find(port: camera.probePort, loopback: false).cameras.first)
        #expect(found.problem?.contains("media.allowed_networks") == true && camera.operations.isEmpty)
        var search = CameraSearch()
        search.addresses = ["127.0.0.1"]
        await #expect(throws: CameraSearchError.self) { try await Self.finder(loopback: false).find(search) }
    }
    @Test func namesOfDevicesAreOneLineOfText() async throws {
        let found = try await Self.findOne { $0.name = "a\u{1b}[31m\nb\u{202e}" + String(repeating: "c", count: 900) }
        #expect(found.name?.hasPrefix("a[31mbc") == true && (found.name?.count ?? 0) <= 200)
    }
    @Test func whoTellsOfManyIsCutShort() async throws {
        let found = ONVIFCamera.Script().profiles
        let camera = try await Self.findOne { script in
            script.profiles = (0..<50).map { ONVIFCamera.Profile("p\($0)", 100 + $0, 100, rate: 1) } + found
        }
        #expect(camera.profiles.count == DeviceClient.profileLimit && camera.profiles[0].token == "main")
    }

    @Test(arguments: ["nowhere0", "127.0.0.9"]) func anInterfaceThatIsNoneIsNamed(name: String) async throws {
        var search = CameraSearch()
        search.interfaces = [name]
        await #expect {
            try await Self.finder().find(search)
        } throws: { ($0 as? CameraSearchError)?.part == .interfaces && "\($0)".contains(name) }
    }
    @Test(arguments: ["", ":80", "a b:70000", "127.0.0.1:0", "::1"]) func anAddressThatIsNoneIsNamed(text: String)
        async throws
    {
        var search = CameraSearch()
        search.addresses = [text]
        await #expect(throws: CameraSearchError.self) { try await Self.finder().find(search) }
    }

    /// Reckoned apart: base64(SHA-1(nonce + created + password)).
    @Test func aTokenHoldsADigest() {
        let token = SOAP.token(
            CameraCredentials(login: "a&b", password: "secret"), at: Date(timeIntervalSince1970: 0),
            nonce: Array("0123456789abcdef".utf8))
        #expect(token.contains("<w:Username>a&amp;b</w:Username>") && !token.contains("secret"))
        #expect(
            token.contains("<u:Created>1970-01-01T00:00:00Z</u:Created>")
                && token.contains("hwZDpeyzjEeXB4f2yMLGXV1N0tQ="))
    }
}
