import DoorSupport
import Foundation
import HTTPEdge
import Identity
import JSON
import Records
import Store
import Streams
import Testing

@testable import API

/// What another page makes a browser ask that is signed in here, and what names full of markup become.
struct ForgeryTests {
    /// What a browser adds of itself when the page is another, whatever headers its script would have liked to add.
    private static let foreign: [[String: String]] = [
        [:],  // a form, or a script that was not asked: the header is missing
        ["X-Sightline-Console": "0"],
        ["X-Sightline-Console": "1", "Origin": "http://evil.example"],
        ["X-Sightline-Console": "1", "Origin": "null"],
        ["X-Sightline-Console": "1", "Origin": "http://localhost:8080"],
        ["X-Sightline-Console": "1", "Origin": "http://localhost.evil.example"],
        ["X-Sightline-Console": "1", "Origin": "http://localhost@evil.example"],
        ["X-Sightline-Console": "1", "Sec-Fetch-Site": "cross-site"],
        ["X-Sightline-Console": "1", "Sec-Fetch-Site": "same-site", "Origin": "http://localhost"],
        ["X-Sightline-Console": "1", "Sec-Fetch-Site": "cross-site", "Origin": "http://localhost"],
    ]

    private static func cookie(_ server: TestServer, _ account: Account? = nil) async throws -> [String: String] {
        var headers = try await SessionTests.browser(server, account)
        headers["X-Sightline-Console"] = nil
        return headers
    }
    private static func expectRefused(_ reply: Reply, _ headers: [String: String]) throws {
        #expect(reply.status == 403 && reply.headers["set-cookie"] == nil, "\(headers)")
        #expect(try reply.json["error_code"] == 12010, "\(headers)")
    }

    @Test(arguments: foreign) func whatAnotherPageAsksChangesNothing(headers: [String: String]) async throws {
        try await withServer { server in
            let cookie = try await Self.cookie(server), all = cookie.merging(headers) { $1 }
            let stream = try await server.createStream(name: "gate").id.wire
            for (method, path, body) in [
                ("POST", "/6/streams", StreamTests.minimal), ("PUT", "/6/streams/\(stream)", StreamTests.minimal),
                ("PATCH", "/6/streams/\(stream)?action=stop", nil), ("DELETE", "/6/streams/\(stream)", nil),
                ("PATCH", "/6/account", ["password": "another"]), ("POST", "/6/session/codes", nil),
                ("POST", "/6/tokens?grant_all_permissions=1", ["expiration_time": nil]),
                ("DELETE", "/6/session", nil),
            ] as [(String, String, JSONValue?)] {
                try Self.expectRefused(await server.send(method, path, body, headers: all), all)
            }
            #expect(try await server.send("GET", "/6/session", headers: cookie).status == 200)
            #expect(try await server.send("GET", "/6/tokens").json["tokens"] == [])
            let shown = try await server.send("GET", "/6/streams/\(stream)").json
            #expect(shown["name"] == "gate" && shown["status"] == 0 && shown["version"] == 1)
            #expect(try await server.send("GET", "/6/streams/count").json["streams_count"] == 1)
        }
    }

    /// Where credentials are no condition they are looked at all the same.
    @Test(arguments: foreign) func anotherPageMakesNoAccount(headers: [String: String]) async throws {
        try await withServer { server in
            let all = try await Self.cookie(server, server.admin).merging(headers) { $1 }
            let body: JSONValue = ["login": "new@example.org", "password": "secret", "account_type": "user"]
            try Self.expectRefused(await server.send("POST", "/6/accounts", body, headers: all), all)
            #expect(try await server.store.accountCount() == 4)
        }
    }

    @Test func itsOwnPageAsksWhatItLikes() async throws {
        try await withServer { server in
            let headers = try await SessionTests.browser(server)
            for more in [
                [:], ["Origin": "http://localhost"], ["Origin": "HTTP://LOCALHOST:80"],
                ["Sec-Fetch-Site": "same-origin"],
                ["Origin": "https://localhost", "Sec-Fetch-Site": "same-origin"],  // a proxy encrypts
            ] {
                let reply = try await server.send(
                    "POST", "/6/streams", StreamTests.minimal, headers: headers.merging(more) { $1 })
                #expect(reply.status == 201, "\(more)")
            }
        }
    }

    @Test func thePageOfThePublicAddressIsItsOwn() async throws {
        try await withServer(listener: { $0.publicURL = PublicURL("https://sightline.example.org/cameras") }) {
            server in
            var headers = try await SessionTests.browser(server)
            // It counts at the address that clients ask.
            headers["Cookie"]?.replace("sightline_session=", with: "sightline_session_cameras=")
            for (origin, status) in [
                ("https://sightline.example.org", 201), ("http://sightline.example.org", 403),
                ("https://sightline.example.org:8443", 403), ("https://example.org", 403),
            ] {
                let reply = try await server.send(
                    "POST", "/6/streams", StreamTests.minimal, headers: headers.merging(["Origin": origin]) { $1 })
                #expect(reply.status == status, "\(origin)")
            }
        }
    }

    @Test func anotherPageReadsNothing() async throws {
        try await withServer { server in
            let cookie = try await Self.cookie(server)
            #expect(try await server.send("GET", "/6/streams", headers: cookie).status == 200)
            for more in [
                ["Origin": "http://evil.example"], ["Sec-Fetch-Site": "cross-site"], ["Sec-Fetch-Site": "same-site"],
            ] {
                let all = cookie.merging(more) { $1 }
                try Self.expectRefused(await server.send("GET", "/6/streams", headers: all), all)
            }
        }
    }

    @Test func anotherPageSignsNobodyIn() async throws {
        try await withServer { server in
            for headers in [["Origin": "http://evil.example"], ["Sec-Fetch-Site": "cross-site"]] {
                let reply = try await server.send("POST", "/6/session", SessionTests.signIn, headers: headers)
                try Self.expectRefused(reply, headers)
            }
        }
    }

    @Test(arguments: [
        ([:], 403), (["Origin": "http://evil.example"], 403), (["Origin": "null"], 403),
        (["Origin": "http://localhost:1"], 403), (["X-Sightline-Console": "1"], 403),
        (["Origin": "http://localhost", "Sec-Fetch-Site": "cross-site"], 403), (["Origin": "http://localhost"], 101),
    ])
    func aWebSocketWantsTheOriginOfItsOwnPage(headers: [String: String], status: Int) async throws {
        try await withServer { server in
            let stream = try await server.createRunningStream()
            let cookie = try await Self.cookie(server)
            for path in ["/6/streams/\(stream.id.wire)/ws", "/6/ws"] {
                let all = cookie.merging(headers) { $1 }
                try await RawWebSocket.open(port: server.port, path, headers: all) { socket in
                    #expect(socket.reply.status == status, "\(path) \(headers)")
                }
            }
            #expect(status == 101 || server.hub.subscriberCount(of: stream.id) == 0)
        }
    }

    /// Programs have no cookie that a page could use.
    @Test func otherCredentialsCountWhateverThePage() async throws {
        try await withServer { server in
            let headers = TestServer.basic(server.user).merging(["Origin": "http://evil.example"]) { $1 }
            let reply = try await server.send("POST", "/6/streams", StreamTests.minimal, headers: headers)
            #expect(reply.status == 201)
        }
    }

    // MARK: Markup

    private static let markup = "<script>alert(1)</script><img src=x onerror=alert(2)>\"'&amp;</title>"

    /// Whoever is shown it as it is shows nothing but text.
    private static func expectInert(_ reply: Reply) {
        #expect(reply.headers["content-type"] == "application/json")
        #expect(reply.headers["x-content-type-options"] == "nosniff")
    }

    @Test func namesFullOfMarkupAreTextInJSONAndNothingElse() async throws {
        try await withServer { server in
            let text = JSONValue.string(Self.markup)
            var body = try #require(StreamTests.minimal.object)
            (body["name"], body["description"]) = (text, text)
            body["location"] = ["city": .string(String(Self.markup.prefix(36)))]
            let created = try await server.send("POST", "/6/streams", .object(body))
            let id = try #require(try created.json["stream_id"]?.string)
            for path in ["/6/streams", "/6/streams/\(id)"] {
                for accept in ["text/html", "*/*"] {
                    var headers = TestServer.basic(server.user)
                    headers["Accept"] = accept
                    let reply = try await server.send("GET", path, headers: headers)
                    Self.expectInert(reply)
                    let stream = try reply.json["streams"]?.array?.first ?? reply.json
                    #expect(stream["name"] == text && stream["description"] == text)
                }
            }
            let handler = BuiltInHandler.id(of: server.user.id).wire
            let raw: JSONValue = ["user_data": text, "tags": ["<script>alert(1)</script>"]]
            let reply = try await server.send("POST", "/6/handlers/\(handler)/events/raw", raw)
            #expect(reply.status == 201, "\(String(decoding: reply.body, as: UTF8.self))")
            let events = try await server.send("GET", "/6/events")
            Self.expectInert(events)
            #expect(try events.json["events"]?.array?.first?["user_data"] == text)
        }
    }

    @Test func errorsSayMarkupAsText() async throws {
        try await withServer { server in
            let script = "%3Cscript%3Ealert(1)%3C%2Fscript%3E"
            for path in [
                "/\(script)", "/6/streams/\(script)", "/6/streams?page=\(script)", "/6/events?tags__eq=\(script)",
            ] {
                let reply = try await server.send("GET", path)
                #expect(reply.status == 404 || reply.status == 400 || reply.status == 200, "\(path)")
                Self.expectInert(reply)
            }
            let named = try await server.send("POST", "/6/streams", .object([Self.markup: 1]))
            #expect(named.status == 400)
            Self.expectInert(named)
        }
    }
}
