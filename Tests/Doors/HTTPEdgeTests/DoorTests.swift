import DoorSupport
import Foundation
import Hummingbird
import JSON
import LogSupport
import NIOCore
import Testing

@testable import HTTPEdge

struct DoorTests {
    private static let golden = ["Key": "golden"]

    @Test func eachDoorRefusesInItsOwnShape() async throws {
        try await withDoors { listener in
            let json = ["Content-Type": "application/json"].merging(Self.golden) { $1 }
            for (method, path, headers, body, objects, words) in [
                ("GET", "nowhere/at/all", [:], "", "pageNotFound", "no: pageNotFound"),
                ("POST", "open", json, "{", "notJSON", "no: notJSON"),
                ("POST", "open", Self.golden, "1", "badContentType", "no: badContentType"),
            ] {
                let root = try await listener.send(method, "/\(path)", headers: headers, body: Data(body.utf8))
                #expect(root.status == 400 && root.headers["content-type"] == "application/json")
                #expect(try root.json == ["refusal": .string(objects)])
                let under = path == "open" ? "/jobs" : "/jobs/\(path)"
                let other = try await listener.send(method, under, headers: headers, body: Data(body.utf8))
                #expect(other.status == 409 && other.headers["content-type"] == "text/plain" && other.text == words)
                for reply in [root, other] {
                    #expect(reply.headers["luna-request-id"] != nil)
                    #expect(reply.headers["access-control-allow-origin"] == "*")
                }
            }
            let violation = try await listener.send("POST", "/jobs", headers: json, body: Data("{}".utf8))
            #expect(violation.status == 409 && violation.text.hasPrefix("no: badBody("))
            let removal = try await listener.send("DELETE", "/jobs/1")
            #expect(removal.status == 409 && removal.headers["allow"] == "GET, OPTIONS")
        }
    }

    @Test(arguments: ["close", "keep-alive"])
    func clientsOfAnOldVersionAreAnsweredInIt(connection: String) async throws {
        let words = "a few words, and then some"
        try await withDoors(objects: { table in
            table.add(
                "/long",
                .get { _ in
                    Response(
                        status: .ok,
                        body: ResponseBody { writer in
                            for word in words.split(separator: " ") {
                                try await writer.write(ByteBuffer(string: "\(word) "))
                            }
                            try await writer.finish(nil)
                        })
                })
        }) { listener in
            for (path, length, text) in [("/long", nil, "\(words) "), ("/open", "6", #""open""#)] {
                let head = "GET \(path) HTTP/1.0\r\nConnection: \(connection)\r\n\r\n"
                let bytes = try await RawConnection.open(port: listener.port) { connection in
                    try await connection.write(head)
                    return try await connection.readToEnd()
                }
                let reply = try Reply(bytes)
                #expect(bytes.starts(with: Data("HTTP/1.0 200 OK".utf8)) && reply.text == text)
                #expect(reply.headers["transfer-encoding"] == nil && reply.headers["content-length"] == length)
                #expect(reply.headers["connection"] == "close")
            }
        }
    }

    @Test func whatIsThrownBehindADoorIsAnsweredByIt() async throws {
        try await withDoors { listener in
            #expect(try await listener.send("GET", "/items/7").json == ["refusal": "closed"])
            let job = try await listener.send("GET", "/jobs/7", headers: ["Key": "silver"])
            #expect(job.status == 401 && job.text == "no key")
            #expect(try await listener.send("GET", "/jobs/7", headers: Self.golden).text == "job 7")
            #expect(try await listener.send("GET", "/items/7", headers: ["Key": "silver"]).text == "silver 7")

            #expect(try await listener.send("GET", "/broken").json == ["refusal": "internalError"])
            #expect(listener.log.lines.contains { $0.hasPrefix("error Request failed") && $0.contains("Broken()") })
        }
    }

    @Test func aPrefixEndsWhereAComponentDoes() async throws {
        try await withDoors { listener in
            for path in ["/jobsandmore", "/job", "/", "/more/jobs"] {
                let reply = try await listener.send("GET", path)
                #expect(reply.status == 400)
            }
            for path in ["/jobs", "/jobs/", "/jobs/1/2", "/jobs?page=1"] {
                let reply = try await listener.send("GET", path)
                #expect(reply.status == 409)
            }
        }
    }

    @Test func requestsAreCountedByTheirTemplate() async throws {
        try await withDoors { listener in
            for path in ["/jobs/1", "/jobs/2", "/nowhere", "/jobs/1/2"] { _ = try await listener.send("GET", path) }
            let counts = listener.metrics.all.map { "\($0.key.route) \($0.key.status) \($0.value.count)" }
            #expect(counts == ["GET:* 400 1", "GET:* 409 1", "GET:/jobs/{job} 401 2"])
        }
    }

    @Test func aDoorListsItsOperations() {
        let door = Door.words { $0.socket("/jobs/{job}/feed", "golden") { _ in WebSocketSession { _ in .normal } } }
        #expect(
            door.operations == [
                "GET /jobs/{job}", "OPTIONS /jobs/{job}", "POST /jobs", "OPTIONS /jobs", "GET /jobs/{job}/feed",
                "OPTIONS /jobs/{job}/feed",
            ])
        #expect(door.entries.map { $0.access as? String } == ["golden", "golden", "golden"])
    }

    @Test func aResourceSaysWhatItAllows() async throws {
        try await withDoors { listener in
            let options = try await listener.send("OPTIONS", "/open")
            #expect(options.status == 200 && options.body.isEmpty && options.headers["allow"] == "GET, POST, OPTIONS")
            #expect(options.headers["access-control-allow-methods"] == "*")
            for method in ["PUT", "TRACE", "PROPFIND", "HEAD"] {
                let reply = try await listener.send(method, "/open")
                #expect(reply.status == 400 && reply.headers["allow"] == "GET, POST, OPTIONS")
            }
        }
    }

    @Test(arguments: [
        ("/items/first", "first"), ("/items/second", "silver second"), ("//items///first/", "first"),
        ("/items/%66irst", "silver %66irst"),
    ])
    func aSpelledOutComponentComesBeforeAParameter(path: String, text: String) async throws {
        try await withDoors { listener in
            let reply = try await listener.send("GET", path, headers: ["Key": "silver"])
            #expect(reply.text == text)
        }
    }

    @Test func aTreeFindsTheValueOfAPath() {
        var tree = PathTree<Int>()
        for (index, path) in ["/", "/a/b", "/a/{x}", "/a/{x}/c", "/{y}/{z}/{x}"].enumerated() {
            tree.add(index, at: path)
        }
        for (path, value) in [
            ("/", 0), ("", 0), ("/a", nil), ("/a/b", 1), ("/a/x", 2), ("/a/b/c", 3), ("/a/b/d", 4), ("/q/b/c", 4),
            ("/a/b/c/d", nil),
        ] as [(Substring, Int?)] { #expect(tree[path] == value, "\(path)") }
    }
}
