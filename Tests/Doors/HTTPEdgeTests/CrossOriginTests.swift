import DoorSupport
import Foundation
import HTTPTypes
import HummingbirdCore
import Testing

@testable import HTTPEdge

/// What browsers go by when a page of another origin asks.
struct CrossOriginTests {
    private static let page = "https://console.example"
    private static let names = [
        "access-control-allow-origin", "access-control-allow-headers", "access-control-allow-methods",
        "access-control-max-age", "access-control-allow-credentials",
    ]
    private static func named(_ listener: inout ListenerConfiguration) {
        listener.corsOrigins = ["https://other.example", Self.page].compactMap { WebOrigin($0) }
    }
    private static func preflight(_ origin: String) -> [String: String] {
        [
            "Origin": origin, "Access-Control-Request-Method": "POST",
            "Access-Control-Request-Headers": "authorization",
        ]
    }
    /// What a reply says about other origins, in the order of `names`.
    private static func said(_ reply: Reply) -> [String?] { names.map { reply.headers[$0] } }

    @Test func withoutOriginsEveryAnswerSaysAny() async throws {
        try await withDoors { listener in
            for headers in [[:], Self.preflight(Self.page)] {
                let options = try await listener.send("OPTIONS", "/open", headers: headers)
                #expect(Self.said(options) == ["*", "*", "*", "86400", nil] && options.headers["vary"] == nil)
            }
            let reply = try await listener.send("GET", "/open", headers: ["Origin": Self.page])
            #expect(Self.said(reply) == ["*", nil, nil, nil, nil])
        }
    }

    @Test(arguments: ["/open", "/items/1", "/jobs", "/jobs/7", "/jobs/7/feed"])
    func aListedOriginIsToldAllByName(path: String) async throws {
        try await withDoors(Self.named, words: Self.feed) { listener in
            let options = try await listener.send("OPTIONS", path, headers: Self.preflight(Self.page))
            #expect(options.status == 200 && options.body.isEmpty && options.headers["vary"] == "Origin")
            #expect(
                Self.said(options) == [
                    Self.page, "Authorization, Content-Type, Luna-Request-Id, Luna-Account-Id",
                    options.headers["allow"], "86400", nil,
                ])
        }
    }
    private static func feed(_ table: ResourceTable<KeyGate>) {
        table.socket("/jobs/{job}/feed", "golden") { _ in WebSocketSession { _ in .normal } }
        table.add(
            "/jobs/{job}/page",
            .get { _ in
                var response = Answer.words("page", .ok).response
                response.headers[.vary] = "Accept"
                return response
            })
    }

    @Test func plainAnswersAndErrorsNameTheOrigin() async throws {
        try await withDoors(Self.named, words: Self.feed) { listener in
            for path in ["/open", "/items/1", "/jobs/7", "/nowhere"] {
                let reply = try await listener.send("GET", path, headers: ["Origin": Self.page])
                #expect(Self.said(reply) == [Self.page, nil, nil, nil, nil] && reply.headers["vary"] == "Origin")
            }
            let page = try await listener.send("GET", "/jobs/7/page", headers: ["Origin": Self.page])
            #expect(page.headers["vary"] == "Accept, Origin")
        }
    }

    @Test(arguments: [
        nil, "https://evil.example", "http://console.example", "https://console.example:8443", "null", "*",
    ])
    func othersAreToldNothing(origin: String?) async throws {
        try await withDoors(Self.named) { listener in
            let headers = origin.map { Self.preflight($0) } ?? [:]
            for (method, path) in [("OPTIONS", "/open"), ("GET", "/open"), ("GET", "/nowhere")] {
                let reply = try await listener.send(method, path, headers: headers)
                #expect(Self.said(reply).allSatisfy { $0 == nil } && reply.headers["vary"] == "Origin")
                #expect((reply.headers["allow"] != nil) == (method == "OPTIONS"))
            }
            let unreadable = try await listener.send(raw: Data("nonsense\r\n\r\n".utf8))
            #expect(Self.said(unreadable).allSatisfy { $0 == nil } && unreadable.headers["vary"] == "Origin")
        }
    }

    @Test(arguments: [(CrossOriginTests.page, true), ("https://evil.example", false)])
    func aSocketSaysTheSame(origin: String, isNamed: Bool) async throws {
        try await withDoors(Self.named, words: Self.feed) { listener in
            let headers = ["Key": "golden", "Origin": origin]
            try await RawWebSocket.open(port: listener.port, "/jobs/7/feed", headers: headers) { socket in
                #expect(socket.reply.status == 101 && socket.reply.headers["vary"] == "Origin")
                #expect(socket.reply.headers["access-control-allow-origin"] == (isNamed ? origin : nil))
            }
        }
    }

    @Test(arguments: [
        ("https://a.example", "https://a.example"), ("HTTPS://A.Example:443/", "https://a.example"),
        ("http://a.example:80", "http://a.example"), ("http://a.example:443", "http://a.example:443"),
        ("http://[2001:DB8::1]:8080", "http://[2001:db8::1]:8080"), ("capacitor://localhost", "capacitor://localhost"),
        ("*", nil), ("https://*.example", nil), ("null", nil), ("a.example", nil), ("https://a.example/console", nil),
        ("https://u@a.example", nil), ("https://a.example?b", nil), ("https://a.example#b", nil), ("https://", nil),
        ("https://a.example:99999", nil),
    ])
    func anOriginIsComparedAsBrowsersWriteIt(written: String, text: String?) {
        #expect(WebOrigin(written)?.text == text)
    }
}
