import DoorSupport
import Foundation
import JSON
import Records
import Store
import Testing

/// People note addresses in descriptions, with the passwords in them.
struct DescriptionSecretTests {
    private static let noted = "see rtsp://u:canary@cam/1?token=canary"
    private static let shown: JSONValue = "see rtsp://u:***@cam/1?token=***"

    @Test func thoseOfGroupsAreHiddenAndKept() async throws {
        try await withServer { server in
            let body: JSONValue = ["group_name": "g", "description": .string(Self.noted)]
            let id = try #require(try await server.send("POST", "/6/groups", body).json["group_id"]?.string)
            let path = "/6/groups/\(id)"
            #expect(try await server.send("GET", path).json["description"] == Self.shown)
            #expect(try await server.send("GET", "/6/groups").json["groups"]?.array?[0]["description"] == Self.shown)
            #expect(try await server.send("PATCH", path, ["description": Self.shown]).status == 204)
            let group = try await server.store.group(id: try #require(UUID(wire: id)), account: nil)
            #expect(group?.description == Self.noted)
            #expect(try await server.send("PATCH", path, ["description": "rtsp://u:***@evil/"]).status == 400)
        }
    }
    @Test func thoseOfAccountsAreHiddenAndKept() async throws {
        try await withServer { server in
            let path = "/6/account"
            let written = try await server.send("PATCH", path, ["description": .string(Self.noted)])
            #expect(written.status == 204)
            #expect(try await server.send("GET", path).json["description"] == Self.shown)
            #expect(try await server.send("PATCH", path, ["description": Self.shown]).status == 204)
            #expect(try await server.store.account(id: server.user.id)?.description == Self.noted)
            #expect(try await server.send("PATCH", path, ["description": "rtsp://u:***@evil/"]).status == 400)
        }
    }
    @Test func thoseOfTokensAreHiddenAndKept() async throws {
        try await withServer { server in
            func body(_ description: JSONValue) -> JSONValue {
                ["description": description, "expiration_time": nil, "permissions": ["group": ["view"]]]
            }
            let answer = try await server.send("POST", "/6/tokens", body(.string(Self.noted))).json
            let id = try #require(answer["token_id"]?.string)
            let path = "/6/tokens/\(id)"
            #expect(try await server.send("GET", path).json["description"] == Self.shown)
            #expect(try await server.send("PUT", path, body(Self.shown)).status == 201)
            let token = try await server.store.token(id: try #require(UUID(wire: id)), account: nil)
            #expect(token?.specification.description == Self.noted)
            #expect(try await server.send("PUT", path, body("rtsp://u:***@evil/")).status == 400)
        }
    }
}
