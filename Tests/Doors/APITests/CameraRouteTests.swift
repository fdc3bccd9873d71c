import DoorSupport
import Addresses
import CameraSupport
import Discovery
import JSON
import Testing

@testable import API

/// `/6/cameras/discover`.
struct CameraRouteTests {
    private static var finder: CameraFinder {
        var network = NetworkPolicy()
        network.allowsLoopback = true
        return CameraFinder(
            network: network, networksKey: "media.allowed_networks", verifiesCertificates: false,
            patience: .seconds(60))
    }

    @Test func camerasAreToldWithTheirStreams() async throws {
        let camera = ONVIFCamera()
        defer { camera.stop() }
        try await withServer(cameras: Self.finder) { server in
            let reply = try await server.send(
                "POST", "/6/cameras/discover",
                ["addresses": [.string("127.0.0.1:\(camera.probePort)")], "wait": 5, "login": "a", "password": "b"])
            #expect(reply.status == 200)
            let answer = try reply.json
            #expect(answer["complete"] == true)
            let found = try #require(answer["cameras"]?.array?.first)
            #expect(found["address"] == "127.0.0.1" && found["access"] == "open" && found["problem"] == .null)
            let main = try #require(found["profiles"]?.array?.first)
            #expect(main["stream"] == "rtsp://127.0.0.1:554/main" && main["width"] == 1920 && main["codec"] == "H265")
        }
    }

    @Test func itIsOffUnlessAskedFor() async throws {
        try await withServer { server in
            try await server.send("POST", "/6/cameras/discover", [:]).expectError(
                403, 12049, "Forbidden", "Looking for cameras is off; the setting 'discovery.enabled' turns it on")
        }
    }

    @Test(
        arguments: [
            (["interfaces": ["nowhere0"]], "interfaces"), (["addresses": [":1"]], "addresses"), (["wait": 60], "wait"),
            (["password": "x"], "password"), (["password": "x", "login": 1], "login"), (["host": "x"], "host"),
        ] as [(JSONValue, String)])
    func aSearchThatIsNoneIsRefused(body: JSONValue, path: String) async throws {
        try await withServer(cameras: Self.finder) { server in
            let reply = try await server.send("POST", "/6/cameras/discover", body)
            #expect(reply.status == 400)
            let answer = try reply.json
            #expect(
                answer["error_code"] == 12022 && answer["detail"]?.string?.contains("'\(path)'") == true, "\(answer)")
        }
    }
}
