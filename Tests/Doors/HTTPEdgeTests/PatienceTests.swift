import DoorSupport
import Foundation
import HTTPTypes
import Hummingbird
import JSON
import NIOCore
import Synchronization
import Testing

@testable import HTTPEdge

/// How long clients may keep the server waiting.
struct PatienceTests {
    /// Sends a byte now and then until the server has had enough, and gives what it said.
    private func drip(_ text: String, into connection: RawConnection, of listener: RunningListener) async throws
        -> Reply
    {
        // What is sent to somebody who has gone would cost the answer.
        for byte in text.utf8 where listener.metrics.limits[.headTime] == 0 {
            do { try await connection.write(Data([byte])) } catch { break }
            try await Task.sleep(for: .milliseconds(100))
        }
        return try Reply(await connection.readToEnd())
    }
    private static let head = "GET /open HTTP/1.1\r\nHost: a\r\n" + "X: \(String(repeating: "x", count: 200))\r\n\r\n"
    private static let upgrade = "GET /jobs/1/feed HTTP/1.1\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n" + head

    @Test(arguments: [head, upgrade])
    func aHeadThatDripsIsRefusedHoweverSteadyItIs(text: String) async throws {
        try await withDoors({ $0.headTimeout = .seconds(5) }) { listener in
            let reply = try await RawConnection.open(port: listener.port) {
                try await drip(text, into: $0, of: listener)
            }
            #expect(reply.status == 400)  // by this door, whatever it is
            #expect(try reply.json["refusal"]?.string?.hasPrefix("requestTooSlow") == true)
            #expect(reply.headers["connection"] == "close" && reply.headers["luna-request-id"] != nil)
            #expect(listener.metrics.limits[.headTime] == 1)
        }
    }

    @Test func soIsALaterHeadOfAConnection() async throws {
        try await withDoors({ ($0.headTimeout, $0.idleTimeout) = (.seconds(5), .seconds(600)) }) { listener in
            let reply = try await RawConnection.open(port: listener.port) { connection in
                try await connection.write("GET /open HTTP/1.1\r\nHost: a\r\n\r\n")
                let length = try Reply(await connection.read(through: "\r\n\r\n")).headers["content-length"]
                _ = try await connection.read(count: try #require(length.flatMap { Int($0) }))
                // Between requests, silence has a bound of its own, which is longer.
                try await Task.sleep(for: .seconds(6))
                return try await drip(Self.head, into: connection, of: listener)
            }
            #expect(try reply.json["refusal"]?.string?.hasPrefix("requestTooSlow") == true)
        }
    }

    @Test func aHeadInPiecesThatComesInTimeIsAnswered() async throws {
        try await withDoors { listener in
            let reply = try await RawConnection.open(port: listener.port) { connection in
                for part in ["GET /op", "en HTTP/1.1\r\nHo", "st: a\r\nConnection: close\r\n", "\r\n"] {
                    try await connection.write(part)
                    try await Task.sleep(for: .milliseconds(10))
                }
                return try Reply(await connection.readToEnd())
            }
            #expect(reply.status == 200)
        }
    }

    @Test func aConnectionIsClosedThatAsksNothingMore() async throws {
        try await withDoors({ $0.idleTimeout = .milliseconds(50) }) { listener in
            try await RawConnection.open(port: listener.port) { connection in
                try await connection.write("GET /open HTTP/1.1\r\nHost: a\r\n\r\n")
                let reply = try Reply(await connection.readToEnd())
                #expect(reply.status == 200 && reply.headers["connection"] != "close")
            }
            #expect(listener.metrics.limits[.headTime] == 0)
        }
    }

    @Test func aClientThatTakesNothingOfItsAnswerIsGivenUp() async throws {
        let length = 64 << 20
        try await withDoors(
            { $0.writeTimeout = .milliseconds(100) },
            objects: { table in
                table.add("/huge", .get { _ in .text(String(repeating: "a", count: length)) })
            }
        ) { listener in
            try await RawConnection.open(port: listener.port) { connection in
                try await connection.write("GET /huge HTTP/1.1\r\nHost: a\r\n\r\n")
                while listener.metrics.limits[.writeTime] == 0 { try await Task.sleep(for: .milliseconds(10)) }
                let bytes = (try? await connection.readToEnd().count) ?? 0
                #expect(bytes < length)
            }
        }
    }

    /// Takes `count` parts of `bytes` bytes of an answer of 64 MiB, with a pause before each.
    /// - Parameter ahead: see `RawConnection.open`.
    /// - Returns: whether all came, and that nobody was given up; `nil` where this machine kept the reader from reading for so long
    ///   that nothing follows.
    private func takes(
        _ count: Int, of bytes: Int, every pause: Duration, ahead: Int? = nil, within timeout: Duration
    ) async throws -> Bool? {
        var (all, rest) = (true, Duration.zero)
        try await withDoors(
            { $0.writeTimeout = timeout },
            objects: { table in
                table.add("/huge", .get { _ in .text(String(repeating: "a", count: 64 << 20)) })
            }
        ) { listener in
            (all, rest) = try await RawConnection.open(port: listener.port, ahead: ahead) { connection in
                try await connection.write("GET /huge HTTP/1.1\r\nHost: a\r\n\r\n")
                _ = try await connection.read(through: "\r\n\r\n")
                var (latest, longest) = (ContinuousClock.now, Duration.zero)
                for _ in 0..<count {
                    try await Task.sleep(for: pause)
                    let came = try await connection.read(count: bytes) != nil
                    longest = max(longest, .now - latest)
                    latest = .now
                    guard came else { return (false, longest) }
                }
                return (true, longest)
            }
            all = all && listener.metrics.limits[.writeTime] == 0
        }
        return rest < timeout / 2 ? all : nil
    }

    @Test func aClientThatTakesItSlowlyGetsItAll() async throws {
        var all: Bool?
        // The whole takes longer than the bound.
        while all == nil { all = try await takes(16, of: 1 << 20, every: .seconds(1), within: .seconds(10)) }
        #expect(all == true)
    }

    @Test func soDoesOneWhoseSystemTakesNoMoreThanHeReads() async throws {
        var all: Bool?
        while all == nil {
            all = try await takes(24, of: 64 << 10, every: .milliseconds(500), ahead: 128 << 10, within: .seconds(4))
        }
        #expect(all == true)
    }

    @Test(arguments: [EventStreamEnd.left, .refused])
    func aReaderOfEventsWhoTakesNothingIsNotWaitedForAtTheEnd(reason: EventStreamEnd) async throws {
        let (hasSent, sent) = AsyncStream.makeStream(of: Void.self)
        let (refusals, refuse) = AsyncStream.makeStream(of: Void.self)
        let ends = Mutex<[EventStreamEnd]>([])
        try await withDoors(
            { $0.writeTimeout = .seconds(60) },
            objects: { table in
                table.add(
                    "/events",
                    .get { call in
                        .events(to: call.request, in: call.context) {
                            await refusals.first { _ in true } != nil
                        } stop: { end in
                            ends.withLock { $0.append(end) }
                        } serve: { send in
                            let event = ServerSentEvent(data: String(repeating: "a", count: 16 << 20))
                            while (try? await send(event)) != nil { sent.yield() }
                        }
                    })
            }
        ) { listener in
            try await RawConnection.open(port: listener.port, ahead: 64 << 10) { connection in
                try await connection.write("GET /events HTTP/1.1\r\nHost: a\r\n\r\n")
                _ = await hasSent.first { _ in true }
                if reason == .refused { refuse.yield() } else { await listener.shutDown() }
                let limits = listener.metrics.limits
                while limits.connections.load(ordering: .relaxed) > 0 { try await Task.sleep(for: .milliseconds(10)) }
                #expect(ends.withLock { $0.first } == reason && limits[.writeTime] == 0)
            }
        }
    }
}
