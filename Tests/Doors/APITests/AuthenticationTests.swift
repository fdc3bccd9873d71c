import DoorSupport
import Foundation
import JSON
import Records
import Store
import Testing

struct AuthenticationTests {
    @Test(arguments: ["Basic", "basic", "BASIC"])
    func rightCredentialsAreTaken(scheme: String) async throws {
        try await withServer { server in
            let value = Data("user@example.org:secret".utf8).base64EncodedString()
            let reply = try await server.send("GET", "/6/streams", headers: ["Authorization": "\(scheme) \(value)"])
            #expect(reply.status == 200)
        }
    }

    @Test(arguments: [
        "user@example.org:wrong", "nobody@example.org:secret", "user@example.org:", ":", "user@example.org:secret:",
    ])
    func wrongCredentialsAreRefused(credentials: String) async throws {
        try await withServer { server in
            let reply = try await server.send("GET", "/6/streams", headers: TestServer.basic(credentials))
            try reply.expectError(401, 11065, "Authorization failed", "Account login or password are incorrect")
            #expect(reply.headers["www-authenticate"] == "Basic realm='login:password'")
        }
    }

    @Test(arguments: ["Basic", "Basic ", "Basic ???", "Basic dXNlcg==", "Digest abc", "secret"])
    func aHeaderThatCannotBeReadIsSaidToBe(header: String) async throws {
        try await withServer { server in
            try await server.send("GET", "/6/streams", headers: ["Authorization": header]).expectError(
                401, 11065, "Authorization failed", "Bad format basic authorization header")
        }
    }

    @Test func aTokenThatNobodySignedIsCorrupted() async throws {
        try await withServer { server in
            let reply = try await server.send("GET", "/6/streams", headers: ["Authorization": "Bearer a.b.c"])
            try reply.expectError(401, 11065, "Authorization failed", "Specified token corrupted")
            #expect(reply.headers["www-authenticate"] == "Bearer")
        }
    }

    @Test func whoSaysNothingIsForbidden() async throws {
        try await withServer { server in
            for (method, path) in [
                ("GET", "/6/streams"), ("POST", "/6/streams"), ("GET", "/6/streams/count"), ("GET", "/6/streams/logs"),
                ("GET", "/6/analytics"), ("GET", "/6/streams/\(UUID().uuidString.lowercased())/ws"),
            ] {
                try await server.send(method, path, headers: [:]).expectError(
                    403, 12010, "Bad/incomplete input data",
                    "This resource needs 'Authorization' authorization headers")
            }
        }
    }

    @Test func theAccountHeaderIsEnoughAndGivesWayToAuthorization() async throws {
        try await withServer { server in
            let account = server.user.id.uuidString.lowercased()
            #expect(try await server.send("GET", "/6/streams", headers: ["Luna-Account-Id": account]).status == 200)
            let created = try await server.send(
                "POST", "/6/streams", StreamTests.minimal,
                headers: TestServer.basic(server.stranger).merging(["Luna-Account-Id": account]) { $1 })
            let id = try #require(try created.json["stream_id"]?.string)
            #expect(
                try await server.send("GET", "/6/streams/\(id)", headers: TestServer.basic(server.stranger)).status
                    == 200)
            #expect(try await server.send("GET", "/6/streams/\(id)").status == 404)

            var headers = TestServer.basic("user@example.org:wrong")
            headers["Luna-Account-Id"] = account
            #expect(try await server.send("GET", "/6/streams", headers: headers).status == 401)
            try await server.send("GET", "/6/streams", headers: ["Luna-Account-Id": "1"]).expectError(
                400, 11037, "Bad/incomplete input data",
                "Luna-Account-Id header is not UUID, format: xxxxxxxx-xxxx-xxxx-xxxx-xxxxxxxxxxxx")
            try await server.send(
                "GET", "/6/streams", headers: ["Luna-Account-Id": UUID().uuidString.lowercased()]
            ).expectError(401, 11065, "Authorization failed", "Account login or password are incorrect")
        }
    }
}
