import DoorSupport
import Foundation
import Identity
import JSON
import Records
import Store
import Testing

@testable import API
@testable import Identity

struct CredentialTests {
    @Test func theVerifierTellsWhoseCredentialsTheseAre() async throws {
        try await withServer { server in
            let token = try await server.identity.createToken(TokenSpecification(), account: server.advanced.id)
            func verify(_ body: JSONValue) async throws -> JSONValue {
                let reply = try await server.send("POST", "/6/credentials_verifier", body, headers: [:])
                #expect(reply.status == 200)
                return try reply.json
            }
            let id = JSONValue.string(server.user.id.wire)
            #expect(try await verify(["account_id": id])["account_type"] == "user")
            #expect(
                try await verify(["login": "user@example.org", "password": "secret"]) == [
                    "account_id": id, "account_type": "user",
                ])
            let answer = try await verify(["token": .string(token.jwt)])
            #expect(answer["account_type"] == "advanced_user")
            #expect(answer["permissions"] == token.specification.permissions.wire)
        }
    }

    @Test func theVerifierSaysWhatIsWrong() async throws {
        try await withServer { server in
            func expect(_ body: JSONValue, _ code: Int64, _ description: String, _ detail: String) async throws {
                let reply = try await server.send("POST", "/6/credentials_verifier", body, headers: [:])
                try reply.expectError(401, code, description, detail)
                #expect(reply.headers["www-authenticate"] != nil)
            }
            let id = UUID().uuidString.lowercased()
            try await expect(
                ["account_id": .string(id)], 28001, "Object not found", "Account with id '\(id)' not found")
            for (login, password) in [("user@example.org", "wrong"), ("nobody@example.org", "secret")] {
                try await expect(
                    ["login": .string(login), "password": .string(password)], 41006, "Account credentials wrong",
                    "Login and password doesn't match any user")
            }
            let expired = try await server.identity.createToken(
                TokenSpecification(expirationTime: .now - 1), account: server.user.id)
            try await expect(
                ["token": .string(expired.jwt)], 41007, "Account credentials wrong", "Token has been expired")
            _ = try await server.store.deleteToken(id: expired.id, account: server.user.id)
            for jwt in [expired.jwt, "a.b.c", "nonsense"] {
                try await expect(["token": .string(jwt)], 41005, "Object not found", "JWT token doesn't exist")
            }
        }
    }

    @Test(
        arguments: [
            ([:], "", "either account_id, or login and password, or token must be specified"),
            (["account_id": "1"], "account_id", "value is not a valid uuid"),
            (["login": "user@example.org"], "password", "field required"),
            (["password": "secret"], "login", "field required"),
            (["token": "a", "login": "b"], "", "either account_id, or login and password, or token must be specified"),
            (["token": 1], "token", "str type expected"), (["user": 1], "user", "extra fields not permitted"),
            ([1], "", "value is not a valid dict"),
        ] as [(JSONValue, String, String)])
    func theVerifierWantsOneKindOfCredentials(body: JSONValue, path: String, message: String) async throws {
        try await withServer { server in
            try await server.send("POST", "/6/credentials_verifier", body, headers: [:]).expectError(
                400, 12022, "Bad/incomplete input data",
                "Failed to validate input json. Path: '\(path)', message: '\(message)'")
        }
    }

    @Test func aCookieCarriesATokenUntilItIsTakenAway() async throws {
        try await withServer { server in
            let token = try await server.identity.createToken(
                TokenSpecification(permissions: TokenPermissions(["video_stream": ["view"]])), account: server.user.id)
            let login = try await server.send(
                "POST", "/6/login", headers: ["Authorization": "Bearer \(token.jwt)"])
            #expect(login.status == 204 && login.headers["content-type"] == "application/octet-stream")
            #expect(
                login.headers["set-cookie"]
                    == "sightline_token=\(token.jwt); Path=/; HttpOnly; SameSite=Strict")
            let cookie = ["Cookie": "sightline_token=\(token.jwt)"]
            #expect(try await server.send("GET", "/6/streams", headers: cookie).status == 200)
            #expect(try await server.send("POST", "/6/login", headers: cookie).status == 204)
            // Whatever `Authorization` says comes first.
            let both = cookie.merging(TestServer.basic("user@example.org:wrong")) { $1 }
            #expect(try await server.send("GET", "/6/streams", headers: both).status == 401)

            let logout = try await server.send("DELETE", "/6/login", headers: [:])
            #expect(logout.status == 204)
            #expect(
                logout.headers["set-cookie"] == "sightline_token=; Path=/; HttpOnly; SameSite=Strict; Max-Age=0")
        }
    }

    @Test func aCookieOpensALiveFeedAndATokenWithoutTheRightDoesNot() async throws {
        try await withServer { server in
            let stream = try await server.createRunningStream().id.wire
            func status(_ permissions: TokenPermissions) async throws -> String {
                let token = try await server.identity.createToken(
                    TokenSpecification(permissions: permissions), account: server.user.id)
                return try await RawConnection.open(port: server.port) { connection in
                    try await connection.write(
                        """
                        GET /6/streams/\(stream)/ws HTTP/1.1\r\nHost: localhost\r\nUpgrade: websocket\r\n\
                        Connection: Upgrade\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\
                        Sec-WebSocket-Version: 13\r\nCookie: sightline_token=\(token.jwt)\r\n\r\n
                        """)
                    let head = try await connection.read(through: "\r\n\r\n")
                    return String(String(decoding: head, as: UTF8.self).prefix(12))
                }
            }
            #expect(try await status(TokenPermissions(["video_stream": ["view"]])) == "HTTP/1.1 101")
            #expect(try await status(TokenPermissions(["video_stream": ["creation"]])) == "HTTP/1.1 403")
        }
    }

    @Test func whoeverTriesPasswordsIsSentAwayAndNobodyElse() async throws {
        try await withServer { server in
            let replies = try await withThrowingTaskGroup(of: Reply.self) { group in
                for index in 0..<40 {
                    group.addTask {
                        try await server.send(
                            "GET", "/6/streams", headers: TestServer.basic("user@example.org:wrong\(index)"))
                    }
                }
                // From the same address meanwhile: another login, and one that nobody has.
                let good = try await server.send("GET", "/6/streams", headers: TestServer.basic(server.stranger))
                #expect(good.status == 200)
                return try await group.reduce(into: []) { $0.append($1) }
            }
            for reply in replies {
                try reply.expectError(
                    401, 11065, "Authorization failed", "Account login or password are incorrect")
            }
            #expect(replies.contains { $0.headers["retry-after"].flatMap { Int($0) } ?? 0 > 0 })
        }
    }

    @Test func aWrongPasswordIsHashedOnceForAnUpgradeThatIsRefused() async throws {
        try await withServer { server in
            let stream = try await server.createRunningStream().id.wire
            let authorization = try #require(TestServer.basic("user@example.org:wrong")["Authorization"])
            let head = try await RawConnection.open(port: server.port) { connection in
                try await connection.write(
                    """
                    GET /6/streams/\(stream)/ws HTTP/1.1\r\nHost: localhost\r\nUpgrade: websocket\r\n\
                    Connection: Upgrade\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\
                    Sec-WebSocket-Version: 13\r\nAuthorization: \(authorization)\r\n\r\n
                    """)
                return String(decoding: try await connection.readToEnd(), as: UTF8.self)
            }
            #expect(head.hasPrefix("HTTP/1.1 401"))
            #expect(server.identity.hasher.hashCount == 5)  // four accounts were made, one login was tried
        }
    }
}
