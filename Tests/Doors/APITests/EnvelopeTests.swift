import DoorSupport
import API
import Foundation
import HTTPEdge
import JSON
import LogSupport
import Records
import Store
import Testing

struct EnvelopeTests {
    @Test func aRequestIDIsEchoedOrMade() async throws {
        try await withServer { server in
            let id = "1536751345,8b8b5937-2e9c-4e8b-a7a7-5caf86621b5a"
            let stream = try await server.createStream().id.uuidString.lowercased()
            for (method, path) in [
                ("GET", "/6/streams"), ("GET", "/nowhere"), ("PUT", "/6/streams/count"), ("OPTIONS", "/6/streams"),
                ("HEAD", "/6/streams/\(stream)"), ("PATCH", "/6/streams/\(stream)?action=stop"),
                ("GET", "/healthcheck"),
                ("GET", "/6/streams?page=0"), ("GET", "/6/streams/\(stream)/ws"),
            ] {
                var headers = TestServer.basic(server.user)
                headers["Luna-Request-Id"] = id
                #expect(try await server.send(method, path, headers: headers).headers["luna-request-id"] == id)
            }
            for bad in [
                nil, "", "1536751345", "15367513450,8b8b5937-2e9c-4e8b-a7a7-5caf86621b5a", "\(id)x", id.uppercased(),
            ] {
                var headers = TestServer.basic(server.user)
                headers["Luna-Request-Id"] = bad
                let made = try #require(
                    try await server.send("GET", "/6/streams", headers: headers).headers["luna-request-id"])
                #expect(
                    made != bad && made.wholeMatch(of: /[0-9]{10},[a-f0-9]{8}(-[a-f0-9]{4}){3}-[a-f0-9]{12}/) != nil)
            }
        }
    }

    @Test(arguments: [
        ("/6/streams", "POST, GET, DELETE, OPTIONS"), ("/6/streams/logs", "GET, DELETE, OPTIONS"),
        ("/6/streams/count", "GET, OPTIONS"),
        ("/6/streams/b5d6fd45-fcca-453d-ac05-3e594054b813", "GET, HEAD, PUT, PATCH, DELETE, OPTIONS"),
        ("/6/linker", "PATCH, OPTIONS"), ("/6/groups", "POST, GET, OPTIONS"), ("/6/groups/count", "GET, OPTIONS"),
        ("/6/groups/b5d6fd45-fcca-453d-ac05-3e594054b813", "GET, PATCH, DELETE, OPTIONS"),
        ("/6/streams/b5d6fd45-fcca-453d-ac05-3e594054b813/ws", "GET, OPTIONS"), ("/6/analytics", "GET, OPTIONS"),
        ("/6/analytics/b5d6fd45-fcca-453d-ac05-3e594054b813", "GET, OPTIONS"),
        ("/6/analytics/b5d6fd45-fcca-453d-ac05-3e594054b813/docs", "GET, OPTIONS"), ("/6/healthcheck", "GET, OPTIONS"),
        ("/healthcheck", "GET, OPTIONS"), ("/version", "GET, OPTIONS"), ("/metrics", "GET, OPTIONS"),
        ("/6/config", "GET, OPTIONS"), ("/6/features", "GET, OPTIONS"), ("/6/plugins", "GET, OPTIONS"),
        ("/6/docs/spec", "GET, OPTIONS"), ("/6/docs/dev", "GET, OPTIONS"), ("/6/docs/dev/index.html", "GET, OPTIONS"),
        ("/6/accounts", "POST, GET, OPTIONS"), ("/6/account", "GET, PATCH, OPTIONS"),
        ("/6/tokens", "POST, GET, OPTIONS"), ("/6/credentials_verifier", "POST, OPTIONS"),
        ("/6/tokens/b5d6fd45-fcca-453d-ac05-3e594054b813", "GET, PUT, DELETE, OPTIONS"),
        ("/6/login", "POST, DELETE, OPTIONS"), ("/6/cameras/discover", "POST, OPTIONS"),
        ("/6/system/status", "GET, OPTIONS"), ("/6/system/settings", "GET, OPTIONS"),
        ("/6/system/log", "GET, OPTIONS"), ("/6/session", "POST, GET, DELETE, OPTIONS"),
        ("/6/session/codes", "POST, OPTIONS"),
        ("/6/streams/probe", "POST, OPTIONS"), ("/6/faces", "POST, GET, DELETE, OPTIONS"),
        ("/6/faces/count", "GET, OPTIONS"), ("/6/faces/logs", "GET, OPTIONS"),
        ("/6/faces/attributes/count", "GET, OPTIONS"),
        ("/6/faces/b5d6fd45-fcca-453d-ac05-3e594054b813", "GET, HEAD, PATCH, DELETE, OPTIONS"),
        ("/6/faces/b5d6fd45-fcca-453d-ac05-3e594054b813/attributes", "GET, PUT, DELETE, OPTIONS"),
        ("/6/faces/b5d6fd45-fcca-453d-ac05-3e594054b813/attributes/samples", "GET, OPTIONS"),
        ("/6/matcher/faces", "POST, OPTIONS"), ("/6/matcher/bodies", "POST, OPTIONS"),
        ("/6/matcher/raw", "POST, OPTIONS"), ("/6/lists", "POST, GET, DELETE, OPTIONS"),
        ("/6/lists/count", "GET, OPTIONS"),
        ("/6/lists/b5d6fd45-fcca-453d-ac05-3e594054b813", "GET, HEAD, PATCH, DELETE, OPTIONS"),
        ("/6/lists/b5d6fd45-fcca-453d-ac05-3e594054b813/faces", "PATCH, OPTIONS"),
        ("/6/attributes", "POST, GET, OPTIONS"), ("/6/extractor", "POST, OPTIONS"),
        ("/6/attributes/b5d6fd45-fcca-453d-ac05-3e594054b813", "GET, HEAD, DELETE, OPTIONS"),
        ("/6/attributes/b5d6fd45-fcca-453d-ac05-3e594054b813/samples", "GET, OPTIONS"),
        ("/6/streams/b5d6fd45-fcca-453d-ac05-3e594054b813/preview.jpg", "GET, OPTIONS"),
        ("/6/streams/b5d6fd45-fcca-453d-ac05-3e594054b813/live", "GET, OPTIONS"),
    ])
    func everyResourceSaysWhatItAllowsAndRefusesTheRest(path: String, allow: String) async throws {
        try await withServer { server in
            let options = try await server.send("OPTIONS", path, headers: [:])
            #expect(options.status == 200 && options.body.isEmpty && options.headers["allow"] == allow)
            #expect(options.headers["access-control-allow-origin"] == "*")
            #expect(options.headers["access-control-allow-headers"] == "*")
            #expect(options.headers["access-control-allow-methods"] == "*")
            #expect(options.headers["access-control-max-age"] == "86400")
            for method in ["PUT", "TRACE", "PROPFIND"] where !allow.contains(method) {
                let reply = try await server.send(method, path)
                try reply.expectError(405, 12021, "Method not allowed", "Method not allowed")
                #expect(reply.headers["allow"] == allow)
            }
        }
    }

    @Test(arguments: [
        "/", "/6", "/6/stream", "/6/streams/1", "/6/streams/1/ws", "/6/analytics/x/docs", "/5/streams",
        "/6/streams/%ff",
    ])
    func aPageThatDoesNotExistIsNotFound(path: String) async throws {
        try await withServer { server in
            let reply = try await server.send("GET", path)
            try reply.expectError(404, 12013, "Resource not found", "Page not found")
            #expect(reply.headers["access-control-allow-origin"] == "*")
        }
    }

    @Test(arguments: ["", "{", "{\"a\":}", "\u{feff}nonsense", String(repeating: "[", count: 100_000)])
    func aBodyThatIsNotJSONIsSaidToBe(body: String) async throws {
        try await withServer { server in
            var headers = TestServer.basic(server.user)
            headers["Content-Type"] = "application/json; charset=utf-8"
            try await server.sendRaw("POST", "/6/streams", headers: headers, body: Data(body.utf8)).expectError(
                400, 12002, "Bad/incomplete input data", "Request does not contain json")
        }
    }

    @Test func jsonThatIsNotUTF8IsNotJSON() async throws {
        try await withServer { server in
            var headers = TestServer.basic(server.user)
            headers["Content-Type"] = "application/json"
            try await server.sendRaw("POST", "/6/streams", headers: headers, body: Data([0x22, 0xff, 0xfe, 0x22]))
                .expectError(400, 12002, "Bad/incomplete input data", "Request does not contain json")
        }
    }

    @Test(arguments: [nil, "text/plain", "application/jsonp", "multipart/form-data"])
    func aBodyOfAnotherTypeIsRefused(contentType: String?) async throws {
        try await withServer { server in
            var headers = TestServer.basic(server.user)
            headers["Content-Type"] = contentType
            try await server.sendRaw("POST", "/6/streams", headers: headers, body: StreamTests.minimal.data)
                .expectError(
                    400, 12017, "Bad/incomplete input data", "Bad content type")
        }
    }

    @Test func aLongBodyIsRefusedWhetherOrNotItSaysItsLength() async throws {
        try await withServer(listener: { $0.bodyLimit = 1000 }) { server in
            var headers = TestServer.basic(server.user)
            headers["Content-Type"] = "application/json"
            let authorization = try #require(headers["Authorization"])
            try await server.sendRaw("POST", "/6/streams", headers: headers, body: Data(repeating: 0x20, count: 1001))
                .expectError(413, 37003, "Payload too large", "Request payload is too large")

            let chunk = "400\r\n\(String(repeating: " ", count: 1024))\r\n"
            let reply = try await RawConnection.open(port: server.port) { connection in
                try await connection.write(
                    """
                    POST /6/streams HTTP/1.1\r\nHost: localhost\r\nAuthorization: \(authorization)\r\n\
                    Content-Type: application/json\r\nTransfer-Encoding: chunked\r\n\r\n\(chunk)
                    """)
                return try Reply(await connection.readToEnd())
            }
            try reply.expectError(413, 37003, "Payload too large", "Request payload is too large")
            #expect(reply.headers["connection"] == "close")
            #expect(try await server.send("GET", "/6/streams").status == 200)
        }
    }

    @Test func aBodyThatNeverComesIsNotWaitedFor() async throws {
        try await withServer(listener: { $0.bodyTimeout = .milliseconds(50) }) { server in
            let authorization = try #require(TestServer.basic(server.user)["Authorization"])
            let reply = try await RawConnection.open(port: server.port) { connection in
                try await connection.write(
                    """
                    POST /6/streams HTTP/1.1\r\nHost: localhost\r\nAuthorization: \(authorization)\r\n\
                    Content-Type: application/json\r\nContent-Length: 100\r\n\r\n{"name":
                    """)
                return try Reply(await connection.readToEnd())
            }
            try reply.expectError(
                408, 37002, "Request timeout",
                "Service did not receive a complete request message within 0 seconds")
        }
    }

    @Test func aFailureOfOursIsToldToTheLogAndNotToTheClient() async throws {
        try await withServer { server in
            try await server.store.close()
            try await server.send(
                "GET", "/6/streams", headers: ["Luna-Account-Id": server.user.id.uuidString.lowercased()]
            )
            .expectError(500, 11009, "Internal server error", "Internal server error")
            #expect(server.log.lines.contains { $0.hasPrefix("error Request failed") })
        }
    }

    @Test func everyRequestIsLoggedWithItsID() async throws {
        try await withServer { server in
            let id = try #require(try await server.send("GET", "/6/streams?page=0").headers["luna-request-id"])
            let line = try #require(server.log.lines.first { $0.hasPrefix("info Request ") && $0.contains(id) })
            #expect(line.contains("\"http.path\", value: /6/streams") && line.contains("400") && !line.contains("page"))
        }
    }
}
