import DoorSupport
import Foundation
import HTTPEdge
import JSON
import LogSupport
import Records
import Store
import Testing

@testable import API

/// `/6/objects`, over HTTP.
struct ObjectTests {
    private static func store(
        _ server: TestServer, _ body: Data, type: String = "text/plain", query: String = ""
    ) async throws -> Reply {
        try await server.sendRaw(
            "POST", "/6/objects" + query, headers: TestServer.basic(server.user).merging(["Content-Type": type]) { $1 },
            body: body)
    }
    private static func id(_ reply: Reply) throws -> String { try #require(try reply.json["object_id"]?.string) }

    @Test func anObjectIsGivenBackAsItCame() async throws {
        try await withServer { server in
            let body = Data((0..<500_000).map { UInt8(truncatingIfNeeded: $0 &* 31) })
            let created = try await Self.store(server, body, type: "Application/JSON; charset=utf-8", query: "?ttl=7")
            #expect(created.status == 201)
            let id = try Self.id(created)
            #expect(created.headers["location"] == "/6/objects/\(id)")
            #expect(
                try created.json == [
                    "object_id": .string(id), "url": .string("/6/objects/\(id)"),
                    "external_url": .string("http://localhost/6/objects/\(id)"),
                ])
            for method in ["GET", "HEAD"] {
                let reply = try await server.send(method, "/6/objects/\(id)")
                #expect(reply.status == 200)
                #expect(reply.body == (method == "GET" ? body : Data()))
                #expect(reply.headers["content-type"] == "Application/JSON; charset=utf-8")
                #expect(reply.headers["content-length"] == "500000")
                #expect(reply.headers["content-disposition"] == "attachment; filename='\(id).json'")
                let expiry = Date.now.addingTimeInterval(7 * 86_400).calendarDate
                #expect(reply.headers["x-luna-expiry-date"] == expiry)
                #expect(reply.headers["etag"] == "\"\(id)\"" && reply.headers["accept-ranges"] == "bytes")
                #expect(reply.headers["x-content-type-options"] == "nosniff")
            }
            #expect(try await server.send("DELETE", "/6/objects/\(id)").status == 204)
            for method in ["GET", "DELETE"] {
                try await server.send(method, "/6/objects/\(id)").expectError(
                    404, 13007, "Object not found", "Object with id '\(id)' not found")
            }
            #expect(try await server.send("HEAD", "/6/objects/\(id)").body.isEmpty)
        }
    }

    @Test(arguments: [nil, 0, 9])
    func anObjectWhoseBytesAreNotAllThereIsOurFault(left: Int?) async throws {
        try await withServer { server in
            let id = try Self.id(try await Self.store(server, Data("0123456789".utf8)))
            let folder = server.directory.appending(path: "objects/\(id.prefix(2))/\(id.dropFirst(2).prefix(2))")
            let file = folder.appending(path: id)
            if let left {
                try Data("0123456789".utf8.prefix(left)).write(to: file)
            } else {
                try FileManager.default.removeItem(at: file)
            }
            for method in ["GET", "HEAD"] {
                for headers in [[:], ["Range": "bytes=0-1"]] {
                    let reply = try await server.send(
                        method, "/6/objects/\(id)", headers: TestServer.basic(server.user).merging(headers) { $1 })
                    #expect(reply.status == 500 && reply.headers["etag"] == nil)
                    if method == "GET" { #expect(try reply.json["error_code"] == 11009) }
                }
            }
            let reason = left.map { "has \($0) of its 10 bytes" } ?? "is missing"
            #expect(server.log.lines.contains { $0.contains("the file of object \(id) \(reason)") })
        }
    }

    @Test func withoutAnEndItSaysSo() async throws {
        try await withServer { server in
            for query in ["", "?ttl=-1"] {
                let id = try Self.id(try await Self.store(server, Data("a".utf8), query: query))
                #expect(try await server.send("GET", "/6/objects/\(id)").headers["x-luna-expiry-date"] == "")
            }
        }
    }

    @Test func partsAreGivenAsTheyAreAskedFor() async throws {
        try await withServer { server in
            let id = try Self.id(try await Self.store(server, Data("0123456789".utf8)))
            func get(_ headers: [String: String]) async throws -> Reply {
                try await server.send(
                    "GET", "/6/objects/\(id)", headers: TestServer.basic(server.user).merging(headers) { $1 })
            }
            let part = try await get(["Range": "bytes=2-4"])
            #expect(part.status == 206 && part.body == Data("234".utf8))
            #expect(part.headers["content-range"] == "bytes 2-4/10" && part.headers["content-length"] == "3")
            let end = try await get(["Range": "bytes=-3", "If-Range": "\"\(id)\""])
            #expect(end.status == 206 && end.body == Data("789".utf8))
            #expect(try await get(["Range": "bytes=-3", "If-Range": "\"other\""]).status == 200)
            #expect(try await get(["Range": "bytes=1-2,4-5"]).body == Data("0123456789".utf8))
            let beyond = try await get(["Range": "bytes=10-"])
            #expect(beyond.status == 416 && beyond.headers["content-range"] == "bytes */10")
            #expect(try beyond.json["error_code"] == 90_003)
            let known = try await get(["If-None-Match": "\"x\", \"\(id)\""])
            #expect(known.status == 304 && known.body.isEmpty)
        }
    }

    @Test(arguments: [
        ("", "?ttl=8", 400, 12012), ("", "?ttl=a", 400, 12012), ("text/plain", "", 400, 12030),
        ("text", "", 415, 12024), ("text/", "", 415, 12024), ("t(x)/plain", "", 415, 12024),
    ])
    func whatCannotBeStoredIsRefused(type: String, query: String, status: Int, code: Int64) async throws {
        try await withServer { server in
            let body = code == 12030 ? Data() : Data("a".utf8)
            let reply = try await Self.store(server, body, type: type.isEmpty ? "text/plain" : type, query: query)
            #expect(reply.status == status)
            #expect(try reply.json["error_code"] == .integer(code))
            #expect(try await server.store.objectTotals().count == 0)
        }
    }

    @Test func withoutAContentTypeNothingIsStored() async throws {
        try await withServer { server in
            try await server.sendRaw(
                "POST", "/6/objects", headers: TestServer.basic(server.user), body: Data("a".utf8)
            ).expectError(400, 12017, "Bad/incomplete input data", "Bad content type")
        }
    }

    @Test func moreThanTheLimitIsRefusedAndLeavesNothing() async throws {
        try await withServer {
            $0.objectLimit = 1 << 20
        } _: { server in
            let reply = try await Self.store(server, Data(count: 1 << 20 + 1))
            try reply.expectError(413, 37003, "Payload too large", "Request payload is too large")
            #expect(try await Self.store(server, Data(count: 1 << 20)).status == 201)
            #expect(try await server.store.objectTotals().count == 1)
        }
    }

    @Test(arguments: [
        ("text/csv", "csv"), ("image/JPEG", "jpg"), ("application/x-unheard-of", "bin"),
        ("video/mp4; codecs=avc1", "mp4"),
    ])
    func theExtensionFollowsTheType(type: String, expected: String) {
        #expect(MediaType.fileExtension(of: type) == expected)
    }
}
