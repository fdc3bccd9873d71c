import DoorSupport
import Foundation
import HTTPTypes
import Hummingbird
import JSON
import Synchronization
import Testing

@testable import HTTPEdge

/// Bodies that are handed on as they come.
struct IncomingBytesTests {
    /// Counts what comes at `/bytes`, where 100,000 bytes may.
    private static func counting(_ table: ResourceTable<KeyGate>) {
        table.add(
            "/bytes",
            .post(body: .bytes(limit: 100_000)) { call in
                let parts = Counted()
                try await call.bytes().read { parts.add($0.readableBytes) }
                return Answer(json: .integer(Int64(parts.sum)), status: .ok).response
            })
    }
    private final class Counted: Sendable {
        private let state = Mutex(0)
        func add(_ count: Int) { state.withLock { $0 += count } }
        var sum: Int { state.withLock { $0 } }
    }

    @Test func theyComeWhole() async throws {
        try await withDoors(objects: Self.counting) { listener in
            let reply = try await listener.send("POST", "/bytes", body: Data(count: 100_000))
            #expect(reply.status == 200 && reply.text == "100000")
            #expect(try await listener.send("POST", "/bytes").text == "0")
        }
    }

    @Test func moreThanAnOperationTakesIsRefusedAnnouncedOrNot() async throws {
        try await withDoors(objects: Self.counting) { listener in
            let announced = try await listener.send("POST", "/bytes", body: Data(count: 100_001))
            #expect(try announced.json == ["refusal": "bodyTooLarge"])
            let chunk = "c350\r\n" + String(repeating: "a", count: 50_000) + "\r\n"
            let chunked = try await listener.send(
                raw: Data(
                    "POST /bytes HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n\(chunk)\(chunk)\(chunk)0\r\n\r\n"
                        .utf8))
            #expect(try chunked.json == ["refusal": "bodyTooLarge"])
            #expect(listener.metrics.limits[.bodySize] == 2)
        }
    }

    @Test(arguments: ["fffffffffffffffff\r\n", "xyz\r\n"]) func whatIsNoBodyIsUnreadable(chunk: String) async throws {
        try await withDoors(objects: Self.counting) { listener in
            let reply = try await listener.send(
                raw: Data("POST /bytes HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n\(chunk)".utf8))
            #expect(try reply.json == ["refusal": "unreadable"])
        }
    }

    /// A time for all of it would have ended it long before.
    @Test func aBodyThatKeepsComingMayTakeLongerThanAnyOther() async throws {
        try await withDoors {
            $0.bodyTimeout = .milliseconds(50)
            $0.silenceTimeout = .seconds(60)
            $0.leastRate = 0
        } objects: {
            Self.counting($0)
        } _: { listener in
            let reply = try await RawConnection.open(port: listener.port) { connection in
                try await connection.write(
                    "POST /bytes HTTP/1.1\r\nHost: a\r\nConnection: close\r\nContent-Length: 5\r\n\r\n")
                for _ in 0..<5 {
                    try await connection.write("a")
                    try await Task.sleep(for: .milliseconds(40))
                }
                return try Reply(await connection.readToEnd())
            }
            #expect(reply.status == 200 && reply.text == "5")
        }
    }

    /// Of more parts than are handed on before somebody reads.
    @Test(.timeLimit(.minutes(30)), arguments: [true, false])
    func nobodyWaitsForWhoReadsNothing(fails: Bool) async throws {
        try await withDoors(objects: { table in
            table.add(
                "/watched",
                .post(body: .bytes(limit: 1 << 20)) { call in
                    try await call.patiently { _ in
                        if fails { throw KeyGate.Closed() }
                        return Response.text("unread")
                    }
                })
        }) { listener in
            let reply = try await listener.send("POST", "/watched", body: Data(count: 300_000))
            #expect(reply.status == (fails ? 403 : 200))
        }
    }

    @Test func aBodyThatFallsSilentIsGivenUp() async throws {
        try await withDoors {
            $0.silenceTimeout = .milliseconds(200)
            $0.leastRate = 0
        } objects: {
            Self.counting($0)
        } _: { listener in
            let reply = try await RawConnection.open(port: listener.port) { connection in
                try await connection.write("POST /bytes HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\n\r\nab")
                return try Reply(await connection.readToEnd())
            }
            #expect(try reply.json["refusal"]?.string?.hasPrefix("requestTooSlow") == true)
            #expect(listener.metrics.limits[.bodyTime] == 1)
        }
    }

    @Test func aBodyThatDripsIsGivenUp() async throws {
        try await withDoors {
            $0.silenceTimeout = .milliseconds(400)
            $0.leastRate = 1_000_000
        } objects: {
            Self.counting($0)
        } _: { listener in
            let reply = try await RawConnection.open(port: listener.port) { connection in
                try await connection.write("POST /bytes HTTP/1.1\r\nHost: a\r\nContent-Length: 50000\r\n\r\n")
                // Never silent for so long, and given up all the same.
                for _ in 0..<10_000 where listener.metrics.limits[.bodyTime] == 0 {
                    try await connection.write("a")
                    try await Task.sleep(for: .milliseconds(20))
                }
                return try Reply(await connection.readToEnd())
            }
            #expect(try reply.json["refusal"]?.string?.hasPrefix("requestTooSlow") == true)
        }
    }
}
