import DoorSupport
import API
import Foundation
import HTTPEdge
import Identity
import JSON
import LogSupport
import Records
import Store
import Testing

/// Requests that are wrong in ways that no client means well.
struct MisbehaviourTests {
    /// Sends bytes as they are and reads to the end of the connection.
    private static func raw(_ server: TestServer, _ bytes: Data) async throws -> Reply {
        try await RawConnection.open(port: server.port) { connection in
            try await connection.write(bytes)
            return try Reply(await connection.readToEnd())
        }
    }

    @Test(arguments: [
        "nonsense\r\n\r\n", "GET /6/streams HTTP/9.9\r\n\r\n", "FLY /6/streams HTTP/1.1\r\n\r\n",
        "GET /6/streams HTTP/1.1\r\nno colon here\r\n\r\n",
        "POST /6/streams HTTP/1.1\r\nHost: a\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\n",
        "\u{16}\u{3}\u{1}\u{2}\u{0}\u{1}",
    ])
    func whatIsNoHTTPIsToldSo(bytes: String) async throws {
        try await withServer { server in
            let reply = try await Self.raw(server, Data(bytes.utf8))
            try reply.expectError(400, 12012, "Bad/incomplete input data", "Bad HTTP request")
            #expect(reply.headers["connection"] == "close")
            #expect(reply.headers["access-control-allow-origin"] == "*")
            let id = try #require(reply.headers["luna-request-id"])
            #expect(server.log.lines.contains { $0.contains("Unreadable request") && $0.contains(id) })
            #expect(try await server.send("GET", "/6/healthcheck").status == 200)
            let metrics = try await server.send("GET", "/metrics", headers: [:])
            let counted = #"request_count_total{path="*:*",status_code="400"} 1.0"#
            #expect(String(decoding: metrics.body, as: UTF8.self).contains(counted))
        }
    }

    /// Whether JSON is read strictly: then a name that is there twice is refused.
    private static let isReadingStrict = (try? JSONValue(parsing: Data(#"{"a":1,"a":1}"#.utf8))) == nil

    @Test(
        .enabled(if: isReadingStrict, "the strict JSON reader is not there yet"),
        arguments: [
            #"{"name": "a", "name": "b", "data": {}}"#, #"{"data": {"type": "stream", "type": "stream"}}"#,
            #"{"name": "a",}"#, #"{"name": "\ud800"}"#, "{\"name\": \"\u{1}\"}", #"{"name": 01}"#, #"{"name": NaN}"#,
            #"{"name": 1e999}"#, #"{} {}"#, String(repeating: "[", count: 5000) + String(repeating: "]", count: 5000),
            String(repeating: #"{"a":"#, count: 5000) + "1" + String(repeating: "}", count: 5000),
        ]) func jsonThatIsNotQuiteJSONIsRefused(text: String) async throws
    {
        try await withServer { server in
            let headers = TestServer.basic(server.user).merging(["Content-Type": "application/json"]) { $1 }
            let reply = try await server.sendRaw("POST", "/6/streams", headers: headers, body: Data(text.utf8))
            #expect(reply.status == 400)
            #expect(try [12002, 12022].contains(reply.json["error_code"]?.integer))
        }
    }

    @Test(arguments: [
        Data([0x7b, 0x22, 0xc0, 0x80, 0x22, 0x3a, 0x31, 0x7d]),  // NUL in two bytes
        Data([0x7b, 0x22, 0xed, 0xa0, 0x80, 0x22, 0x3a, 0x31, 0x7d]),  // half a surrogate pair
        Data([0x22, 0xf4, 0x90, 0x80, 0x80, 0x22]),  // beyond Unicode
    ])
    func brokenUTF8IsNoJSON(body: Data) async throws {
        try await withServer { server in
            let headers = TestServer.basic(server.user).merging(["Content-Type": "application/json"]) { $1 }
            try await server.sendRaw("POST", "/6/streams", headers: headers, body: body).expectError(
                400, 12002, "Bad/incomplete input data", "Request does not contain json")
        }
    }

    @Test func everyAnswerCarriesItsIDAndCORS() async throws {
        try await withServer(listener: { $0.bodyLimit = 1000 }) { server in
            let stream = try await server.createStream().id.uuidString.lowercased()
            var replies: [(String, Reply)] = []
            for operation in server.operations {
                let parts = operation.split(separator: " ").map(String.init)
                let path = parts[1].replacing("{stream_id}", with: stream).replacing(
                    "{analytic_id}", with: UUID().uuidString.lowercased())
                // With a cursor that is none, where the answer would not end.
                let query = path.hasSuffix("/sse") ? "?after=none" : ""
                for headers in [TestServer.basic(server.user), [:], TestServer.basic("nobody@example.org:secret")] {
                    replies.append((operation, try await server.send(parts[0], path + query, headers: headers)))
                }
            }
            replies.append(
                ("413", try await server.send("POST", "/6/streams", .string(String(repeating: "a", count: 1001)))))
            #expect(replies.last?.1.status == 413)
            for (operation, reply) in replies {
                #expect(reply.headers["access-control-allow-origin"] == "*", "\(operation)")
                let id = reply.headers["luna-request-id"]
                #expect(
                    id?.wholeMatch(of: /[0-9]{10},[a-f0-9]{8}(-[a-f0-9]{4}){3}-[a-f0-9]{12}/) != nil, "\(operation)")
                if reply.status >= 400, !operation.hasPrefix("HEAD") {
                    let error = try reply.json
                    #expect(error.object?.keys.sorted() == ["desc", "detail", "error_code", "link"], "\(operation)")
                }
            }
        }
    }

    @Test func passwordsAreSeenNowhere() async throws {
        let canary = "canary-7f3a"
        let reference = "rtsp://admin:\(canary)-camera@10.0.0.5/1"
        try await withServer(daemon: { $0.configuration = ["SIGHTLINE": ["PASSWORD": .string("\(canary)-setting")]] }) {
            server in
            let owner = try await server.identity.createAccount(
                login: "canary@example.org", password: "\(canary)-account", kind: .advancedUser)
            let headers = TestServer.basic("\(owner.login):\(canary)-account")
            let body: JSONValue = [
                "name": "gate", "data": ["type": "stream", "reference": .string(reference)],
                "analytics": [
                    [
                        "analytic_name": "example_analytic",
                        "parameters": [
                            "password": .string("\(canary)-parameter"),
                            "callbacks": [["url": .string("http://u:\(canary)-url@host/")]],
                        ],
                    ]
                ],
            ]
            let created = try await server.send("POST", "/6/streams", body, headers: headers)
            #expect(created.status == 201)
            let id = try #require(try created.json["stream_id"]?.string)
            let escaped = try #require(reference.addingPercentEncoding(withAllowedCharacters: .alphanumerics))
            var replies = [created]
            for (method, path) in [
                ("GET", "/6/streams/\(id)"), ("GET", "/6/streams"), ("GET", "/6/streams?reference=\(escaped)"),
                ("GET", "/6/streams/logs"), ("GET", "/6/streams/\(id)/ws"), ("GET", "/6/config"),
                ("PATCH", "/6/streams/\(id)?action=\(escaped)"), ("GET", "/6/streams/\(reference)"),
                ("GET", "/\(reference)"), ("GET", "/6/streams?page=\(escaped)"),
            ] { replies.append(try await server.send(method, path, headers: headers)) }
            #expect(try replies[3].json["streams"]?.array?.count == 1)  // found by its password, shown without it

            // Wrong in ways whose message might quote what came.
            for wrong in [
                body.setting("name", to: .integer(1)), body.setting("extra", to: .string(canary)),
                body.setting("data", to: ["type": .string(canary), "reference": .string(reference)]),
                body.setting("data", to: .string(reference)),
            ] { replies.append(try await server.send("POST", "/6/streams", wrong, headers: headers)) }
            replies.append(
                try await server.sendRaw(
                    "POST", "/6/streams", headers: headers.merging(["Content-Type": "application/json"]) { $1 },
                    body: Data("{\"name\": \(reference)".utf8)))
            replies.append(try await server.send("GET", "/6/streams", headers: TestServer.basic("a@b.cd:\(canary)")))
            replies.append(try await server.send("GET", "/6/streams", headers: ["Authorization": "Bearer \(canary)"]))
            replies.append(try await server.send("GET", "/6/streams", headers: ["Authorization": "Basic \(canary)"]))
            replies.append(try await server.send("GET", "/6/streams", headers: ["Luna-Account-Id": canary]))
            #expect(replies.suffix(9).allSatisfy { $0.status >= 400 })
            replies.append(try await server.send("GET", "/metrics", headers: [:]))

            for reply in replies {
                #expect(!String(decoding: reply.body, as: UTF8.self).contains(canary))
                #expect(!reply.headers.values.contains { $0.contains(canary) })
            }
            #expect(server.log.lines.count > replies.count)
            #expect(server.log.lines.filter { $0.contains(canary) } == [])
            #expect(!server.log.lines.contains { $0.contains(headers["Authorization"]!.dropFirst(6)) })
        }
    }
}

extension JSONValue {
    /// The same object with one member more, or another.
    func setting(_ key: String, to value: JSONValue) -> JSONValue {
        guard case .object(var members) = self else { return self }
        members[key] = value
        return .object(members)
    }
}
