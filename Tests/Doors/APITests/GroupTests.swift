import DoorSupport
import Foundation
import JSON
import Records
import Scene
import Store
import Testing

struct GroupTests {
    @Test func aGroupIsCreatedShownDescribedAndDeleted() async throws {
        try await withServer { server in
            let created = try await server.send(
                "POST", "/6/groups", ["group_name": "hd_1", "description": "sharp ones"])
            #expect(created.status == 201)
            let id = try #require(try created.json["group_id"]?.string)
            #expect(try created.json == ["group_id": .string(id)])
            #expect(created.headers["location"] == "/6/groups/\(id)")
            let path = "/6/groups/\(id)"

            let group = try await server.send("GET", path).json
            let createTime = try #require(group["create_time"]?.string)
            #expect(Date(rfc3339: createTime) != nil)
            #expect(
                group == [
                    "group_id": .string(id), "account_id": .string(server.user.id.uuidString.lowercased()),
                    "group_name": "hd_1", "description": "sharp ones", "create_time": .string(createTime),
                ])
            #expect(try await server.send("GET", "/6/groups").json == ["groups": [group]])
            #expect(try await server.send("GET", "/6/groups/count").json == ["groups_count": 1])

            let changed = try await server.send("PATCH", path, ["description": "sharper"])
            #expect(changed.status == 204 && changed.body.isEmpty)
            #expect(try await server.send("GET", path).json["description"] == "sharper")
            #expect(try await server.send("DELETE", path).status == 204)
            for (method, body) in [("GET", nil), ("PATCH", ["description": ""]), ("DELETE", nil)]
                as [(String, JSONValue?)]
            {
                try await server.send(method, path, body).expectError(
                    404, 44004, "Object not found", "Group with id \(id) not found")
            }
            let plain = try await server.send("POST", "/6/groups", ["group_name": "plain"])
            let location = try #require(plain.headers["location"])
            #expect(try await server.send("GET", location).json["description"] == "")
        }
    }

    @Test func aNameThatIsTakenIsRefused() async throws {
        try await withServer { server in
            let body: JSONValue = ["group_name": "hd"]
            #expect(try await server.send("POST", "/6/groups", body).status == 201)
            try await server.send("POST", "/6/groups", body).expectError(
                409, 44003, "Unique constraint error", "Group named 'hd' already exists")
            #expect(
                try await server.send("POST", "/6/groups", body, headers: TestServer.basic(server.stranger)).status
                    == 201)
        }
    }

    static let long = JSONValue.string(String(repeating: "x", count: 257))
    @Test(
        arguments: [
            ("POST", [:], "group_name", "Field required"),
            ("POST", ["group_name": 1], "group_name", "Input should be a valid string"),
            (
                "POST", ["group_name": "a b"], "group_name",
                "String should match pattern '^[a-zA-Z0-9_\\-]{1,128}$'"
            ),
            ("POST", ["group_name": Self.long], "group_name", "String should have at most 128 characters"),
            (
                "POST", ["group_name": "a", "description": Self.long], "description",
                "String should have at most 256 characters"
            ),
            ("POST", ["group_name": "a", "group_id": "b"], "group_id", "Extra inputs are not permitted"),
            ("POST", [], "", "Input should be a valid dictionary"),
            ("PATCH", [:], "description", "Field required"),
            ("PATCH", ["description": .null], "description", "Input should be a valid string"),
            ("PATCH", ["description": Self.long], "description", "String should have at most 256 characters"),
            ("PATCH", ["description": "", "group_name": "b"], "group_name", "Extra inputs are not permitted"),
        ] as [(String, JSONValue, String, String)])
    func aBadBodyNamesItsPath(method: String, body: JSONValue, path: String, message: String) async throws {
        try await withServer { server in
            let group = try await server.store.createGroup(name: "old", account: server.user.id)
            let target = method == "POST" ? "/6/groups" : "/6/groups/\(group.id.uuidString.lowercased())"
            try await server.send(method, target, body).expectError(
                400, 12022, "Bad/incomplete input data",
                "Failed to validate input json. Path: '\(path)', message: '\(message)'")
            #expect(try await server.store.groups(Filter<StreamGroup>()) == [group])
        }
    }

    @Test func groupsAreListedOldestFirstFilteredAndPaged() async throws {
        try await withServer { server in
            var ids: [String] = []
            for name in ["c", "a", "b"] {
                ids.append(
                    try await server.store.createGroup(name: name, account: server.user.id).id.uuidString.lowercased())
            }
            func names(_ query: String) async throws -> [String] {
                let groups = try await server.send("GET", "/6/groups?\(query)").json["groups"]?.array
                return try #require(groups).compactMap { $0["group_name"]?.string }
            }
            #expect(try await names("") == ["c", "a", "b"])
            #expect(try await names("page=2&page_size=2") == ["b"])
            #expect(try await names("page=9223372036854775807&page_size=1000") == [])
            for query in ["group_names=b,c", "group_names=b&group_names=c", "group_ids=\(ids[2])&group_ids=\(ids[0])"] {
                #expect(try await names(query) == ["c", "b"])
                #expect(try await server.send("GET", "/6/groups/count?\(query)").json == ["groups_count": 2])
            }
            for query in ["group_ids=1", "group_names=a%20b", "account_id=1", "page=0", "page_size=1001"] {
                let name = query.prefix { $0 != "=" }
                try await server.send("GET", "/6/groups?\(query)").expectError(
                    400, 12012, "Bad/incomplete input data", "Bad query parameters '\(name)'")
            }
        }
    }

    // MARK: Streams in groups

    @Test func aStreamIsRegisteredIntoAGroupByNameOrId() async throws {
        try await withServer { server in
            let group = try await server.store.createGroup(name: "hd", account: server.user.id)
            for (key, value) in [("group_name", "hd"), ("group_id", group.id.uuidString.lowercased())] {
                let created = try await server.send(
                    "POST", "/6/streams", StreamTests.changed(key, to: .string(value)))
                let id = try #require(try created.json["stream_id"]?.string)
                #expect(try await server.send("GET", "/6/streams/\(id)").json["groups"] == ["hd"])
            }
            let listed = try await server.send("GET", "/6/streams?group_name=hd").json["streams"]?.array
            #expect(listed?.map { $0["groups"] } == [["hd"], ["hd"]])
            var both = try #require(StreamTests.changed("group_name", to: "hd").object)
            both["group_id"] = .string(group.id.uuidString.lowercased())
            try await server.send("POST", "/6/streams", .object(both)).expectError(
                400, 12022, "Bad/incomplete input data",
                "Failed to validate input json. Path: 'group_id', message: 'Extra inputs are not permitted'")
        }
    }

    @Test func theLinkerAttachesAndDetaches() async throws {
        try await withServer { server in
            let group = try await server.store.createGroup(name: "hd", account: server.user.id)
            let streams = [try await server.createStream(), try await server.createStream()]
            let ids = streams.map { JSONValue.string($0.id.uuidString.lowercased()) }
            func link(_ action: JSONValue, _ ids: [JSONValue]) async throws -> Int {
                let reply = try await server.send(
                    "PATCH", "/6/linker",
                    [
                        "action": action, "stream_ids": .array(ids),
                        "group_id": .string(group.id.uuidString.lowercased()),
                    ])
                #expect(reply.body.isEmpty)
                return reply.status
            }
            func linked() async throws -> Int? {
                try await server.send("GET", "/6/streams?group_name=hd").json["streams"]?.array?.count
            }
            for _ in 1...2 {
                #expect(try await link("attach", ids) == 204)
                #expect(try await linked() == 2)
            }
            for _ in 1...2 {
                #expect(try await link("detach", [ids[0]]) == 204)
                #expect(try await linked() == 1)
            }
            #expect(try await link("attach", []) == 204)
            #expect(try await server.send("DELETE", "/6/groups/\(group.id.uuidString.lowercased())").status == 204)
            #expect(try await server.store.streamCount(Filter<RegisteredStream>()) == 2)
        }
    }

    @Test func theLinkerNamesWhatIsMissingAndThenDoesNothing() async throws {
        try await withServer { server in
            let group = try await server.store.createGroup(name: "hd", account: server.user.id)
            let theirs = try await server.store.createGroup(name: "hd", account: server.stranger.id)
            let mine = try await server.createStream()
            let foreign = try await server.createStream(server.stranger)
            func body(_ streams: [UUID], _ group: UUID) -> JSONValue {
                [
                    "action": "attach", "stream_ids": .array(streams.map { .string($0.uuidString.lowercased()) }),
                    "group_id": .string(group.uuidString.lowercased()),
                ]
            }
            for missing in [UUID(), foreign.id] {
                try await server.send("PATCH", "/6/linker", body([mine.id, missing], group.id)).expectError(
                    400, 44001, "Object not found", "Stream with id \(missing.uuidString.lowercased()) not found")
            }
            for missing in [UUID(), theirs.id] {
                try await server.send("PATCH", "/6/linker", body([mine.id], missing)).expectError(
                    400, 44004, "Object not found", "Group with id \(missing.uuidString.lowercased()) not found")
            }
            // Who sees all accounts may still link its own streams only.
            try await server.send(
                "PATCH", "/6/linker", body([mine.id], group.id), headers: TestServer.basic(server.advanced)
            ).expectError(
                400, 44004, "Object not found", "Group with id \(group.id.uuidString.lowercased()) not found")
            #expect(try await server.store.stream(id: mine.id, account: nil)?.groups == [])
        }
    }

    static let linker: JSONValue = [
        "action": "attach", "stream_ids": ["557d54ec-29ad-4f3c-93b4-c9092ef12515"],
        "group_id": "557d54ec-29ad-4f3c-93b4-c9092ef12515",
    ]
    @Test(
        arguments: [
            ("action", nil, "action", "Field required"),
            ("action", "move", "action", "Input should be 'attach' or 'detach'"),
            ("stream_ids", nil, "stream_ids", "Field required"),
            ("stream_ids", "a", "stream_ids", "Input should be a valid list"),
            ("stream_ids", ["a"], "stream_ids.0", "Input should be a valid UUID"),
            (
                "stream_ids", .array(Array(repeating: "557d54ec-29ad-4f3c-93b4-c9092ef12515", count: 1001)),
                "stream_ids", "List should have at most 1000 items after validation, not 1001"
            ),
            ("group_id", nil, "group_id", "Field required"),
            ("group_id", "hd", "group_id", "Input should be a valid UUID"),
            ("group_name", "hd", "group_name", "Extra inputs are not permitted"),
        ] as [(String, JSONValue?, String, String)])
    func aBadLinkerBodyNamesItsPath(key: String, value: JSONValue?, path: String, message: String) async throws {
        var body = try #require(Self.linker.object)
        body[key] = value
        try await withServer { [body] server in
            try await server.send("PATCH", "/6/linker", .object(body)).expectError(
                400, 12022, "Bad/incomplete input data",
                "Failed to validate input json. Path: '\(path)', message: '\(message)'")
        }
    }
}
