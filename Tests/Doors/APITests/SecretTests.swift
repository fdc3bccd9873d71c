import DoorSupport
import Foundation
import JSON
import LogSupport
import Records
import Store
import Testing

/// Secrets are shown to nobody, and what was shown can be written back.
struct SecretTests {
    private static let reference =
        "rtsp://admin:canary-1@10.0.0.5/1?password=canary-2&channel=3;key=canary-3#token=canary-4"
    private static let shownReference = "rtsp://admin:***@10.0.0.5/1?password=***&channel=3;key=***#token=***"
    private static let callback: JSONValue = [
        "type": "http", "url": "https://hook.example/cb?token=canary-5&X-Amz-Signature=canary-6",
        "authorization": ["type": "basic", "login": "bob", "password": "canary-7"],
        "params": ["headers": ["Authorization": "Bearer canary-8", "X-Api-Key": "canary-9", "Accept": "text/plain"]],
    ]
    private static func body(_ reference: JSONValue, _ callback: JSONValue) -> JSONValue {
        [
            "name": "gate", "description": "was http://u:canary-10@old/",
            "location": ["city": "http://u:canary-11@old/"],
            "data": ["type": "stream", "reference": reference],
            "analytics": [["analytic_name": "example_analytic", "parameters": ["callbacks": [callback]]]],
        ]
    }
    private static let registered = body(.string(reference), callback)

    private static func register(_ server: TestServer) async throws -> (path: String, id: UUID) {
        let created = try await server.send("POST", "/6/streams", registered)
        #expect(created.status == 201)
        let id = try #require(try created.json["stream_id"]?.string.flatMap(UUID.init(wire:)))
        return ("/6/streams/\(id.wire)", id)
    }
    /// What a client would send back of what it got.
    private static func writable(_ shown: JSONValue) throws -> JSONValue {
        let names = ["name", "description", "data", "analytics", "location"]
        return .object(try #require(shown.object).filter { names.contains($0.key) })
    }

    @Test func everySecretOfAnAddressAHeaderAndAMemberReadsThreeStars() async throws {
        try await withServer { server in
            let (path, id) = try await Self.register(server)
            #expect(
                try await server.store.transition(
                    StreamVersion(id: id, version: 1), from: .pending, to: .failure,
                    error: "Cannot open \(Self.reference) now", isFatal: false))
            let shown = try await server.send("GET", path).json
            #expect(shown["data"]?["reference"] == .string(Self.shownReference))
            #expect(shown["location"]?["city"] == "http://u:***@old/")
            #expect(
                shown["analytics"]?.array?[0]["parameters"]?["callbacks"]?.array?[0] == [
                    "type": "http", "url": "https://hook.example/cb?token=***&X-Amz-Signature=***",
                    "authorization": ["type": "basic", "login": "bob", "password": "***"],
                    "params": ["headers": ["Authorization": "***", "X-Api-Key": "***", "Accept": "text/plain"]],
                ])
            var seen = server.log.lines.joined()
            for path in [path, "/6/streams", "/6/streams/logs", "/metrics"] {
                seen += String(decoding: try await server.send("GET", path).body, as: UTF8.self)
            }
            #expect(!seen.contains("canary"))
        }
    }

    @Test func whatAGetShowedIsPutBackWithoutLosingASecret() async throws {
        try await withServer { server in
            let (path, id) = try await Self.register(server)
            let before = try #require(try await server.store.stream(id: id, account: nil)).specification
            var shown = try Self.writable(try await server.send("GET", path).json)
            #expect(try await server.send("PUT", path, shown).status == 200)
            #expect(try await server.store.stream(id: id, account: nil)?.specification == before)

            // One secret anew, the others kept.
            shown = shown.setting(
                "data",
                to: [
                    "type": "stream",
                    "reference": .string(Self.shownReference.replacing("admin:***", with: "admin:new")),
                ])
            #expect(try await server.send("PUT", path, shown).status == 200)
            #expect(
                try await server.store.stream(id: id, account: nil)?.specification.source.reference
                    == Self.reference.replacing("canary-1", with: "new"))
        }
    }

    @Test func aSecretThatReadsThreeStarsElsewhereIsRefusedByItsPath() async throws {
        try await withServer { server in
            let (path, id) = try await Self.register(server)
            let before = try #require(try await server.store.stream(id: id, account: nil))
            let elsewhere = Self.body(
                .string("rtsp://admin:***@10.0.0.6/1"), ["type": "http", "url": "http://hook.example/"])
            let sentence = "A secret that reads '***' is kept only where the rest is as stored; write it out"
            let detail = { (path: String) in "Failed to validate input json. Path: '\(path)', message: '\(sentence)'" }
            for (method, path) in [("PUT", path), ("POST", "/6/streams")] {
                try await server.send(method, path, elsewhere).expectError(
                    400, 12022, "Bad/incomplete input data", detail("data.reference"))
            }
            guard case .object(var moved) = Self.callback.withoutSecrets else { return }
            moved["url"] = "https://evil.example/cb"
            try await server.send("PUT", path, Self.body(.string(Self.reference), .object(moved))).expectError(
                400, 12022, "Bad/incomplete input data",
                detail("analytics.0.parameters.callbacks.0.authorization.password"))
            #expect(try await server.store.stream(id: id, account: nil) == before)
        }
    }
    /// `data.authorization`.
    @Test func credentialsApartFromTheAddressAreHiddenAndKept() async throws {
        try await withServer { server in
            func data(_ password: String, _ host: String = "10.0.0.5") -> JSONValue {
                [
                    "type": "stream", "reference": .string("rtsp://\(host)/1"),
                    "authorization": ["login": "admin", "password": .string(password)],
                ]
            }
            let whole = Self.registered.setting("data", to: data("canary-#/?@: %é"))
            let created = try await server.send("POST", "/6/streams", whole)
            let id = try #require(try created.json["stream_id"]?.string.flatMap(UUID.init(wire:)))
            let path = "/6/streams/\(id.wire)"
            func stored() async throws -> SourceAuthorization? {
                try await server.store.stream(id: id, account: nil)?.specification.source.authorization
            }
            #expect(try await stored() == SourceAuthorization(login: "admin", password: "canary-#/?@: %é"))

            let answer = try await server.send("GET", path)
            var shown = try Self.writable(answer.json)
            #expect(shown["data"]?["authorization"] == ["login": "admin", "password": "***"])
            let list = try await server.send("GET", "/6/streams")
            let seen = [answer, list].map { String(decoding: $0.body, as: UTF8.self) } + server.log.lines
            #expect(!seen.joined().contains("canary"))

            // What was read can be written back, and is sent to nobody else.
            #expect(try await server.send("PUT", path, shown).status == 200)
            #expect(try await stored()?.password == "canary-#/?@: %é")
            let moved = shown.setting("data", to: data("***", "10.0.0.6"))
            // Of a new stream nothing is kept at all, and the first such secret is named.
            for (method, path, member) in [
                ("PUT", path, "data"), ("POST", "/6/streams", "analytics.0.parameters.callbacks.0"),
            ] {
                try await server.send(method, path, moved).expectError(
                    400, 12022, "Bad/incomplete input data",
                    "Failed to validate input json. Path: '\(member).authorization.password', message: "
                        + "'A secret that reads '***' is kept only where the rest is as stored; write it out'")
            }
            #expect(try await server.send("PUT", path, shown.setting("data", to: data("new"))).status == 200)
            #expect(try await stored()?.password == "new")

            // Left out, nobody is named any more, and answers have no such member.
            shown = shown.setting("data", to: ["type": "stream", "reference": "rtsp://10.0.0.5/1"])
            #expect(try await server.send("PUT", path, shown).status == 200)
            #expect(try await stored() == nil)
            #expect(try await server.send("GET", path).json["data"]?["authorization"] == nil)
        }
    }

    /// Another account's stream is none, whatever the body says of its secrets.
    @Test func nobodyElsesSecretsAreKept() async throws {
        try await withServer { server in
            let (path, _) = try await Self.register(server)
            let shown = Self.registered.withoutSecrets
            for account in [server.stranger, server.admin] {
                let reply = try await server.send("PUT", path, shown, headers: TestServer.basic(account))
                #expect(reply.status == 404)
            }
        }
    }
}
