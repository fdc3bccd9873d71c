import DoorSupport
import Foundation
import HTTPEdge
import Addresses
import Identity
import JSON
import Records
import Store
import Streams
import Testing

@testable import API

/// Who signs in with a browser.
struct SessionTests {
    static let signIn: JSONValue = ["login": "user@example.org", "password": "secret"]

    /// What a browser sends along that has signed in, and what the console's scripts add.
    static func browser(_ server: TestServer, _ account: Account? = nil) async throws -> [String: String] {
        let begun = try await server.identity.signIn(login: (account ?? server.user).login, password: "secret")
        return ["Cookie": "sightline_session=\(try #require(begun).secret)", "X-Sightline-Console": "1"]
    }

    @Test func whoSignsInIsKnownByACookieUntilHeSignsOut() async throws {
        try await withServer { server in
            let start = Date.now
            let reply = try await server.send("POST", "/6/session", Self.signIn, headers: [:])
            #expect(reply.status == 201)
            let answer = try reply.json
            #expect(answer["account_id"]?.string == server.user.id.wire && answer["login"] == "user@example.org")
            #expect(answer["account_type"] == "user" && answer.object?.count == 4)
            let expiry = try #require(answer["expires"]?.string.flatMap { Date(rfc3339: $0) })
            #expect((43_199...43_260).contains(expiry.timeIntervalSince(start)))
            let header = try #require(reply.headers["set-cookie"])
            let cookie = try #require(
                header.wholeMatch(
                    of: /(sightline_session=[A-Za-z0-9_-]{43}); Path=\/; HttpOnly; SameSite=Strict; Max-Age=43200/)
            ).output.1

            let headers = ["Cookie": "theme=dark; \(cookie)", "X-Sightline-Console": "1"]
            #expect(try await server.send("GET", "/6/session", headers: headers).json == answer)
            let created = try await server.send("POST", "/6/streams", StreamTests.minimal, headers: headers)
            #expect(created.status == 201)
            #expect(try await server.send("GET", "/6/streams/count").json["streams_count"] == 1)

            let out = try await server.send("DELETE", "/6/session", headers: headers)
            #expect(out.status == 204)
            #expect(
                out.headers["set-cookie"] == "sightline_session=; Path=/; HttpOnly; SameSite=Strict; Max-Age=0")
            for path in ["/6/session", "/6/streams"] {
                try await server.send("GET", path, headers: headers).expectError(
                    403, 12010, "Bad/incomplete input data",
                    "This resource needs 'Authorization' authorization headers")
            }
        }
    }

    /// Browsers keep cookies by host, whatever the port.
    @Test func daemonsAtOneHostHaveCookiesOfTheirOwn() async throws {
        func name(of server: TestServer, at host: String) async throws -> Substring? {
            try await RawConnection.open(port: server.port) { connection in
                let body = Self.signIn.data
                let head =
                    "POST /6/session HTTP/1.1\r\nHost: \(host)\r\nConnection: close\r\nContent-Type: application/json\r\n"
                try await connection.write(Data("\(head)Content-Length: \(body.count)\r\n\r\n".utf8) + body)
                let cookie = try Reply(await connection.readToEnd()).headers["set-cookie"]
                let pair = cookie?.split(separator: ";").first
                // It counts where it was set, and at no other port.
                for (asked, status) in [(host, 200), ("localhost:1", 403)] {
                    let head =
                        "GET /6/session HTTP/1.1\r\nHost: \(asked)\r\nCookie: \(pair ?? "")\r\nConnection: close\r\n\r\n"
                    let reply = try await server.listener.send(raw: Data(head.utf8))
                    #expect(reply.status == status, "\(asked) for \(host)")
                }
                return pair?.split(separator: "=").first
            }
        }
        try await withServer { server in
            for (host, cookie) in [
                ("localhost:5000", "sightline_session_5000"), ("[::1]:5001", "sightline_session_5001"),
                ("[::1]", "sightline_session"),
            ] {
                let found = try await name(of: server, at: host)
                #expect(found.map { String($0) } == cookie)
            }
        }
        try await withServer(listener: { $0.publicURL = PublicURL("https://example.org:8443/cameras/a~b") }) { server in
            let reply = try await server.send("POST", "/6/session", Self.signIn, headers: [:])
            #expect(reply.headers["set-cookie"]?.hasPrefix("sightline_session_8443_cameras_a-b=") == true)
        }
    }

    @Test func whoComesWithAPasswordIsToldWhoHeIsAndThatDoesNotExpire() async throws {
        try await withServer { server in
            let reply = try await server.send("GET", "/6/session", headers: TestServer.basic(server.admin))
            #expect(
                try reply.json == [
                    "account_id": .string(server.admin.id.wire), "login": "admin@example.org",
                    "account_type": "admin", "expires": nil,
                ])
        }
    }

    @Test func aWrongSignInIsRefusedWithoutTheWindowOfBrowsers() async throws {
        try await withServer { server in
            for body: JSONValue in [
                ["login": "user@example.org", "password": "wrong"],
                ["login": "nobody@example.org", "password": "secret"],
            ] {
                let reply = try await server.send("POST", "/6/session", body, headers: [:])
                try reply.expectError(
                    401, 11065, "Authorization failed", "Account login or password are incorrect")
                #expect(reply.headers["www-authenticate"] == "Session" && reply.headers["set-cookie"] == nil)
            }
            let reply = try await server.send("POST", "/6/session", ["code": "guessed"], headers: [:])
            try reply.expectError(
                401, 11065, "Authorization failed", "The code is not known, was used or has expired")
        }
    }

    /// Either way counts for both.
    @Test func passwordsAreTriedNoFasterThanByBasic() async throws {
        try await withServer { server in
            let replies = try await withThrowingTaskGroup(of: (isSession: Bool, reply: Reply).self) { group in
                for number in 0..<40 {
                    group.addTask {
                        let isSession = number % 2 == 0, login = "user@example.org", password = "wrong\(number)"
                        let reply =
                            isSession
                            ? try await server.send(
                                "POST", "/6/session", ["login": .string(login), "password": .string(password)],
                                headers: [:])
                            : try await server.send(
                                "GET", "/6/streams", headers: TestServer.basic("\(login):\(password)"))
                        return (isSession, reply)
                    }
                }
                return try await group.reduce(into: []) { $0.append($1) }
            }
            #expect(replies.allSatisfy { $0.reply.status == 401 })
            for isSession in [true, false] {
                #expect(replies.contains { $0.isSession == isSession && $0.reply.headers["retry-after"] != nil })
            }
        }
    }

    @Test(
        arguments: [
            ([:], "login", "field required"), (["login": "user@example.org"], "password", "field required"),
            (["code": "a", "login": "b"], "login", "extra fields not permitted"),
            (["code": ""], "code", "ensure this value has at least 1 characters"),
            (["token": "a"], "token", "extra fields not permitted"), ([1], "", "value is not a valid dict"),
        ] as [(JSONValue, String, String)])
    func aSignInSaysWhatItWants(body: JSONValue, path: String, message: String) async throws {
        try await withServer { server in
            try await server.send("POST", "/6/session", body, headers: [:]).expectError(
                400, 12022, "Bad/incomplete input data",
                "Failed to validate input json. Path: '\(path)', message: '\(message)'")
        }
    }

    @Test func aCodeSignsInOnce() async throws {
        try await withServer { server in
            let reply = try await server.send("POST", "/6/session/codes")
            #expect(reply.status == 201)
            let expiry = try #require(try reply.json["expires"]?.string.flatMap { Date(rfc3339: $0) })
            #expect((3500...3660).contains(expiry.timeIntervalSinceNow))
            let body: JSONValue = ["code": try #require(try reply.json["code"])]
            let begun = try await server.send("POST", "/6/session", body, headers: [:])
            #expect(try begun.status == 201 && begun.json["login"] == "user@example.org")
            #expect(try await server.send("POST", "/6/session", body, headers: [:]).status == 401)
            // And whoever is signed in may make one, for his telephone say.
            let headers = try await Self.browser(server)
            #expect(try await server.send("POST", "/6/session/codes", headers: headers).status == 201)
        }
    }

    @Test func anAccountsIDAloneMakesNoCode() async throws {
        try await withServer { server in
            try await server.send(
                "POST", "/6/session/codes", headers: ["Luna-Account-Id": server.user.id.wire]
            ).expectError(
                403, 12010, "Bad/incomplete input data",
                "This resource needs 'Authorization' authorization headers")
        }
    }

    @Test func theCookieIsSecureWhereTheBrowserCameOverTLS() async throws {
        try await withServer(listener: { $0.trustedProxies = [NetworkRange("127.0.0.0/8")!] }) { server in
            let reply = try await server.send(
                "POST", "/6/session", Self.signIn, headers: ["X-Forwarded-Proto": "https"])
            #expect(reply.headers["set-cookie"]?.hasSuffix("; SameSite=Strict; Max-Age=43200; Secure") == true)
        }
    }

    @Test func authorizationAndATokensCookieComeBeforeASessionAndThatBeforeAnAccountsID() async throws {
        try await withServer { server in
            func login(_ headers: [String: String]) async throws -> JSONValue? {
                try await server.send("GET", "/6/account", headers: headers).json["login"]
            }
            var headers = try await Self.browser(server)
            headers["Luna-Account-Id"] = server.stranger.id.wire
            #expect(try await login(headers) == "user@example.org")
            let token = try await server.identity.createToken(
                TokenSpecification(permissions: .all()), account: server.advanced.id)
            headers["Cookie"]! += "; sightline_token=\(token.jwt)"
            #expect(try await login(headers) == "advanced@example.org")
            headers["Authorization"] = TestServer.basic(server.admin)["Authorization"]
            #expect(try await login(headers) == "admin@example.org")
        }
    }

    @Test func aSessionSeesWhatItsAccountSees() async throws {
        try await withServer { server in
            _ = try await server.createStream()
            for (account, count) in [(server.user, 1), (server.stranger, 0), (server.advanced, 1)] {
                let headers = try await Self.browser(server, account)
                let reply = try await server.send("GET", "/6/streams/count", headers: headers)
                #expect(try reply.json["streams_count"] == .integer(Int64(count)))
            }
        }
    }

    @Test func afterANewPasswordOneSignsInAnew() async throws {
        try await withServer { server in
            let (one, two) = (try await Self.browser(server), try await Self.browser(server))
            let changed = try await server.send("PATCH", "/6/account", ["password": "another"], headers: one)
            #expect(changed.status == 204)
            for headers in [one, two] {
                #expect(try await server.send("GET", "/6/session", headers: headers).status == 403)
            }
        }
    }

    @Test(arguments: ["DELETE /6/session", "PATCH /6/account"])
    func aFeedEndsWithTheSessionThatOpenedIt(end: String) async throws {
        try await withServer { server in
            let stream = try await server.createRunningStream()
            let (headers, other) = (try await Self.browser(server), TestServer.basic(server.advanced))
            let socket = headers.merging(["Origin": "http://localhost"]) { $1 }
            try await RawWebSocket.open(server, stream: stream.id, headers: other) { stays in
                try await RawWebSocket.open(server, stream: stream.id, headers: socket) { socket in
                    #expect(socket.reply.status == 101)
                    let words = end.split(separator: " ").map(String.init)
                    let reply = try await server.send(
                        words[0], words[1], words[0] == "PATCH" ? ["password": "another"] : nil, headers: headers)
                    let last = try await socket.next()
                    #expect(reply.status == 204 && last == .close(1008))
                }
                server.hub.offer(.finished, to: stream.id)
                #expect(try await stays.nextMessage()?["stream_status"] != nil)
            }
        }
    }
}
