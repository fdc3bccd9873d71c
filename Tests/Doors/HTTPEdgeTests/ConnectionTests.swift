import DoorSupport
import Foundation
import JSON
import LogSupport
import Synchronization
import Testing

@testable import HTTPEdge

/// What connections do before, between and after requests, and with bodies.
struct ConnectionTests {
    @Test(arguments: [
        "nonsense\r\n\r\n", "GET /open HTTP/9.9\r\n\r\n", "FLY /open HTTP/1.1\r\n\r\n",
        "GET /open HTTP/1.1\r\nno colon here\r\n\r\n",
        "POST /open HTTP/1.1\r\nHost: a\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\n",
        "\u{16}\u{3}\u{1}\u{2}\u{0}\u{1}",
    ])
    func whatIsNoHTTPIsToldSoByTheDoorOfAllOtherPaths(bytes: String) async throws {
        try await withDoors { listener in
            let reply = try await listener.send(raw: Data(bytes.utf8))
            #expect(reply.status == 400)
            #expect(try reply.json == ["refusal": "unreadable"])
            #expect(reply.headers["connection"] == "close")
            #expect(reply.headers["access-control-allow-origin"] == "*")
            let id = try #require(reply.headers["luna-request-id"])
            #expect(listener.log.lines.contains { $0.contains("Unreadable request") && $0.contains(id) })
            #expect(listener.metrics.all.map { "\($0.key.route) \($0.key.status) \($0.value.count)" } == ["*:* 400 1"])
            #expect(try await listener.send("GET", "/open").status == 200)
        }
    }

    @Test func garbageAfterAGoodRequestEndsTheConnectionWithAnError() async throws {
        try await withDoors { listener in
            let reply = try await RawConnection.open(port: listener.port) { connection in
                try await connection.write("GET /open HTTP/1.1\r\nHost: a\r\n\r\n")
                let first = try Reply(try await connection.read(through: "\r\n\r\n"))
                #expect(first.status == 200)
                let length = try #require(first.headers["content-length"].flatMap { Int($0) })
                _ = try await connection.read(count: length)
                try await connection.write("nonsense\r\n\r\n")
                return try Reply(await connection.readToEnd())
            }
            #expect(reply.status == 400)
            #expect(try reply.json == ["refusal": "unreadable"])
            #expect(listener.metrics.all.map(\.key.route) == ["*:*", "GET:/open"])
        }
    }

    @Test func headersWithoutEndAreNotHeld() async throws {
        try await withDoors { listener in
            let line = "X-Padding: \(String(repeating: "a", count: 4000))\r\n"
            let head = "GET /open HTTP/1.1\r\nHost: a\r\n\(String(repeating: line, count: 64))\r\n"
            let reply = try await listener.send(raw: Data(head.utf8))
            #expect(reply.status == 400)
            #expect(try reply.json == ["refusal": "unreadable"])
        }
    }

    @Test func oneConnectionServesManyRequests() async throws {
        try await withDoors { listener in
            try await RawConnection.open(port: listener.port) { connection in
                for _ in 0..<3 {
                    try await connection.write("GET /open HTTP/1.1\r\nHost: localhost\r\n\r\n")
                    let reply = try Reply(try await connection.read(through: "\r\n\r\n"))
                    let length = try #require(reply.headers["content-length"].flatMap { Int($0) })
                    #expect(reply.status == 200)
                    _ = try await connection.read(count: length)
                }
            }
        }
    }

    @Test(arguments: [
        "", "GET /open HTTP/1.1\r\nHost: a\r\n", "GET /jobs/1/feed HTTP/1.1\r\nUpgrade: websocket\r\nConn",
    ])
    func whoLeavesInTheMidstOfAHeadIsAnsweredAndCountedAsNoRequest(text: String) async throws {
        try await withDoors({ $0.headTimeout = .seconds(600) }) { listener in
            try await RawConnection.open(20, port: listener.port) { connections in
                for connection in connections { try await connection.write(text) }
            }
            // They come through the same door and were there before.
            #expect(try await listener.send("GET", "/open").status == 200)
            while listener.metrics.limits.connections.load(ordering: .relaxed) > 0 {
                try await Task.sleep(for: .milliseconds(2))
            }
            #expect(listener.metrics.all.map { "\($0.key.route) \($0.key.status)" } == ["GET:/open 200"])
            #expect(!listener.log.lines.contains { $0.contains("Unreadable") })
        }
    }

    // MARK: Bodies

    @Test func aBodyThatIsCutOffIsNoFailureOfOurs() async throws {
        try await withDoors { listener in
            try await RawConnection.open(port: listener.port) { connection in
                try await connection.write(
                    """
                    POST /open HTTP/1.1\r\nHost: a\r\nContent-Type: application/json\r\nContent-Length: 100\r\n\r\n{"name":
                    """)
            }
            while listener.metrics.all.isEmpty { try await Task.sleep(for: .milliseconds(2)) }
            #expect(!listener.log.lines.contains { $0.contains("Request failed") })
        }
    }

    private static let json = ["Content-Type": "application/json"]

    @Test(arguments: [
        ("/open", 1000, 200), ("/open", 1001, 400), ("/large", 1001, 200), ("/large", 5000, 200), ("/large", 5001, 400),
    ])
    func eachOperationHasItsOwnLimit(path: String, length: Int, status: Int) async throws {
        try await withDoors({ $0.bodyLimit = 1000 }) { listener in
            let body = Data("1".utf8) + Data(repeating: 0x20, count: length - 1)
            let whole = try await listener.send("POST", path, headers: Self.json, body: body)
            let chunked = try await listener.send(
                raw: Data(
                    """
                    POST \(path) HTTP/1.1\r\nHost: a\r\nContent-Type: application/json\r\nConnection: close\r\n\
                    Transfer-Encoding: chunked\r\n\r\n\(String(length, radix: 16))\r\n
                    """.utf8) + body + Data("\r\n0\r\n\r\n".utf8))
            for reply in [whole, chunked] {
                #expect(reply.status == status)
                #expect(try reply.json == (status == 200 ? 1 : ["refusal": "bodyTooLarge"]))
                #expect(reply.headers["connection"] == "close")
            }
        }
    }

    /// A body that is longer than what may come is not asked for; that is known of each operation, and of a path that is
    /// none by the longest body of all.
    @Test(arguments: [
        ("/open", 1000, true), ("/open", 1001, false), ("/large", 5000, true), ("/large", 5001, false),
        ("/nowhere", 5000, true), ("/nowhere", 5001, false), ("/broken", 1000, true), ("/broken", 5000, true),
    ])
    func aClientThatAsksFirstIsInvitedOnlyWhenItsBodyMayCome(path: String, length: Int, isInvited: Bool) async throws {
        try await withDoors({ $0.bodyLimit = 1000 }) { listener in
            try await RawConnection.open(port: listener.port) { connection in
                try await connection.write(
                    """
                    POST \(path) HTTP/1.1\r\nHost: a\r\nContent-Type: application/json\r\nContent-Length: \(length)\r\n\
                    Connection: close\r\nExpect: 100-continue\r\n\r\n
                    """)
                let first = String(decoding: try await connection.read(through: "\r\n"), as: UTF8.self)
                #expect(first.hasPrefix("HTTP/1.1 100 Continue") == isInvited, "\(first)")
            }
        }
    }

    @Test func aClientThatSendsAHundredMegabytesGetsItsAnswer() async throws {
        try await withDoors { listener in
            let (megabyte, count) = (Data(repeating: 0x20, count: 1 << 20), 100)
            let reply = try await RawConnection.open(port: listener.port) { connection in
                try await connection.write(
                    """
                    POST /open HTTP/1.1\r\nHost: a\r\nContent-Type: application/json\r\n\
                    Content-Length: \(count << 20)\r\n\r\n
                    """)
                for _ in 0..<count { try await connection.write(megabyte) }
                return try Reply(await connection.readToEnd())
            }
            #expect(try reply.json == ["refusal": "bodyTooLarge"])
        }
    }

    @Test func aBodyThatNeverComesIsNotWaitedFor() async throws {
        try await withDoors({ $0.bodyTimeout = .milliseconds(50) }) { listener in
            let reply = try await listener.send(
                raw: Data(
                    """
                    POST /open HTTP/1.1\r\nHost: a\r\nContent-Type: application/json\r\nContent-Length: 100\r\n\r\n{"name":
                    """.utf8))
            #expect(try reply.json["refusal"]?.string?.hasPrefix("requestTooSlow") == true)
            #expect(reply.headers["connection"] == "close")
        }
    }

    @Test func aConnectionThatSaysNothingIsClosed() async throws {
        try await withDoors({ $0.headTimeout = .milliseconds(50) }) { listener in
            try await RawConnection.open(port: listener.port) { connection in
                let bytes = try await connection.readToEnd()
                #expect(bytes.isEmpty)
            }
            #expect(listener.metrics.limits[.headTime] == 1)
        }
    }
}
