import DoorSupport
import Foundation
import JSON
import Records
import Store
import Testing

@testable import API

struct FaceListTests {
    @Test func aListIsMadeShownChangedAndDeleted() async throws {
        try await withServer { server in
            let reply = try await server.send("POST", "/6/lists", ["user_data": "staff"])
            let id = try #require(try reply.json["list_id"]?.string), path = "/6/lists/\(id)"
            #expect(reply.status == 201 && reply.headers["location"] == path)
            #expect(try reply.json.object?.count == 3 && reply.json["url"]?.string == path)
            let list = try await server.send("GET", path).json
            #expect(list["list_id"]?.string == id && list["account_id"]?.string == server.user.id.wire)
            #expect(list["user_data"] == "staff" && list["create_time"] == list["last_update_time"])
            #expect(list.object?.count == 5)
            #expect(try await server.send("HEAD", path).status == 200)
            #expect(try await server.send("PATCH", path, ["user_data": "guests"]).status == 204)
            #expect(try await server.send("GET", path).json["user_data"] == "guests")
            #expect(try await server.send("GET", "/6/lists/\(server.makeList())").json["user_data"] == "")
            #expect(try await server.send("DELETE", path).status == 204)
            for (method, body) in [("GET", nil), ("DELETE", nil), ("PATCH", ["user_data": ""])]
                as [(String, JSONValue?)]
            {
                try await server.send(method, path, body).expectError(
                    404, 22003, "Object not found", "List with id '\(id)' not found")
            }
        }
    }

    @Test func aListMayKeepFacesForSomeDaysOnly() async throws {
        try await withServer { server in
            let path = "/6/lists/" + (try await server.makeList(["face_ttl": 30]))
            func days() async throws -> JSONValue? { try await server.send("GET", path).json["face_ttl"] }
            #expect(try await days() == 30)
            #expect(try await server.send("PATCH", path, ["user_data": "x"]).status == 204)
            #expect(try await days() == 30)
            #expect(try await server.send("PATCH", path, ["face_ttl": 7]).status == 204)
            #expect(try await days() == 7)
            #expect(try await server.send("PATCH", path, ["face_ttl": nil]).status == 204)
            #expect(try await days() == nil)
        }
    }

    @Test func listsAreFilteredAndCounted() async throws {
        try await withServer { server in
            let lists = [
                try await server.makeList(["user_data": "staff"]), try await server.makeList(["user_data": "staff 2"]),
                try await server.makeList(),
            ]
            func found(_ query: String) async throws -> [Int] {
                let reply = try await server.send("GET", "/6/lists?" + query).json
                let count = try await server.send("GET", "/6/lists/count?" + query).json
                let ids = reply["lists"]?.array?.compactMap { $0["list_id"]?.string } ?? []
                if !query.contains("page") { #expect(count == ["lists_count": .integer(Int64(ids.count))]) }
                return ids.map { id in lists.firstIndex(of: id) ?? -1 }
            }
            #expect(try await found("") == [2, 1, 0])
            #expect(try await found("page_size=1&page=3") == [0])
            #expect(try await found("user_data=staff") == [1, 0])
            #expect(try await found("user_data__eq=staff") == [0])
            #expect(try await found("list_ids=\(lists[1])") == [1])
            #expect(try await found("last_update_time__lt=2020-01-01T00:00:00Z") == [])
            #expect(try await found("create_time__gte=2020-01-01T00:00:00Z") == [2, 1, 0])
        }
    }

    @Test func facesAreAttachedAndDetached() async throws {
        try await withServer { server in
            let list = try await server.makeList(), face = try await server.makeFace()
            let theirs = try await server.makeFace(headers: TestServer.basic(server.stranger))
            func link(_ action: String, _ faces: [String], _ list: String) async throws -> Reply {
                try await server.send(
                    "PATCH", "/6/lists/\(list)/faces",
                    ["action": .string(action), "face_ids": .array(faces.map { .string($0) })])
            }
            func lists() async throws -> JSONValue? { try await server.send("GET", "/6/faces/\(face)").json["lists"] }
            for missing in [theirs, UUID().wire] {
                try await link("attach", [face, missing], list).expectError(
                    400, 22004, "Object not found", "One or more faces not found, including face with id '\(missing)'")
            }
            #expect(try await lists() == [])
            for _ in 0..<2 {
                #expect(try await link("attach", [face], list).status == 204)
                #expect(try await lists() == [.string(list)])
            }
            for _ in 0..<2 {
                #expect(try await link("detach", [face], list).status == 204)
                #expect(try await lists() == [])
            }
            let nobody = UUID().wire, foreign = try await server.makeList(headers: TestServer.basic(server.stranger))
            for absent in [nobody, foreign] {
                try await link("attach", [face], absent).expectError(
                    404, 22003, "Object not found", "List with id '\(absent)' not found")
            }
        }
    }

    @Test func listsGoWithTheirFacesWhereThatIsAskedFor() async throws {
        try await withServer { server in
            let lists = [try await server.makeList(), try await server.makeList(), try await server.makeList()]
            let kept = try await server.makeFace(["lists": [.string(lists[0])]])
            let gone = try await server.makeFace(["lists": [.string(lists[1])]])
            let also = try await server.makeFace(["lists": [.string(lists[2])]])
            func delete(_ ids: [String], _ query: String = "") async throws -> Reply {
                try await server.send("DELETE", "/6/lists\(query)", ["list_ids": .array(ids.map { .string($0) })])
            }
            let absent = UUID().wire
            for query in ["", "?with_faces=1"] {
                try await delete([lists[0], absent], query).expectError(
                    404, 22003, "Object not found", "List with id '\(absent)' not found")
            }
            #expect(try await delete([lists[0]], "?with_faces=0").status == 204)
            #expect(try await delete([lists[1]], "?with_faces=1").status == 202)
            #expect(try await server.send("DELETE", "/6/lists/\(lists[2])?with_faces=1").status == 202)
            #expect(try await server.store.listCount(Filter()) == 0)
            #expect(try await server.send("HEAD", "/6/faces/\(kept)").status == 200)
            for face in [gone, also] { #expect(try await server.send("HEAD", "/6/faces/\(face)").status == 404) }
        }
    }

    @Test(
        arguments: [
            ("POST", "", ["name": "x"], "name", "Extra inputs are not permitted"),
            (
                "POST", "", ["user_data": .string(String(repeating: "a", count: 129))], "user_data",
                "String should have at most 128 characters"
            ),
            ("POST", "", ["face_ttl": 0], "face_ttl", "Input should be greater than or equal to 1"),
            ("PATCH", "/ID", [:], "", "at least 1 field must be specified"),
            ("DELETE", "", ["list_ids": []], "list_ids", "List should have at least 1 item after validation, not 0"),
            ("PATCH", "/ID/faces", ["face_ids": ["1"]], "action", "Field required"),
            (
                "PATCH", "/ID/faces", ["action": "move", "face_ids": []], "action",
                "Input should be 'attach' or 'detach'"
            ),
            (
                "PATCH", "/ID/faces", ["action": "attach", "face_ids": []], "face_ids",
                "List should have at least 1 item after validation, not 0"
            ),
            (
                "PATCH", "/ID/faces", ["action": "attach", "face_ids": ["1"]], "face_ids.0",
                "Input should be a valid UUID"
            ),
        ] as [(String, String, JSONValue, String, String)])
    func aBadBodyNamesItsPath(
        method: String, place: String, body: JSONValue, path: String, message: String
    ) async throws {
        try await withServer { server in
            let list = try await server.makeList()
            try await server.send(method, "/6/lists" + place.replacing("ID", with: list), body).expectError(
                400, 12022, "Bad/incomplete input data",
                "Failed to validate input json. Path: '\(path)', message: '\(message)'")
        }
    }
}
