import DoorSupport
import Foundation
import Identity
import JSON
import Records
import Store
import Testing

@testable import API

struct TokenTests {
    static let minimal: JSONValue = ["expiration_time": nil, "permissions": ["video_stream": ["view"]]]

    @Test func aTokenIsMadeReadReplacedAndDeleted() async throws {
        try await withServer { server in
            let created = try await server.send(
                "POST", "/6/tokens",
                [
                    "description": "dashboard", "expiration_time": "2100-01-01T00:00:00Z", "visibility_area": "all",
                    "permissions": [
                        "video_stream": ["view", "creation"], "own_plugin": ["view"],
                        "emit_events": ["allowed": 0, "white_list": ["8b8b5937-2e9c-4e8b-a7a7-5caf86621b5a"]],
                    ],
                ])
            #expect(created.status == 201)
            let answer = try created.json
            let (id, jwt) = (try #require(answer["token_id"]?.string), try #require(answer["token"]?.string))
            #expect(answer["url"] == .string("/6/tokens/\(id)") && created.headers["location"] == "/6/tokens/\(id)")
            #expect(answer["external_url"] == .string("http://localhost/6/tokens/\(id)") && answer.object?.count == 4)

            let token = try await server.send("GET", "/6/tokens/\(id)").json
            #expect(token.object?.count == 9)
            #expect(token["token"] == .string(jwt) && token["account_id"] == .string(server.user.id.wire))
            #expect(token["expiration_time"] == "2100-01-01T00:00:00.000Z" && token["description"] == "dashboard")
            #expect(token["visibility_area"] == "account")  // the only one that is effective for a `user`
            let permissions = try #require(token["permissions"]?.object)
            #expect(permissions.count == 21)
            #expect(permissions["video_stream"] == ["view", "creation"] && permissions["own_plugin"] == ["view"])
            #expect(permissions["token"] == ["view"] && permissions["face"] == [])
            #expect(
                permissions["emit_events"] == [
                    "allowed": 0, "white_list": ["8b8b5937-2e9c-4e8b-a7a7-5caf86621b5a"], "black_list": nil,
                ])
            #expect(permissions["verify"] == ["allowed": 1, "white_list": nil, "black_list": nil])

            let bearer = ["Authorization": "Bearer \(jwt)"]
            #expect(try await server.send("POST", "/6/streams", StreamTests.minimal, headers: bearer).status == 201)
            let replaced = try await server.send("PUT", "/6/tokens/\(id)", Self.minimal)
            #expect(replaced.status == 201 && replaced.headers["location"] == "/6/tokens/\(id)")
            let after = try await server.send("GET", "/6/tokens/\(id)").json
            #expect(after["description"] == "" && after["expiration_time"] == .null)
            #expect(after["create_time"] == token["create_time"])
            // The text that was given out before stays good for what the token now is.
            #expect(try await server.send("GET", "/6/streams", headers: bearer).status == 200)
            #expect(try await server.send("POST", "/6/streams", StreamTests.minimal, headers: bearer).status == 403)

            #expect(try await server.send("DELETE", "/6/tokens/\(id)").status == 204)
            try await server.send("GET", "/6/streams", headers: bearer).expectError(
                403, 11062, "Forbidden", "Specified token corrupted")
            for method in ["GET", "DELETE"] {
                try await server.send(method, "/6/tokens/\(id)").expectError(
                    404, 41003, "Object not found", "Token with id '\(id)' not found")
            }
        }
    }

    @Test func theJWTIsOfTheKnownForm() async throws {
        try await withServer { server in
            let answer = try await server.send("POST", "/6/tokens", Self.minimal).json
            let jwt = try #require(answer["token"]?.string)
            let parts = try jwt.split(separator: ".").map { part in
                let text = part.replacing("-", with: "+").replacing("_", with: "/")
                return try #require(
                    Data(base64Encoded: text + String(repeating: "=", count: (4 - text.count % 4) % 4)))
            }
            #expect(parts.count == 3 && parts[2].count == 32)
            #expect(try JSONValue(parsing: parts[0]) == ["typ": "JWT", "alg": "HS256"])
            #expect(
                try JSONValue(parsing: parts[1]) == [
                    "tokenId": answer["token_id"] ?? nil, "expirationTime": nil,
                    "accountId": .string(server.user.id.wire),
                ])
        }
    }

    @Test func everythingIsGrantedOnDemand() async throws {
        try await withServer { server in
            let created = try await server.send(
                "POST", "/6/tokens?grant_all_permissions=1",
                ["expiration_time": nil, "permissions": ["plugin": ["view"]]])
            let id = try #require(try created.json["token_id"]?.string)
            let permissions = try #require(try await server.send("GET", "/6/tokens/\(id)").json["permissions"]?.object)
            for (key, actions) in TokenPermissions.standardActions {
                #expect(permissions[key] == .array(actions.map(JSONValue.string)))
            }
            #expect(permissions["plugin"] == ["view"] && permissions.count == 21)
            #expect(
                try await server.send(
                    "POST", "/6/tokens?grant_all_permissions=1", ["expiration_time": nil]
                ).status == 201)
            try await server.send(
                "POST", "/6/tokens?grant_all_permissions=1",
                ["expiration_time": nil, "permissions": ["face": ["view"]]]
            ).expectError(
                400, 12022, "Bad/incomplete input data",
                "Failed to validate input json. Path: 'permissions.face', message: 'extra fields not permitted'")
            try await server.send("POST", "/6/tokens?grant_all_permissions=2", Self.minimal).expectError(
                400, 12012, "Bad/incomplete input data", "Bad query parameters 'grant_all_permissions'")
        }
    }

    @Test func aTokenOfCustomKeysHoldsNothingElse() async throws {
        try await withServer { server in
            let answer = try await server.send(
                "POST", "/6/tokens", ["expiration_time": nil, "permissions": ["plugin": ["view"]]]
            ).json
            let id = try #require(answer["token_id"]?.string), jwt = try #require(answer["token"]?.string)
            #expect(
                try await server.send("GET", "/6/tokens/\(id)").json["permissions"] == ["plugin": ["view"]])
            #expect(
                try await server.send("GET", "/6/tokens", headers: ["Authorization": "Bearer \(jwt)"]).status == 403)
        }
    }

    @Test(
        arguments: [
            ([:], "expiration_time", "field required"),
            (["expiration_time": nil], "permissions", "field required"),
            (["expiration_time": "soon", "permissions": [:]], "expiration_time", "invalid datetime format"),
            (["expiration_time": 5, "permissions": [:]], "expiration_time", "invalid datetime format"),
            (["expiration_time": nil, "permissions": [], "more": 1], "more", "extra fields not permitted"),
            (["expiration_time": nil, "permissions": []], "permissions", "value is not a valid dict"),
            (
                ["expiration_time": nil, "permissions": ["face": "view"]], "permissions.face",
                "value is not a valid list"
            ),
            (["expiration_time": nil, "permissions": ["face": ["fly"]]], "permissions.face.0", "unexpected value"),
            (
                ["expiration_time": nil, "permissions": ["account": ["view", "creation"]]], "permissions.account",
                "ensure this value has at most 1 items"
            ),
            (
                ["expiration_time": nil, "permissions": ["face": ["view", "view"]]], "permissions.face",
                "the list has duplicated items"
            ),
            (
                ["expiration_time": nil, "permissions": ["Plugin": ["view"]]], "permissions.Plugin",
                "extra fields not permitted"
            ),
            (
                ["expiration_time": nil, "permissions": ["ab": ["view"]]], "permissions.ab",
                "extra fields not permitted"
            ),
            (
                ["expiration_time": nil, "permissions": ["plugin": ["matching"]]], "permissions.plugin.0",
                "unexpected value"
            ),
            (
                ["expiration_time": nil, "permissions": ["verify": ["allowed": 2]]], "permissions.verify.allowed",
                "unexpected value"
            ),
            (
                ["expiration_time": nil, "permissions": ["verify": ["white_list": []]]],
                "permissions.verify.white_list",
                "ensure this value has at least 1 items"
            ),
            (
                ["expiration_time": nil, "permissions": ["verify": ["black_list": ["x"]]]],
                "permissions.verify.black_list.0", "value is not a valid uuid"
            ),
            (
                ["expiration_time": nil, "permissions": [:], "visibility_area": "world"], "visibility_area",
                "unexpected value"
            ),
        ] as [(JSONValue, String, String)])
    func aBadBodyNamesItsField(body: JSONValue, path: String, message: String) async throws {
        try await withServer { server in
            for (method, target) in [("POST", "/6/tokens"), ("PUT", "/6/tokens/\(UUID().uuidString.lowercased())")] {
                try await server.send(method, target, body).expectError(
                    400, 12022, "Bad/incomplete input data",
                    "Failed to validate input json. Path: '\(path)', message: '\(message)'")
            }
        }
    }

    @Test func noTokenMakesOneThatCanDoMore() async throws {
        try await withServer { server in
            let weak = try await server.identity.createToken(
                TokenSpecification(
                    visibility: .account,
                    permissions: TokenPermissions([
                        "token": ["creation", "view", "modification"], "video_stream": ["view"],
                    ])), account: server.advanced.id)
            let bearer = ["Authorization": "Bearer \(weak.jwt)"]
            let equal: JSONValue = ["expiration_time": nil, "permissions": ["video_stream": ["view"]]]
            #expect(try await server.send("POST", "/6/tokens", equal, headers: bearer).status == 201)
            let stronger: JSONValue = ["expiration_time": nil, "permissions": ["video_stream": ["view", "deletion"]]]
            let target = "/6/tokens/\(weak.id.wire)"
            for (method, path) in [("POST", "/6/tokens"), ("PUT", target)] {
                try await server.send(method, path, stronger, headers: bearer).expectError(
                    403, 11059, "Forbidden",
                    "Request denied due to token restrictions, required 'deletion' permission for 'video_stream'")
                #expect(
                    try await server.send(
                        method, "\(path)?grant_all_permissions=1", ["expiration_time": nil], headers: bearer
                    ).status == 403)
                var wider = equal.object ?? [:]
                wider["visibility_area"] = "all"
                #expect(try await server.send(method, path, .object(wider), headers: bearer).status == 403)
            }
        }
    }

    @Test func theTextOfATokenIsShownOnlyToWhomItLendsNothing() async throws {
        try await withServer { server in
            func make(_ permissions: TokenPermissions, _ account: Account) async throws -> Token {
                try await server.identity.createToken(
                    TokenSpecification(visibility: .all, permissions: permissions), account: account.id)
            }
            let strong = try await make(.all(), server.user), weak = try await make(TokenPermissions(), server.user)
            func shown(_ token: Token, _ headers: [String: String]) async throws -> JSONValue? {
                try await server.send("GET", "/6/tokens/\(token.id.wire)", headers: headers).json["token"]
            }
            let (byStrong, byWeak) = (
                ["Authorization": "Bearer \(strong.jwt)"], ["Authorization": "Bearer \(weak.jwt)"]
            )
            #expect(try await shown(strong, TestServer.basic(server.user)) == .string(strong.jwt))
            #expect(try await shown(weak, byStrong) == .string(weak.jwt))
            #expect(try await shown(weak, byWeak) == .string(weak.jwt))
            #expect(try await shown(strong, byWeak) == "***")
            #expect(try await shown(weak, TestServer.basic(server.admin)) == "***")  // another account's
            let list = try await server.send("GET", "/6/tokens", headers: TestServer.basic(server.admin))
            #expect(!String(decoding: list.body, as: UTF8.self).contains(strong.jwt))
        }
    }

    @Test func tokensAreListedNewestFirstByPageAndTime() async throws {
        try await withServer { server in
            var ids: [String] = []
            for day in 1...3 {
                let time = Date(timeIntervalSince1970: Double(day) * 86_400)
                ids.append(
                    try await server.identity.createToken(TokenSpecification(), account: server.user.id, at: time).id
                        .wire)
            }
            func list(_ query: String) async throws -> [String] {
                try await server.send("GET", "/6/tokens?\(query)").json["tokens"]?.array?.compactMap {
                    $0["token_id"]?.string
                } ?? []
            }
            #expect(try await list("") == ids.reversed())
            #expect(try await list("page_size=2&page=2") == [ids[0]])
            #expect(try await list("create_time__gte=1970-01-03T00:00:00Z") == [ids[2], ids[1]])
            #expect(try await list("create_time__lt=1970-01-03T00:00:00Z") == [ids[0]])
            for bad in ["page=x", "page_size=0", "account_id=1", "create_time__gte=1"] {
                try await server.send("GET", "/6/tokens?\(bad)").expectError(
                    400, 12012, "Bad/incomplete input data", "Bad query parameters '\(bad.prefix { $0 != "=" })'")
            }
        }
    }
}
