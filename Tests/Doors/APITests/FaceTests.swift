import DoorSupport
import Foundation
import HTTPEdge
import HTTPTypes
import JSON
import Records
import Store
import Testing

@testable import API

struct FaceTests {
    @Test func aFaceIsMadeShownChangedAndDeleted() async throws {
        try await withServer { server in
            let event = UUID().wire, list = try await server.makeList()
            let body: JSONValue = [
                "external_id": "17", "user_data": "Ānna", "avatar": "/6/images/1", "event_id": .string(event),
                "lists": [.string(list)],
            ]
            let reply = try await server.send("POST", "/6/faces", body)
            let id = try #require(try reply.json["face_id"]?.string), path = "/6/faces/\(id)"
            #expect(reply.status == 201 && reply.headers["location"] == path)
            #expect(try reply.json.object?.count == 3 && reply.json["url"]?.string == path)
            let face = try await server.send("GET", path).json
            for name in ["external_id", "user_data", "avatar", "event_id", "lists"] {
                #expect(face[name] == body[name])
            }
            #expect(face["face_id"]?.string == id && face["account_id"]?.string == server.user.id.wire)
            #expect(face.object?.count == 8 && face["create_time"]?.string.flatMap { Date(rfc3339: $0) } != nil)
            #expect(try await server.send("HEAD", path).status == 200)

            #expect(try await server.send("PATCH", path, ["user_data": "", "event_id": nil]).status == 204)
            let changed = try await server.send("GET", path).json
            #expect(changed["user_data"] == "" && changed["event_id"] == .null && changed["external_id"] == "17")
            #expect(try await server.send("DELETE", path).status == 204)
            for method in ["GET", "DELETE"] {
                try await server.send(method, path).expectError(
                    404, 22002, "Object not found", "Face with id '\(id)' not found")
            }
            try await server.send("PATCH", path, ["user_data": ""]).expectError(
                404, 22002, "Object not found", "Face with id '\(id)' not found")
            let plain = try await server.send("GET", "/6/faces/\(server.makeFace())").json
            #expect(plain["event_id"] == .null && plain["avatar"] == "" && plain["lists"] == [])
        }
    }

    @Test func theAddressOfAPictureHidesItsSecretsAndKeepsThem() async throws {
        try await withServer { server in
            let path = "/6/faces/" + (try await server.makeFace(["avatar": "https://a.example/1.jpg?token=hidden"]))
            #expect(try await server.send("GET", path).json["avatar"] == "https://a.example/1.jpg?token=***")
            #expect(
                try await server.send("PATCH", path, ["avatar": "https://a.example/1.jpg?token=***", "user_data": "x"])
                    .status == 204)
            let id = try #require(UUID(wire: String(path.suffix(36))))
            let face = try await server.store.face(id: id, account: nil)
            #expect(face?.details.avatar == "https://a.example/1.jpg?token=hidden")
            #expect(
                try await server.send("PATCH", path, ["avatar": "https://b.example/1.jpg?token=***"]).status == 400)
        }
    }

    @Test func whatABodyNamesMustBeThere() async throws {
        try await withServer { server in
            let list = UUID().wire, attribute = UUID().wire
            try await server.send("POST", "/6/faces", ["lists": [.string(list)]]).expectError(
                400, 22003, "Object not found", "List with id '\(list)' not found")
            let named: JSONValue = ["attribute_id": .string(attribute)]
            try await server.send("POST", "/6/faces", ["attribute": named]).expectError(
                400, 22011, "Object not found", "Attribute with id '\(attribute)' not found")
            let face = try await server.makeFace()
            try await server.send("PUT", "/6/faces/\(face)/attributes", named).expectError(
                400, 22011, "Object not found", "Attribute with id '\(attribute)' not found")
        }
    }

    @Test(
        arguments: [
            ("POST", ["name": "x"], "name", "Extra inputs are not permitted"),
            ("POST", ["lists": []], "lists", "List should have at least 1 item after validation, not 0"),
            ("POST", ["lists": ["1"]], "lists.0", "Input should be a valid UUID"),
            (
                "POST", ["external_id": .string(String(repeating: "a", count: 37))], "external_id",
                "String should have at most 36 characters"
            ),
            (
                "POST", ["user_data": .string(String(repeating: "a", count: 129))], "user_data",
                "String should have at most 128 characters"
            ),
            ("POST", ["avatar": 1], "avatar", "Input should be a valid string"),
            ("POST", ["attribute": ["attribute_id": "1"]], "attribute.attribute_id", "Input should be a valid UUID"),
            (
                "POST", ["attribute": ["basic_attributes": 1]], "attribute.basic_attributes",
                "Input should be a valid dictionary"
            ),
            ("PATCH", [:], "", "at least 1 field must be specified"),
            ("PATCH", ["lists": []], "lists", "Extra inputs are not permitted"),
            ("PATCH", ["event_id": "1"], "event_id", "Input should be a valid UUID"),
            ("DELETE", ["face_ids": []], "face_ids", "List should have at least 1 item after validation, not 0"),
            ("DELETE", [:], "face_ids", "Field required"),
        ] as [(String, JSONValue, String, String)])
    func aBadBodyNamesItsPath(method: String, body: JSONValue, path: String, message: String) async throws {
        try await withServer { server in
            let place = method == "PATCH" ? "/6/faces/\(try await server.makeFace())" : "/6/faces"
            try await server.send(method, place, body).expectError(
                400, 12022, "Bad/incomplete input data",
                "Failed to validate input json. Path: '\(path)', message: '\(message)'")
        }
    }

    @Test func facesAreListedAndCounted() async throws {
        try await withServer { server in
            let list = try await server.makeList()
            let faces = [
                try await server.makeFace(["external_id": "1", "user_data": "Ann"]),
                try await server.makeFace(["external_id": "2", "user_data": "Bea", "lists": [.string(list)]]),
                try await server.makeFace(["external_id": "3", "user_data": "Beatrix"]),
            ]
            func found(_ query: String) async throws -> [Int] {
                let reply = try await server.send("GET", "/6/faces?" + query).json
                let count = try await server.send("GET", "/6/faces/count?" + query).json
                let ids = reply["faces"]?.array?.compactMap { $0["face_id"]?.string } ?? []
                if !query.contains("page") { #expect(count == ["faces_count": .integer(Int64(ids.count))]) }
                return ids.map { id in faces.firstIndex(of: id) ?? -1 }
            }
            #expect(try await found("") == [2, 1, 0])
            #expect(try await found("page=2&page_size=2") == [0])
            #expect(try await found("user_data=Bea") == [2, 1])
            #expect(try await found("external_ids=1,3") == [2, 0])
            #expect(try await found("list_id=\(list)") == [1])
            #expect(try await found("face_ids=\(faces[0]),\(faces[1])") == [1, 0])
            #expect(try await found("create_time__lt=2020-01-01T00:00:00Z") == [])
            let named = try await server.send("GET", "/6/faces?targets=face_id,lists&face_ids=\(faces[1])").json
            #expect(named == ["faces": [["face_id": .string(faces[1]), "lists": [.string(list)]]]])
            try await server.send("GET", "/6/faces?targets=name").expectError(
                400, 22016, "Bad/incomplete input data",
                "'name' is not valid target; permitted: face_id, account_id, event_id, user_data, create_time, "
                    + "external_id, avatar, lists")
            for name in ["list_id", "face_ids", "event_id", "create_time__gte", "page"] {
                try await server.send("GET", "/6/faces?\(name)=x").expectError(
                    400, 12012, "Bad/incomplete input data", "Bad query parameters '\(name)'")
            }
        }
    }

    @Test func severalGoAtOnce() async throws {
        try await withServer { server in
            let faces = [try await server.makeFace(), try await server.makeFace()]
            let theirs = try await server.makeFace(headers: TestServer.basic(server.stranger))
            func delete(_ ids: [String], _ query: String = "") async throws -> Reply {
                try await server.send("DELETE", "/6/faces\(query)", ["face_ids": .array(ids.map { .string($0) })])
            }
            try await delete([faces[0], theirs]).expectError(
                404, 22002, "Object not found", "Face with id '\(theirs)' not found")
            #expect(try await delete([faces[0], theirs], "?ignore=1").status == 204)
            #expect(try await delete([faces[1]], "?ignore=0").status == 204)
            #expect(try await server.store.faces(Filter()).map(\.id.wire) == [theirs])
        }
    }

    // MARK: What they look like

    @Test func aFaceHasTheAttributesThatItWasGiven() async throws {
        let descriptor = Descriptor.random(), sample = UUID().wire
        try await withServer { server in
            let face = try await server.makeFace(), path = "/6/faces/\(face)/attributes"
            func attributes(_ query: String = "") async throws -> JSONValue? {
                try await server.send("GET", path + query).json["attributes"]
            }
            func count() async throws -> JSONValue? {
                try await server.send("GET", "/6/faces/attributes/count").json["faces_count"]
            }
            let none: JSONValue = [
                "create_time": nil, "face_descriptor": nil, "face_descriptor_samples": [], "basic_attributes": nil,
                "basic_attributes_samples": [],
            ]
            #expect(try await attributes() == none)
            #expect(try await count() == 0)
            let body: JSONValue = [
                "face_descriptors": [.string(descriptor.sdkText)], "face_descriptor_samples": [.string(sample)],
            ]
            #expect(try await server.send("PUT", path, body).status == 204)
            #expect(try await attributes()?["face_descriptor"] == descriptor.rawWire)
            #expect(
                try await attributes("?descriptor_format=sdk&targets=face_descriptor")
                    == ["face_descriptor": ["sdk_descriptor": .string(descriptor.sdkText)]])
            #expect(try await attributes("?descriptor_version=1001")?["face_descriptor"] == descriptor.rawWire)
            #expect(try await attributes("?descriptor_version=46")?["face_descriptor"] == .null)
            #expect(try await server.send("GET", path + "/samples").json == ["samples": [.string(sample)]])
            #expect(try await count() == 1)
            // All of it is replaced.
            let packed = (["basic_attributes": ["age": 9]] as JSONValue).messagePack
            #expect(try await server.sendPacked("PUT", path, packed).status == 204)
            #expect(
                try await attributes("?targets=face_descriptor,basic_attributes") == [
                    "face_descriptor": nil, "basic_attributes": ["age": 9, "gender": nil, "ethnicity": nil],
                ])
            for _ in 0..<2 { #expect(try await server.send("DELETE", path).status == 204) }
            #expect(try await attributes() == none)
            let nobody = "/6/faces/\(UUID().wire)/attributes"
            for method in ["GET", "DELETE"] {
                #expect(try await server.send(method, nobody).json["error_code"] == 22002)
            }
            #expect(try await server.send("PUT", nobody, body).json["error_code"] == 22002)
        }
    }

    @Test func theBytesOfAFaceThatWasDeletedAreInNoFile() async throws {
        let descriptor = Descriptor.random()
        try await withServer { server in
            func isAnywhere() throws -> Bool {
                let files = try FileManager.default.contentsOfDirectory(
                    at: server.directory, includingPropertiesForKeys: nil)
                return try files.contains {
                    try !$0.hasDirectoryPath && Data(contentsOf: $0).range(of: Data(descriptor.bytes.prefix(64))) != nil
                }
            }
            let attribute = try await server.makeAttribute(["face_descriptors": [descriptor.rawWire]])
            let face = try await server.makeFace(["attribute": ["attribute_id": .string(attribute)]])
            #expect(try isAnywhere())
            #expect(try await server.send("DELETE", "/6/attributes/\(attribute)").status == 204)
            #expect(try isAnywhere())
            #expect(try await server.send("DELETE", "/6/faces/\(face)").status == 204)
            #expect(try !isAnywhere())
        }
    }

    // MARK: Whether anybody is known again

    @Test func withoutRecognitionNothingOfItIsThere() async throws {
        try await withServer { settings in
            settings.recognition = .off
        } _: { server in
            let paths = server.entries.filter { entry in
                ["faces", "lists", "attributes", "extractor"].contains { entry.path.hasPrefix("/6/\($0)") }
            }
            #expect(paths.count == 30)
            for entry in paths {
                let reply = try await server.send(entry.method.rawValue, entry.path(id: UUID()), [:])
                #expect(reply.status == 403, "\(entry.name)")
                if entry.method != .head {
                    try reply.expectError(
                        403, 11055, "Forbidden", "License problem: Recognition feature disabled")
                }
                #expect(
                    try await server.send(entry.method.rawValue, entry.path(id: UUID()), headers: [:]).status == 403)
            }
            #expect(try await server.send("GET", "/6/samples/faces/\(UUID().wire)").json["error_code"] == 13003)
        }
    }

    @Test func aTokenForListsSeesNoFace() async throws {
        try await withServer { server in
            let list = try await server.makeList()
            let face = try await server.makeFace(["lists": [.string(list)]])
            let headers = try await server.token(["list": ["view", "modification", "deletion"]])
            #expect(try await server.send("GET", "/6/lists/\(list)", headers: headers).status == 200)
            for path in [
                "/6/faces", "/6/faces?list_id=\(list)", "/6/faces/count", "/6/faces/\(face)", "/6/faces/logs",
                "/6/faces/\(face)/attributes", "/6/faces/\(face)/attributes/samples", "/6/faces/attributes/count",
            ] {
                try await server.send("GET", path, headers: headers).expectError(
                    403, 11059, "Forbidden",
                    "Request denied due to token restrictions, required 'view' permission for 'face'")
            }
            // Nor does it take one away with its list.
            for (path, body) in [
                ("/6/lists/\(list)?with_faces=1", nil), ("/6/lists?with_faces=1", ["list_ids": [.string(list)]]),
            ] as [(String, JSONValue?)] {
                try await server.send("DELETE", path, body, headers: headers).expectError(
                    403, 11059, "Forbidden",
                    "Request denied due to token restrictions, required 'deletion' permission for 'face'")
            }
            #expect(try await server.send("DELETE", "/6/lists/\(list)", headers: headers).status == 204)
            #expect(try await server.store.faceCount(Filter()) == 1)
        }
    }
}
