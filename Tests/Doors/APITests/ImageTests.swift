import DecodeWorker
import DoorSupport
import Foundation
import HTTPEdge
import HTTPTypes
import JSON
import Media
import ProcessSupport
import Records
import Store
import Testing
import WorkerSupport

@testable import API

/// `/6/images` and `/6/samples/…`, over HTTP.
struct ImageTests {
    /// One frame, as the command `ffmpeg` writes it.
    static func picture(_ type: String, size: String = "250x250") throws -> Data {
        let ending = ["image/x-portable-pixmap": "ppm", "image/jpeg": "jpg"][type] ?? String(type.dropFirst(6))
        let file = FileManager.default.temporaryDirectory.appending(path: "\(UUID().uuidString).\(ending)")
        defer { try? FileManager.default.removeItem(at: file) }
        try ChildProcess.output(of: [
            "ffmpeg", "-v", "error", "-f", "lavfi", "-i", "testsrc2=s=\(size)", "-frames:v", "1", file.path,
        ])
        return try Data(contentsOf: file)
    }
    private static func send(
        _ server: TestServer, _ path: String, _ body: Data, type: String, headers: [String: String] = [:]
    ) async throws -> Reply {
        try await server.sendRaw(
            "POST", path,
            headers: TestServer.basic(server.user).merging(["Content-Type": type]) { $1 }.merging(headers) { $1 },
            body: body)
    }

    @Test(arguments: ["image/jpeg", "image/png", "image/bmp", "image/tiff", "image/x-portable-pixmap"])
    func anImageIsKeptAndOthersThanJPEGAndPNGBecomeJPEGs(type: String) async throws {
        try await withServer { server in
            let body = try Self.picture(type)
            let created = try await Self.send(
                server, "/6/images?ttl=1", body, type: type,
                headers: ["X-Luna-Meta-Gate": "north", "x-luna-meta-shift": "2"])
            #expect(created.status == 201)
            let id = try #require(try created.json["image_id"]?.string)
            #expect(created.headers["location"] == "/6/images/\(id)")
            #expect(try created.json["external_url"] == .string("http://localhost/6/images/\(id)"))
            let isKept = ["image/jpeg", "image/png"].contains(type)
            let reply = try await server.send("GET", "/6/images/\(id)")
            #expect(reply.status == 200)
            #expect(reply.headers["content-type"] == (isKept ? type : "image/jpeg"))
            #expect(isKept ? reply.body == body : reply.body.starts(with: [0xff, 0xd8]))
            #expect(reply.headers["x-luna-meta-gate"] == nil)
            for method in ["GET", "HEAD"] {
                let told = try await server.send(method, "/6/images/\(id)?with_meta=1")
                #expect(told.headers["x-luna-meta-gate"] == "north" && told.headers["x-luna-meta-shift"] == "2")
            }
            #expect(try await server.send("DELETE", "/6/images/\(id)").status == 204)
            try await server.send("GET", "/6/images/\(id)").expectError(
                404, 13003, "Object not found", "Image with id '\(id)' not found")
        }
    }

    /// Its decoder dies before it has looked at it.
    @Test func aPictureThatKillsItsDecoderIsRefusedLikeOneThatIsNone() async throws {
        var stills = TestWorkers.opener(MediaConfiguration(), trap: WorkerTrap(.crash, at: -1)).stills
        stills.trap = WorkerTrap(.crash, at: -1)
        try await withServer(stills: stills) { server in
            let body = try Self.picture("image/png")
            try await Self.send(server, "/6/images", body, type: "image/png").expectError(
                400, 18002, "Bad/incomplete input data", "Failed convert bytes to jpg")
            #expect(try await server.send("GET", "/6/healthcheck").status == 200)
        }
    }

    /// Else it would come back as something else.
    @Test func aHeaderOfAnImageThatIsNotUTF8IsRefused() async throws {
        try await withServer { server in
            let body = try Self.picture("image/png")
            for (value, isText) in [(Data([0x4e, 0xfc, 0x72]), false), (Data("Nür".utf8), true)] {
                let authorization = TestServer.basic(server.user)["Authorization"] ?? ""
                let head = """
                    POST /6/images HTTP/1.1\r\nHost: localhost\r\nAuthorization: \(authorization)\r
                    Content-Type: image/png\r\nContent-Length: \(body.count)\r\nConnection: close\r\nX-Luna-Meta-Gate: \u{20}
                    """
                let answer = try await RawConnection.open(port: server.port) { connection in
                    try await connection.write(Data(head.utf8) + value + Data("\r\n\r\n".utf8) + body)
                    return String(decoding: try await connection.readToEnd(), as: UTF8.self)
                }
                #expect(answer.hasPrefix(isText ? "HTTP/1.1 201" : "HTTP/1.1 400"))
                #expect(isText || answer.contains("Bad header 'X-Luna-Meta-Gate': its value is not UTF-8"))
            }
            #expect(try await server.store.objectTotals().count == 1)
        }
    }

    @Test func whatIsNoImageIsRefused() async throws {
        try await withServer { server in
            let bad: [(Data, String, Int64)] = try [
                (Data("no picture".utf8), "image/jpeg", 18002), (Data(), "image/png", 18002),
                (Data(Self.picture("image/png").prefix(900)), "image/png", 18002),
                (Self.picture("image/png"), "text/plain", 12017), (Self.picture("image/png"), "image/gif", 12017),
            ]
            for path in ["/6/images", "/6/samples/faces", "/6/samples/bodies"] {
                for (body, type, code) in bad {
                    let reply = try await Self.send(server, path, body, type: type)
                    #expect(reply.status == 400)
                    #expect(try reply.json["error_code"] == .integer(code), "\(path) \(type)")
                }
            }
            #expect(try await server.store.objectTotals().count == 0)
        }
    }

    @Test func anImageWithTooManyPixelsIsRefused() async throws {
        try await withServer {
            $0.maximumPixels = 249 * 250
        } _: { server in
            let reply = try await Self.send(server, "/6/images", Self.picture("image/png"), type: "image/png")
            try reply.expectError(400, 18002, "Bad/incomplete input data", "Failed convert bytes to jpg")
        }
    }

    @Test func samplesHaveTheirPathsAndThoseOfFacesTheirSize() async throws {
        try await withServer { server in
            try await Self.send(
                server, "/6/samples/faces", Self.picture("image/jpeg", size: "250x248"), type: "image/jpeg"
            ).expectError(400, 11030, "Bad/incomplete input data", "Image size is not equal to 250x250")
            let face = try await Self.send(
                server, "/6/samples/faces", Self.picture("image/bmp"), type: "image/bmp")
            let body = try await Self.send(
                server, "/6/samples/bodies", Self.picture("image/png", size: "48x128"), type: "image/png")
            #expect(face.status == 201 && body.status == 201)
            let faceID = try #require(try face.json["sample_id"]?.string)
            let bodyID = try #require(try body.json["sample_id"]?.string)
            #expect(try face.json == ["sample_id": .string(faceID), "url": .string("/6/samples/faces/\(faceID)")])
            #expect(body.headers["location"] == "/6/samples/bodies/\(bodyID)")
            // Each is found by its own paths, those of faces by the two from before as well.
            let paths = ["/6/samples/faces", "/6/samples/bodies", "/6/samples", "/5/samples", "/6/images"]
            for (id, found) in [(faceID, [200, 404, 200, 200, 404]), (bodyID, [404, 200, 404, 404, 404])] {
                for (path, status) in zip(paths, found) {
                    for method in ["GET", "HEAD"] {
                        let reply = try await server.send(method, "\(path)/\(id)")
                        #expect(reply.status == status, "\(method) \(path)")
                        if status == 200 { #expect(reply.headers["content-type"]?.hasPrefix("image/") == true) }
                    }
                }
            }
            #expect(try await server.send("DELETE", "/5/samples/\(faceID)").status == 204)
            #expect(try await server.send("GET", "/6/samples/faces/\(faceID)").status == 404)
        }
    }

    @Test func theDisksReserveAndAQuotaAreTold() {
        #expect(APIError(StoreError.quotaExceeded(limit: 5))?.code == 90_001)
        #expect(APIError(StoreError.quotaExceeded(limit: 5))?.status == .forbidden)
        #expect(APIError(StoreError.noRoomForObjects)?.status.code == 507)
    }
}
